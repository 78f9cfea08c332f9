// What the completion server asks the kernel to do, and what it makes of the answers: the ordinary ones and the rare ones.
// Stands beside src/models/completion/.

import assert from 'node:assert/strict';
import { type TestContext, it as test } from 'node:test';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import { ServerState } from '../../../src/lifecycle/state.js';
import { ask, Client, get, HELLO } from '../../support/client.js';
import { LIMIT } from '../../support/limit.js';
import { TestServer } from '../../support/server.js';

const it = (title: string, behave: (t: TestContext) => Promise<void>) => test(title, LIMIT, behave);

async function start(t: TestContext, flags: readonly string[] = []): Promise<TestServer> {
  const server = await TestServer.start(['--mode=completion', ...flags]);
  t.after(() => server.stop());
  return server;
}

/** What was asked for and what was done for a connection, in order: `recv`, `recv = 18`, `send, then`, `recv = ECANCELED`. */
function operations(events: readonly LifecycleEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.event === 'submitted')
      return [`${event.operation}${event.goesOn ? ' again and again' : ''}${event.linked ? ', then' : ''}`];
    if (event.event === 'completed')
      return [`${event.operation} = ${event.errno ?? event.result}${event.goesOn ? ', goes on' : ''}`];
    return [];
  });
}

/** Asks, and gives the operations of that connection once it is closed. */
async function operationsOf(server: TestServer, request: string): Promise<string[]> {
  const client = await Client.connect(server.port);
  client.send(request);
  await client.rest();
  const { connection } = await server.connectionFrom(client.port);
  await server.first('closed', (event) => event.connection === connection);
  return operations(server.of(connection));
}

const LAST = 'Connection: close\r\n';

it('a client that sends no more: the close is asked for with the send, and begins when all is sent', async (t) => {
  const request = get('/', LAST);
  assert.deepEqual(await operationsOf(await start(t), request), [
    'getsockopt',
    'recv',
    'getsockopt = 16',
    `recv = ${request.length}`,
    'send, then',
    'close',
    `send = ${HELLO.length}`,
    'close = 0',
  ]);
});

it('a client that may send more: what it has sent is looked at between the send and the close', async (t) => {
  const story = await operationsOf(await start(t), get('/'));
  assert.deepEqual(story.slice(-6), [
    'send, then',
    'siocinq',
    `send = ${HELLO.length}`,
    'siocinq = 0',
    'close',
    'close = 0',
  ]);
});

it('with --keep-alive one recv serves all requests, and is cancelled before the close', async (t) => {
  const server = await start(t, ['--keep-alive']);
  const client = await Client.connect(server.port);
  for (let i = 1; i <= 3; i++) {
    client.send(get('/'));
    await server.count('sent', i);
  }
  client.send(get('/', LAST));
  await client.rest();
  const { connection } = await server.first('closed');
  const story = operations(server.of(connection));
  assert.equal(story.filter((each) => each === 'recv again and again').length, 1);
  assert.equal(story.filter((each) => /^recv = \d+, goes on$/.test(each)).length, 4);
  await server.first('completed', ({ operation, errno }) => operation === 'recv' && errno === 'ECANCELED');
});

it('sleeping is an operation, which a stop cancels', async (t) => {
  const server = await start(t);
  const client = await Client.connect(server.port);
  client.send(get('/sleep?ms=10000'));
  await server.first('submitted', ({ operation }) => operation === 'timeout');
  await server.stop();
  assert.equal(await client.rest(), '');
  const [timeout] = server.all('completed').filter(({ operation }) => operation === 'timeout');
  assert.equal(timeout!.errno, 'ECANCELED');
  assert.equal(server.all('closed')[0]!.reason, 'stopping');
});

it('a client accepted just before a stop is reported and closed', async (t) => {
  const server = await start(t, ['--max-ms=600000']);
  const clients = [await Client.connect(server.port), await Client.connect(server.port)] as const;
  await server.count('accepted', 2);
  clients[0].send(get('/compute?ms=300'));
  await server.count('request', 1); // from here on the loop computes: what comes now is done in one turn
  await Client.connect(server.port);
  clients[1].send(get('/compute?ms=600000'));
  await server.count('request', 2);
  await server.stop();
  const ids = (name: 'accepted' | 'closed'): number[] =>
    server
      .all(name)
      .map((event) => event.connection)
      .sort();
  assert.deepEqual(
    [ids('accepted'), ids('closed')],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
});

it('each accepted socket comes from one accept that goes on', async (t) => {
  const server = await start(t);
  for (let i = 0; i < 3; i++) assert.equal(await ask(server.port, get('/')), HELLO);
  await server.count('accepted', 3);
  const accepts = operations(server.events).filter((each) => each.startsWith('accept'));
  assert.equal(accepts[0], 'accept again and again');
  assert.deepEqual(
    accepts.slice(1).map((each) => /goes on$/.test(each)),
    [true, true, true],
  );
});

it('what a client sends while it is answered is received once, and the rest waits in the kernel', async (t) => {
  const server = await start(t, ['--keep-alive']);
  const client = await Client.connect(server.port);
  client.send(get('/sleep?ms=400'));
  await server.first('submitted', ({ operation }) => operation === 'timeout');
  client.send(get('/nowhere'));
  await server.count('received', 2);
  await server.first('submitted', ({ operation }) => operation === 'cancel');
  await server.first('completed', ({ operation, errno }) => operation === 'recv' && errno === 'ECANCELED');
  client.send(get('/', LAST));
  const statuses = [...(await client.rest()).matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
  assert.deepEqual(statuses, ['200', '404', '200']);
  await server.first('closed');
  const inOrder = server.events
    .map(({ event }) => event)
    .filter((name) => name === 'received' || name === 'sent');
  assert.deepEqual(inOrder.slice(0, 5), ['received', 'received', 'sent', 'sent', 'received']);
});

it('clients send more at once than there are buffers: recv gives ENOBUFS, is asked for again, and all are answered', async (t) => {
  const server = await start(t, ['--keep-alive', '--max-head=1048576']);
  const clients = await Promise.all(Array.from({ length: 40 }, () => Client.connect(server.port)));
  await server.count('accepted', 40);
  const busy = await Client.connect(server.port);
  busy.send(get('/compute?ms=1000', LAST));
  await server.first('request');
  const long = get('/', `X: ${'b'.repeat(120_000)}\r\n${LAST}`);
  for (const client of clients) client.send(long);
  for (const client of clients) assert.match(await client.rest(), /Hello, world!$/);
  await server.first('completed', ({ operation, errno }) => operation === 'recv' && errno === 'ENOBUFS');
});

it('a reply that the client does not take is sent in parts, and the send in flight is cancelled at the time limit', async (t) => {
  const server = await start(t, ['--send-timeout=0.5']);
  const client = await Client.connect(server.port);
  client.socket.pause();
  client.send(get('/bytes?count=50000000'));
  const { connection, reason } = await server.first('closed');
  assert.equal(reason, 'timed-out');
  const story = operations(server.of(connection));
  assert.ok(story.filter((each) => /^send = \d+$/.test(each)).length > 1, story.join('; '));
  assert.ok(story.includes('cancel'), story.join('; '));
  client.socket.resume();
  await client.ended;
  assert.equal(await ask(server.port, get('/')), HELLO);
});

it('what is in flight is known at every moment: nothing for a connection that is closed, the accept for the listener', async (t) => {
  const server = await start(t, ['--keep-alive']);
  const client = await Client.connect(server.port);
  client.send(get('/'));
  await server.first('sent');
  await server.first('blocked', (event) => event.at > server.all('sent')[0]!.at);
  const state = new ServerState();
  for (const event of server.events) state.apply(event);
  assert.deepEqual(
    state.inFlight.map(({ connection, operations: all }) => [connection, ...all]),
    [
      [undefined, 'accept'],
      [1, 'recv'],
    ],
  );
  client.socket.destroy();
  await server.first('closed');
  for (const event of server.events.slice(-8)) state.apply(event);
  assert.deepEqual(state.inFlight.at(-1)?.operations, ['accept']);
});
