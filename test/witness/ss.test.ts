// The 4-tuples that the program prints, compared with those that ss(8) reads from the kernel.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';

const skip = missing('ss');

/** Local and peer address of each connection of this port that is in one of these states, as `a:p b:q`. */
function sockets(port: number, state: string): string[] {
  const table = execFileSync('ss', ['-tnH', 'state', state, `sport = :${port}`], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/).slice(2, 4).join(' '))
    .toSorted();
}

for (const mode of ['iterative', 'blocking', 'evented']) {
  it(`${mode}: ss shows the same 4-tuples`, { skip, ...LIMIT }, async () => {
    const server = await TestServer.start([`--mode=${mode}`]);
    const clients = [
      await Client.connect(server.port, { localAddress: '127.0.0.2' }),
      await Client.connect(server.port, { localAddress: '127.0.0.3' }),
    ];
    const expected = mode === 'iterative' ? 1 : 2;
    await server.count('accepted', expected);
    const told = server
      .all('accepted')
      .map(({ fourTuple: [source, from, destination, to] }) => `${destination}:${to} ${source}:${from}`);
    const seen = sockets(server.port, 'established');
    assert.deepEqual(
      seen.filter((each) => told.includes(each)),
      told.toSorted(),
    );
    assert.equal(seen.length, 2, 'the kernel has both, whether the server has accepted both or not');
    for (const client of clients) client.socket.destroy();
    await server.stop();
  });

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
    assert.deepEqual(sockets(server.port, 'established'), [tuple]);
    client.socket.destroy();
    await client.closed;
    while (!sockets(server.port, 'close-wait').includes(tuple)) await new Promise(setImmediate);
    await server.stop();
    assert.equal(server.all('closed').length, 0);
  });
}
