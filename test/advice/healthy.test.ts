// The rules are silent where nothing is wrong: on servers that others wrote, on the small ones without their faults, and on our
// own models, whatever clients do.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Adviser } from '../../src/advice/adviser.js';
import type { EventOf, LifecycleEvent } from '../../src/lifecycle/events.js';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS } from '../support/models.js';
import { TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';
import { everyKind } from './clients.js';
import { compiled, Watched } from './watched.js';

/** Longer than any rule waits, in microseconds. */
const LONG_US = 4e6;

/** Nearly all of it is waiting, so all of them run at once. */
const AT_ONCE = { concurrency: 16, ...LIMIT };
const NEEDS = { skip: missing('strace') || missing('gcc') || missing('python3'), ...AT_ONCE };

const threaded = `
import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip(): pass
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n" + b"." * 2_000_000)
class Server(socketserver.MIXIN, socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 128
Server(("127.0.0.1", 0), Handler).serve_forever()`;

const node = "require('node:http').createServer((q, r) => r.end('.'.repeat(2e6))).listen(0, '127.0.0.1')";

const advice = (events: readonly LifecycleEvent[]): string[] =>
  events
    .filter((event): event is EventOf<'advice'> => event.event === 'advice')
    .map(({ happened }) => happened);

/** What the rules say of a server that told its events itself. */
const judged = (events: readonly LifecycleEvent[]): LifecycleEvent[] => new Adviser().take(events);

const OURS = ['blocking', 'pool', 'processes, prefork', 'evented, edge-triggered', 'completion'] as const;

describe('no advice', AT_ONCE, () => {
  describe('watched', NEEDS, () => {
    const { loop = '', blocking = '' } = NEEDS.skip ? {} : compiled(['loop', 'blocking']);
    const servers: readonly [name: string, command: readonly string[], together: boolean, big?: string][] = [
      ['one loop on epoll, in C', [loop, '0'], true, '/big'],
      ['one client after the other, in C, with signals', [blocking, '0', 'eintr'], false],
      ['a thread each, in Python', ['python3', '-c', threaded.replace('MIXIN', 'ThreadingMixIn')], true],
      ['a process each, in Python', ['python3', '-c', threaded.replace('MIXIN', 'ForkingMixIn')], true],
      ['node:http', [process.execPath, '-e', node], true],
    ];
    for (const [name, command, together, big] of servers) {
      it(name, LIMIT, async () => {
        const watched = new Watched(command);
        const port = await watched.port();
        await everyKind(port, () => (watched.events.at(-1)?.at ?? 0) > LONG_US, together, big);
        await watched.stop();
        assert.deepEqual(advice(watched.events), []);
      });
    }
  });

  describe('our own models', AT_ONCE, () => {
    for (const name of OURS) {
      it(name, LIMIT, async () => {
        const server = await TestServer.start([...MODELS[name], '--idle-timeout=1', '--head-timeout=2']);
        const now = (): number => server.events.at(-1)!.at;
        await everyKind(
          server.port,
          () => now() > LONG_US,
          name !== 'processes, prefork',
          '/bytes?count=4000000',
        );
        await server.stop();
        assert.deepEqual(advice(judged(server.events)), []);
      });
    }
  });
});

it(
  'the iterative model sleeps for one client while others wait: that is what is wrong with it',
  LIMIT,
  async () => {
    const server = await TestServer.start(['--mode=iterative', '--head-timeout=2']);
    const silent = await Client.connect(server.port);
    await server.connectionFrom(silent.port);
    const others = await Promise.all([Client.connect(server.port), Client.connect(server.port)]);
    for (const client of others) client.send(get('/'));
    await Promise.all(others.map((client) => client.rest()));
    await server.stop();
    const [found, ...more] = advice(judged(server.events));
    assert.match(
      found!,
      /^thread server slept in recv on fd \d+ for [\d.]+ s, for #1 alone, while \d clients? waited$/,
    );
    assert.deepEqual(more, []);
  },
);
