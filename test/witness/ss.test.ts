// The 4-tuples that the program prints, compared with those that ss(8) reads from the kernel.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS } from '../support/models.js';
import { type EventOf, TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';

const skip = missing('ss');

/** Local and peer address of each connection of this port that is in one of these states, as `a:p b:q`; then who has it. */
function sockets(port: number, state: string): string[] {
  const table = execFileSync('ss', ['-tnpH', 'state', state, `sport = :${port}`], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).slice(2).join(' '))
    .toSorted();
}

/** The same of a connection, as the program tells it: once its process has it, where it has one of its own. */
async function told(server: TestServer, { connection, fourTuple, fd }: EventOf<'accepted'>): Promise<string> {
  const own = server.listening.mode === 'processes';
  const holder = own ? await server.first('blocked', (each) => each.connection === connection) : { fd };
  const [source, from, destination, to] = fourTuple;
  return `${destination}:${to} ${source}:${from} pid=${'pid' in holder ? holder.pid : server.pid},fd=${holder.fd}`;
}

for (const [model, flags] of Object.entries(MODELS)) {
  it(`${model}: ss shows the same 4-tuples, in the same process and by the same descriptor`, {
    skip,
    ...LIMIT,
  }, async () => {
    const server = await TestServer.start(flags);
    const clients = [
      await Client.connect(server.port, { localAddress: '127.0.0.2' }),
      await Client.connect(server.port, { localAddress: '127.0.0.3' }),
    ];
    await server.count('accepted', model === 'iterative' ? 1 : 2);
    const all = await Promise.all(server.all('accepted').map((event) => told(server, event)));
    const seen = sockets(server.port, 'established');
    assert.equal(seen.length, 2, 'the kernel has both, whether the server has accepted both or not');
    const held = seen.filter((each) => each.includes('users:'));
    assert.deepEqual(
      held.map((each) => each.replace(/users:\(\("[^"]+",(.*)\)\)/, '$1')),
      all.toSorted(),
    );
    for (const client of clients) client.socket.destroy();
    await server.stop();
  });
}

for (const mode of ['iterative', 'blocking', 'evented']) {
  it(`${mode}: with --keep-open ss shows ESTABLISHED after the reply, and CLOSE-WAIT once the client has closed`, {
    skip,
    ...LIMIT,
  }, async () => {
    const server = await TestServer.start([`--mode=${mode}`, '--keep-open']);
    const client = await Client.connect(server.port);
    client.send(get('/'));
    await client.until('Hello, world!');
    await server.first('left-open');
    const tuple = `127.0.0.1:${server.port} 127.0.0.1:${client.port}`;
    assert.deepEqual(
      sockets(server.port, 'established').map((each) => each.split(' users:')[0]),
      [tuple],
    );
    client.socket.destroy();
    await client.closed;
    while (!sockets(server.port, 'close-wait').some((each) => each.startsWith(tuple)))
      await new Promise(setImmediate);
    await server.stop();
    assert.equal(server.all('closed').length, 0);
  });
}
