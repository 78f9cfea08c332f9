// A recording made now, by the strace of this machine: the events against its raw lines and against the clients' own
// 4-tuples, read without our parser.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import { CallReader } from '../../../src/sources/strace/calls.js';
import { Translator } from '../../../src/sources/strace/translator.js';
import { TRACED } from '../../../src/sources/strace/waits.js';
import { spawn, temporaryFolder, whenTestsEnd } from '../../support/cleanup.js';
import { Client } from '../../support/client.js';
import { LIMIT } from '../../support/limit.js';
import { missing } from '../../support/tools.js';

const SERVER = `
import socketserver, sys
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(100): self.request.sendall(data)
class Server(socketserver.KINDMixIn, socketserver.TCPServer):
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], server.socket.fileno(), __import__("os").getpid(), flush=True)
server.serve_forever()
`;

for (const kind of ['Threading', 'Forking']) {
  it(`a server of Python's ${kind}MixIn: events agree with strace's lines and with the clients`, {
    skip: missing('strace') || missing('python3'),
    ...LIMIT,
  }, async () => {
    const file = join(temporaryFolder(), 'strace');
    const options = ['-f', '-q', '-yy', '-ttt', '-T', '-s', '512', '-o', file];
    const trace = ['-e', `trace=${TRACED.map((name) => `?${name}`).join(',')}`];
    const server = ['python3', '-c', SERVER.replace('KIND', kind)];
    const child = spawn('strace', [...options, ...trace, ...server], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [said] = await once(child.stdout!, 'data');
    const [port, , pid] = String(said).split(' ').map(Number) as [number, number, number];
    const isOver = whenTestsEnd(() => process.kill(pid, 'SIGKILL'));
    const tuples: string[] = [];
    for (const text of ['a', 'bcd', 'efghij']) {
      const client = await Client.connect(port);
      const { socket } = client;
      tuples.push(`${[socket.localAddress, socket.localPort, socket.remoteAddress, socket.remotePort]}`);
      client.send(text);
      await client.until(text);
      socket.end();
      await client.rest();
    }
    // A client sees the end before the server has closed its own side.
    const closes = new RegExp(
      `close\\(\\d+<TCP:\\[127.0.0.1:${port}->.*:${tuples.at(-1)!.split(',')[1]}\\]>`,
      'g',
    );
    const holders = kind === 'Forking' ? 2 : 1;
    while ((readFileSync(file, 'utf8').match(closes)?.length ?? 0) < holders)
      await new Promise((resolve) => setTimeout(resolve, 5));
    process.kill(pid, 'SIGTERM');
    await once(child, 'close');
    isOver();

    const raw = readFileSync(file, 'utf8');
    const events: LifecycleEvent[] = [];
    const translator = new Translator({ onEvent: (event) => events.push(event), onListening: () => {} });
    const reader = new CallReader();
    for (const traced of reader.take(raw)) translator.take(traced);
    assert.equal(reader.unknown, 0);

    const accepted = events.filter((event) => event.event === 'accepted');
    assert.deepEqual(
      accepted.map(({ fourTuple }) => `${fourTuple}`),
      tuples,
    );
    for (const { fd, fourTuple } of accepted) {
      const [address, port, own, ownPort] = fourTuple;
      const shown = `= ${fd}<TCP:[${own}:${ownPort}->${address}:${port}]>`;
      assert.ok(raw.includes(shown), shown);
    }
    // Each echoes all it got; the thread or process that served it is the one in strace's lines.
    const received = events.filter((event) => event.event === 'received');
    assert.deepEqual(
      received.map(({ bytes }) => bytes),
      [1, 3, 6],
    );
    for (const { tid, connection } of received) {
      const [, port] = accepted.find((event) => event.connection === connection)!.fourTuple;
      assert.match(raw, new RegExp(`^${tid} .*recvfrom\\(\\d+<TCP:\\[.*:${port}\\]>`, 'm'));
    }
    const closed = events.filter((event) => event.event === 'closed');
    assert.deepEqual(
      closed.map(({ connection, reason }) => [connection, reason]),
      [
        [1, 'peer-closed'],
        [2, 'peer-closed'],
        [3, 'peer-closed'],
      ],
    );
    const each = kind === 'Threading' ? 'a thread each' : 'a process each';
    assert.equal(translator.detective.verdict?.model, each);
  });
}
