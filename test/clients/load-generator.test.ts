// The load generator counts what a server does, no more and no less: beside the servers' own events, and with servers that
// answer in pieces, late, wrongly, twice or not at all.

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { generateLoad } from '../../src/clients/load-generator.js';
import { HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS } from '../support/models.js';
import { TestServer } from '../support/server.js';
import { onRequest, type SmallServer, smallServer } from '../support/small-server.js';

/** The reply of a server that keeps its connections. */
const KEPT = HELLO.replace('Connection: close\r\n', '');
const REQUESTS = 12;
const CONNECTIONS = 3;

for (const name of ['iterative', 'blocking', 'evented', 'completion'] as const) {
  const flags = MODELS[name];
  test(`${name}: as many requests as the server's own events tell`, LIMIT, async (t) => {
    for (const keepAlive of [true, false]) {
      const server = await TestServer.start([...flags, ...(keepAlive ? ['--keep-alive'] : [])]);
      t.after(() => server.stop());
      const where = { address: '127.0.0.1', port: server.port };
      const byNumber = await generateLoad(where, { connections: 4, keepAlive, requests: 100 });
      const byTime = await generateLoad(where, { connections: 4, keepAlive, seconds: 0.3 });
      for (const { answered, failed, latency } of [byNumber, byTime])
        assert.deepEqual([failed, latency!.count], [0, answered]);
      await server.stop();
      const { requests } = await server.first('stopped');
      assert.deepEqual([byNumber.answered, byNumber.answered + byTime.answered], [100, requests]);
      assert.equal(server.all('accepted').length, keepAlive ? 8 : requests);
    }
  });
}

/** Serves each request by `answer`, which is told how many it has had before. */
async function served(
  t: { after(clean: () => void): void },
  answer: (socket: Socket, before: number) => void,
): Promise<SmallServer & { requests: number; connections: number }> {
  const seen = { requests: 0, connections: 0 };
  const server = await smallServer((socket) => {
    seen.connections++;
    socket.on('end', () => socket.end());
    onRequest(socket, () => answer(socket, seen.requests++));
  });
  t.after(() => server.close());
  return Object.assign(seen, server);
}

const inPieces = (socket: Socket, pieces: readonly string[]): void => {
  const [piece, ...others] = pieces;
  if (piece === undefined) return;
  socket.write(piece, 'latin1', () => setImmediate(() => inPieces(socket, others)));
};

describe('all are answered by a server that', () => {
  const answers: Record<string, (socket: Socket, before: number) => void> = {
    'answers at once': (socket) => socket.write(KEPT),
    'answers byte by byte': (socket) => inPieces(socket, [...KEPT]),
    'answers now in one piece and now in two': (socket, before) =>
      before % 2 === 0 ? socket.write(KEPT) : inPieces(socket, [KEPT.slice(0, 40), KEPT.slice(40)]),
    'answers something else each time': (socket, before) =>
      socket.write(KEPT.replace('Content-Type', `X-Date: ${'.'.repeat(before)}\r\nContent-Type`)),
    'answers more than one read takes': (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`),
  };
  for (const [what, answer] of Object.entries(answers)) {
    test(what, LIMIT, async (t) => {
      const server = await served(t, answer);
      const options = { connections: CONNECTIONS, keepAlive: true, requests: REQUESTS };
      const { answered, failures } = await generateLoad(server.where, options);
      assert.deepEqual([answered, failures], [REQUESTS, {}]);
      assert.deepEqual([server.requests, server.connections], [REQUESTS, CONNECTIONS]);
    });
  }

  const closing: Record<string, (socket: Socket) => void> = {
    'says that it closes, and does': (socket) => socket.end(HELLO),
    'ends its reply by closing': (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nHello'),
  };
  for (const [what, answer] of Object.entries(closing)) {
    test(what, LIMIT, async (t) => {
      const server = await served(t, answer);
      const options = { connections: CONNECTIONS, keepAlive: true, requests: REQUESTS };
      const { answered, failures } = await generateLoad(server.where, options);
      assert.deepEqual([answered, failures], [REQUESTS, {}]);
      assert.ok(server.connections >= REQUESTS, 'a connection each');
    });
  }
});

describe('what fails is counted once and by its kind:', () => {
  const answers: Record<string, [outcome: string, (socket: Socket) => void]> = {
    'a server that closes without a word': ['closed without a reply', (socket) => socket.end()],
    'a reply that is cut short': ['closed without a reply', (socket) => socket.end(KEPT.slice(0, -1))],
    'a reset': ['reset', (socket) => socket.resetAndDestroy()],
    'two replies in one piece': ['more than a reply', (socket) => socket.write(KEPT + KEPT)],
    'a length that is too small': [
      'more than a reply',
      (socket) => socket.write(KEPT.replace('Content-Length: 13', 'Content-Length: 12')),
    ],
    'a length that is too large': [
      'no reply in time',
      (socket) => socket.write(KEPT.replace('Content-Length: 13', 'Content-Length: 14')),
    ],
    silence: ['no reply in time', () => {}],
    'another protocol': ['not an HTTP reply', (socket) => socket.write('220 mail\r\n\r\n')],
    'another status': ['not status 200', (socket) => socket.write(KEPT.replace('200 OK', '503 Busy'))],
  };
  for (const [what, [outcome, answer]] of Object.entries(answers)) {
    test(what, LIMIT, async (t) => {
      const server = await served(t, answer);
      const waits = outcome === 'no reply in time';
      const requests = waits ? CONNECTIONS : REQUESTS;
      const { answered, failed, failures, latency } = await generateLoad(server.where, {
        connections: CONNECTIONS,
        keepAlive: true,
        requests,
        ...(waits ? { patienceMs: 1_000 } : {}),
      });
      assert.deepEqual([answered, failures], [0, { [outcome]: requests }]);
      assert.deepEqual([failed, latency, server.requests], [requests, undefined, requests]);
    });
  }

  test('a server that is gone', LIMIT, async () => {
    const server = await smallServer(() => {});
    server.close();
    const options = { connections: CONNECTIONS, keepAlive: true, requests: REQUESTS };
    const { failures } = await generateLoad(server.where, options);
    assert.deepEqual(failures, { refused: REQUESTS });
  });

  test('one failure among answers, on whose connection nobody asks again', LIMIT, async (t) => {
    const server = await served(t, (socket, before) => socket.write(before === 5 ? KEPT + KEPT : KEPT));
    const options = { connections: 1, keepAlive: true, requests: REQUESTS };
    const { answered, failures } = await generateLoad(server.where, options);
    assert.deepEqual([answered, failures], [REQUESTS - 1, { 'more than a reply': 1 }]);
    assert.equal(server.connections, 2);
  });
});

test('a server that answers twice is not counted twice', LIMIT, async (t) => {
  const server = await served(t, (socket) => inPieces(socket, [KEPT, KEPT]));
  const options = { connections: CONNECTIONS, keepAlive: true, requests: REQUESTS };
  const { answered, failed } = await generateLoad(server.where, options);
  assert.equal(answered + failed, REQUESTS);
});

test('each connection has one request at a time, and always one', LIMIT, async (t) => {
  const waiting: Socket[] = [];
  const server = await served(t, (socket) => {
    assert.ok(!waiting.includes(socket));
    if (waiting.push(socket) < CONNECTIONS) return;
    for (const each of waiting.splice(0)) each.write(KEPT);
  });
  const options = { connections: CONNECTIONS, keepAlive: true, requests: REQUESTS };
  assert.equal((await generateLoad(server.where, options)).answered, REQUESTS);
});

test('a latency is from the request to the last byte of its reply, in microseconds', LIMIT, async (t) => {
  const server = await served(t, (socket) => {
    socket.write(KEPT.slice(0, -1));
    setTimeout(() => socket.write(KEPT.slice(-1)), 50);
  });
  const { latency } = await generateLoad(server.where, { connections: 1, keepAlive: true, requests: 3 });
  assert.equal(latency!.count, 3);
  assert.ok(latency!.p50 >= 49_000 && latency!.p50 <= latency!.max, JSON.stringify(latency));
});

test('requests of the first seconds are sent and not counted', LIMIT, async (t) => {
  const server = await served(t, (socket, before) => socket.write(before === 3 ? KEPT + KEPT : KEPT));
  const options = { connections: CONNECTIONS, keepAlive: true, requests: REQUESTS, settleSeconds: 600 };
  const { answered, failed } = await generateLoad(server.where, options);
  assert.deepEqual([server.requests, answered, failed], [REQUESTS, 0, 0]);
});

test(
  'an end before its time leaves no connection, and counts no request that was under way',
  LIMIT,
  async (t) => {
    const until = new AbortController();
    const closed: Promise<void>[] = [];
    const server = await served(t, (socket, before) => {
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
      if (before === CONNECTIONS - 1) until.abort();
    });
    const options = { connections: CONNECTIONS, keepAlive: true, seconds: 600 };
    const { answered, failed } = await generateLoad(server.where, options, until.signal);
    assert.deepEqual([answered, failed, closed.length], [0, 0, CONNECTIONS]);
    await Promise.all(closed);
    const late = await generateLoad(server.where, options, until.signal);
    assert.equal(late.answered, 0, 'nor does one that is over before it begins');
  },
);
