// One client against servers that are polite, slow, rude or gone.

import assert from 'node:assert/strict';
import { it as test } from 'node:test';
import { Client, type ClientOptions } from '../../src/clients/client.js';
import type { Moment } from '../../src/clients/events.js';
import { systemCallsUnavailable } from '../../src/posix/platform.js';
import { HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { onRequest, type SmallServer, smallServer } from '../support/small-server.js';

const noStates = systemCallsUnavailable() ?? false;
const stateOf = noStates ? undefined : (await import('../../src/net/tcp-state.js')).openTcpStates();

function it(title: string, ...how: [() => Promise<void>] | [object, () => Promise<void>]): void {
  const [options, behave] = how.length === 1 ? [{}, how[0]] : how;
  test(title, { ...LIMIT, ...options }, behave);
}

const KEPT = HELLO.replace('Connection: close\r\n', '');
const hello = () => smallServer((socket) => onRequest(socket, () => socket.end(HELLO)));

/** A client of it, and what it tells. */
function clientOf({ where }: SmallServer, options: ClientOptions = {}) {
  const told: Moment[] = [];
  const client = new Client(where, { ...options, tell: (moment) => told.push(moment) });
  const names = (): string[] => told.map(({ event }) => event);
  return { client, told, names };
}

it('is answered, and tells its story in order', async () => {
  const server = await hello();
  const { client, told, names } = clientOf(server);
  const { outcome, status, body, bytes } = await client.ask('/some?path');
  assert.deepEqual([outcome, status, body, bytes], ['answered', 200, 'Hello, world!', 13]);
  await client.peerClosed;
  await client.close('peer-closed');
  assert.deepEqual(names(), ['connecting', 'connected', 'sent', 'received', 'peer-closed', 'closed']);
  const sent = told.find((moment) => moment.event === 'sent');
  assert.match(
    sent!.text,
    /^GET \/some\?path HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nConnection: close\r\n\r\n$/,
  );
  const closed = told.find((moment) => moment.event === 'closed');
  assert.deepEqual(
    { ...closed, durationUs: 0 },
    {
      event: 'closed',
      reason: 'peer-closed',
      durationUs: 0,
      bytesIn: HELLO.length,
      bytesOut: sent!.bytes,
      requests: 1,
    },
  );
  server.close();
});

it('has its own address as the source of its 4-tuple, and the port that was asked for', async () => {
  const sources: unknown[] = [];
  const server = await smallServer((socket) => sources.push(socket.remoteAddress, socket.remotePort));
  const { client } = clientOf(server, { from: { address: '127.0.0.9' } });
  assert.equal(await client.connected, undefined);
  await client.close();
  const port = client.fourTuple![1];
  assert.deepEqual(client.fourTuple, ['127.0.0.9', port, '127.0.0.1', server.port]);
  const again = clientOf(server, { from: { address: '127.0.0.10', port } }).client;
  assert.equal(await again.connected, undefined);
  assert.deepEqual(again.fourTuple, ['127.0.0.10', port, '127.0.0.1', server.port]);
  await again.close();
  assert.deepEqual(sources.slice(0, 2), ['127.0.0.9', port]);
  server.close();
});

it('takes a reply in pieces', async () => {
  let sendOn = (): void => {};
  const pieces = [HELLO.slice(0, 5), HELLO.slice(5, 100), HELLO.slice(100)];
  const server = await smallServer((socket) => {
    sendOn = () => socket.write(pieces.shift()!);
    onRequest(socket, sendOn);
  });
  const client = new Client(server.where, {
    tell: ({ event }) => {
      if (event === 'received' && pieces.length > 0) sendOn();
    },
  });
  assert.equal((await client.ask('/')).body, 'Hello, world!');
  await client.close();
  server.close();
});

it('asks again on the same connection where it is kept', async () => {
  let connections = 0;
  const server = await smallServer((socket) => {
    connections++;
    onRequest(socket, (head) => socket.write(head.includes('keep-alive') ? KEPT : HELLO));
  });
  const { client } = clientOf(server);
  assert.equal((await client.ask('/', { keepAlive: true })).outcome, 'answered');
  assert.equal((await client.ask('/')).outcome, 'answered');
  assert.equal(connections, 1);
  await client.close();
  server.close();
});

it('keeps its own side open when the server closes, until it is told to', { skip: noStates }, async () => {
  let onServerClosed = (): void => {};
  const serverClosed = new Promise<void>((resolve) => {
    onServerClosed = resolve;
  });
  const server = await smallServer((socket) => {
    onRequest(socket, () => socket.end(HELLO));
    socket.on('close', onServerClosed);
  });
  const { client, names } = clientOf(server);
  await client.ask('/');
  await client.peerClosed;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stateOf!(client.fourTuple!), 'CLOSE_WAIT', 'no FIN went out by itself');
  assert.equal(names().includes('closed'), false);
  await client.close();
  await serverClosed;
  server.close();
});

for (const [what, behave, outcome, moment] of [
  ['closes at once', (end: () => void) => end(), 'closed without a reply', 'peer-closed'],
  ['resets', (_end: () => void, reset: () => void) => reset(), 'reset', 'reset'],
] as const) {
  it(`tells it where the server ${what}`, async () => {
    const server = await smallServer((socket) =>
      onRequest(socket, () =>
        behave(
          () => socket.end(),
          () => socket.resetAndDestroy(),
        ),
      ),
    );
    const { client, names } = clientOf(server);
    assert.equal((await client.ask('/')).outcome, outcome);
    assert.ok(names().includes(moment), names().join());
    await client.close();
    assert.equal((await client.ask('/')).outcome, outcome, 'and no more is asked');
    server.close();
  });
}

it('a reset that comes with the reply is not a close', { skip: noStates }, async () => {
  const server = await smallServer((socket) =>
    onRequest(socket, () => {
      socket.write(HELLO);
      socket.resetAndDestroy();
    }),
  );
  const { client, told, names } = clientOf(server, { stateOf });
  assert.equal((await client.ask('/')).outcome, 'answered');
  await client.peerClosed;
  await client.close();
  assert.deepEqual(names(), ['connecting', 'connected', 'sent', 'received', 'reset', 'closed']);
  assert.equal(client.failure?.outcome, 'reset');
  assert.ok(told.some((moment) => moment.event === 'closed' && moment.reason === 'reset'));
  server.close();
});

it('a reply that is cut short is none', async () => {
  const server = await smallServer((socket) => onRequest(socket, () => socket.end(HELLO.slice(0, -1))));
  const { client } = clientOf(server);
  const { outcome, status, bytes } = await client.ask('/');
  assert.deepEqual([outcome, status, bytes], ['closed without a reply', 200, 12]);
  await client.close();
  server.close();
});

it('something else than HTTP is told from silence', async () => {
  const server = await smallServer((socket) => onRequest(socket, () => socket.end('Hello, world!')));
  const { client } = clientOf(server);
  const { outcome, body } = await client.ask('/');
  assert.deepEqual([outcome, body], ['not an HTTP reply', 'Hello, world!']);
  await client.close();
  server.close();
});

it('where nobody listens it is refused', async () => {
  const server = await hello();
  server.close();
  const { client, names } = clientOf(server);
  assert.equal(await client.connected, 'refused');
  assert.equal((await client.ask('/')).outcome, 'refused');
  assert.deepEqual(names(), ['connecting', 'refused', 'closed']);
});

it('from an address that is not of this machine it does not even begin', async () => {
  const server = await hello();
  const { client, told } = clientOf(server, { from: { address: '192.0.2.1' } });
  assert.equal(await client.connected, 'no address');
  assert.deepEqual(client.failure, { outcome: 'no address', call: 'bind', errno: 'EADDRNOTAVAIL' });
  assert.deepEqual(told[1], { event: 'failed', call: 'bind', errno: 'EADDRNOTAVAIL' });
  server.close();
});

it('no two connections have the same 4-tuple', async () => {
  const server = await smallServer(() => {});
  const { client } = clientOf(server);
  await client.connected;
  const port = client.fourTuple![1];
  const twin = clientOf(server, { from: { address: '127.0.0.1', port } }).client;
  assert.equal(await twin.connected, 'no address');
  await client.close();
  server.close();
});

it('loses its patience with a server that says nothing', async () => {
  const server = await smallServer(() => {});
  const { client, told } = clientOf(server, { patienceMs: 500 }); // it covers the connect too
  assert.equal((await client.ask('/')).outcome, 'no reply in time');
  assert.deepEqual(told.at(-1), { event: 'timed-out', waitingFor: 'reply', seconds: 0.5 });
  await client.close('timed-out');
  server.close();
});

it('closed in the middle of everything, nothing waits for it', async () => {
  const server = await smallServer(() => {});
  const { client } = clientOf(server);
  const asking = client.ask('/');
  await client.close('stopping'); // before it is connected
  assert.equal((await asking).outcome, 'closed without a reply');
  const other = clientOf(server).client;
  const answer = other.ask('/');
  await other.connected;
  await other.close('stopping');
  assert.equal((await answer).outcome, 'closed without a reply');
  server.close();
});

it('sends a byte at a time, and stops when it is answered before the end', async () => {
  const server = await smallServer((socket) => {
    let heard = 0;
    socket.on('data', (bytes) => {
      const before = heard;
      heard += bytes.length;
      if (Math.floor(before / 10) < Math.floor(heard / 10)) socket.write(KEPT);
    });
  });
  const { client, told } = clientOf(server);
  const sent = (): string[] => told.flatMap((moment) => (moment.event === 'sent' ? [moment.text] : []));
  assert.equal((await client.ask('/first', { sendEveryMs: 2 })).outcome, 'answered');
  const first = sent().length;
  assert.equal((await client.ask('/second', { sendEveryMs: 2 })).outcome, 'answered');
  assert.ok(sent().every((text) => text.length === 1));
  assert.match(sent().slice(0, first).join(''), /^GET \/first/);
  assert.match(
    'GET /second HTTP/1.1',
    new RegExp(`^${sent().slice(first).join('')}`),
    'none of the first between',
  );
  await client.close();
  server.close();
});

it('reads so many bytes at a time, and lets the others wait in the kernel', async () => {
  const body = 'x'.repeat(1_000);
  const reply = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const server = await smallServer((socket) => onRequest(socket, () => socket.end(reply)));
  const { client, told } = clientOf(server, { read: { bytes: 100, everyMs: 1 } });
  const { outcome, bytes } = await client.ask('/');
  assert.deepEqual([outcome, bytes], ['answered', 1_000]);
  const reads = told.flatMap((moment) => (moment.event === 'received' ? [moment.bytes] : []));
  assert.deepEqual([Math.max(...reads), reads.reduce((a, b) => a + b)], [100, reply.length]);
  await client.peerClosed;
  await client.close();
  server.close();
});

it('ends with a reset where it is told to', async () => {
  let code: string | undefined;
  const server = await smallServer((socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
  });
  const { client, told } = clientOf(server);
  await client.connected;
  await client.close('replied', true);
  const last = told.at(-1);
  assert.ok(last?.event === 'closed' && last.withReset);
  while (code === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(code, 'ECONNRESET');
  server.close();
});
