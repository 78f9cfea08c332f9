// A pool: who waits in its queue, for how long, who is next, and what becomes of those for whom there is no place.
// What every model does is in behaviour.test.ts.

import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { ask, Client, get, HELLO } from '../support/client.js';
import { inspected } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { asleepIn, CALL } from '../support/proc.js';
import { TestServer } from '../support/server.js';

async function start(t: TestContext, ...flags: string[]): Promise<TestServer> {
  const server = await TestServer.start(['--mode=pool', ...flags]);
  t.after(() => server.stop());
  return server;
}

/** A client that has a thread, which sleeps in recv for it. */
async function holdThread(server: TestServer): Promise<Client> {
  const client = await Client.connect(server.port);
  const { connection } = await server.connectionFrom(client.port);
  await server.first('blocked', ({ connection: of, call }) => of === connection && call === 'recv');
  return client;
}

/** A client that waits in the queue with its request. */
async function queue(server: TestServer, target: string): Promise<{ client: Client; id: number }> {
  const client = await Client.connect(server.port);
  client.socket.write(get(target));
  const { connection: id } = await server.connectionFrom(client.port);
  await server.first('queued', ({ connection }) => connection === id);
  return { client, id };
}

it('slow clients have every thread, and all others wait in the queue until one leaves', LIMIT, async (t) => {
  const server = await start(t, '--threads=2');
  const slow = [await holdThread(server), await holdThread(server)];
  const quick = [await queue(server, '/'), await queue(server, '/'), await queue(server, '/')];
  assert.deepEqual(
    server.all('queued').map(({ place }) => place),
    [0, 0, 1, 2, 3],
  );
  assert.equal(server.all('dequeued').length, 2, 'no thread is left for a quick one');
  assert.equal((await inspected(server)).ownQueue, 3);
  slow[0]!.socket.destroy();
  for (const { client } of quick) assert.equal(await client.rest(), HELLO);
  await server.count('dequeued', 5);
  const taken = server.all('dequeued').slice(2);
  assert.deepEqual(
    taken.map(({ connection, length }) => [connection, length]),
    quick.map(({ id }, i) => [id, 2 - i]),
  );
  const left = server.all('closed')[0]!.at;
  for (const { connection, waitedUs } of taken) {
    const queued = server.all('queued').find((event) => event.connection === connection)!;
    assert.ok(waitedUs >= left - queued.at - 1, 'it waited at least until the slow one had left');
  }
  assert.equal(new Set(taken.map(({ thread }) => thread)).size, 1, 'the other thread is still asleep');
  assert.equal((await inspected(server)).ownQueue, 0);
  await server.stop();
  assert.equal(server.all('stopped')[0]!.peakQueue, 3);
});

it(
  'all its threads are there before the first client, and sleep until one is given to them',
  LIMIT,
  async (t) => {
    const server = await start(t, '--threads=3');
    const { tid } = await server.first('blocked', ({ call }) => call === 'accept4');
    const idle = server.all('blocked').filter(({ call }) => call === 'futex');
    assert.deepEqual(idle.map(({ thread }) => thread).toSorted(), ['pool-1', 'pool-2', 'pool-3']);
    assert.equal((await asleepIn(server.pid, tid, CALL.accept4)).name, 'dispatch');
    const clients = await Promise.all([1, 2, 3].map(() => holdThread(server)));
    for (const { tid: thread, fd } of server.all('blocked').filter(({ call }) => call === 'recv'))
      assert.equal((await asleepIn(server.pid, thread, CALL.recvfrom)).firstArgument, fd);
    for (const client of clients) client.socket.destroy();
  },
);

it(
  'beyond --queue-limit clients stay in the accept queue, and come in as places come free',
  LIMIT,
  async (t) => {
    const server = await start(t, '--threads=1', '--queue-limit=1');
    const slow = await holdThread(server);
    const second = await queue(server, '/');
    assert.equal((await server.first('queue-full')).limit, 1);
    const third = await Client.connect(server.port);
    third.send(get('/'));
    await server.first('blocked', ({ waitingFor }) => waitingFor === 'queue-place');
    assert.equal((await inspected(server)).acceptQueue.waiting, 1);
    assert.equal(server.all('accepted').length, 2);
    slow.socket.destroy();
    assert.equal(await second.client.rest(), HELLO);
    assert.equal(await third.rest(), HELLO);
  },
);

it(
  '--when-full refuse closes one too many without a byte, and never while a thread is idle',
  LIMIT,
  async (t) => {
    const server = await start(t, '--threads=1', '--queue-limit=1', '--when-full=refuse');
    for (let i = 0; i < 20; i++) assert.equal(await ask(server.port, get('/')), HELLO);
    assert.equal(server.all('refused').length, 0);
    const slow = await holdThread(server);
    const waiting = await queue(server, '/');
    const refused = await Client.connect(server.port);
    assert.equal(await refused.rest(), '');
    const { connection } = await server.connectionFrom(refused.port);
    const { reason } = await server.first('refused', (event) => event.connection === connection);
    assert.equal(reason, 'queue-full');
    const closed = await server.first('closed', (event) => event.connection === connection);
    assert.equal(closed.reason, 'refused');
    slow.socket.destroy();
    assert.equal(await waiting.client.rest(), HELLO);
  },
);

it('--queue-limit 0 lets nobody wait: a client has an idle thread, or is refused', LIMIT, async (t) => {
  const server = await start(t, '--threads=1', '--queue-limit=0', '--when-full=refuse');
  await server.first('blocked', ({ call }) => call === 'accept4');
  const slow = await holdThread(server);
  assert.equal(await (await Client.connect(server.port)).rest(), '');
  slow.socket.destroy();
});

for (const [order, expected] of [
  ['fifo', [0, 1, 2, 3]],
  ['shortest', [2, 1, 0, 3]],
] as const) {
  it(`--queue-order ${order} decides who is next`, LIMIT, async (t) => {
    const server = await start(t, '--threads=1', `--queue-order=${order}`);
    const slow = await holdThread(server);
    const jobs = [
      await queue(server, '/compute?ms=30'),
      await queue(server, '/sleep?ms=10'),
      await queue(server, '/'),
    ];
    const silent = await Client.connect(server.port); // how much it will ask for nobody knows
    const { connection: last } = await server.connectionFrom(silent.port);
    await server.first('queued', ({ connection }) => connection === last);
    slow.socket.destroy();
    await server.first('dequeued', ({ connection }) => connection === last);
    silent.socket.destroy();
    const ids = [...jobs.map(({ id }) => id), last];
    const taken = server.all('dequeued').slice(1);
    assert.deepEqual(
      taken.map(({ connection }) => ids.indexOf(connection)),
      expected,
    );
    assert.deepEqual(
      taken.map(({ overtook }) => overtook),
      order === 'fifo' ? Array(4).fill(undefined) : [2, 1, undefined, undefined],
    );
    for (const { client } of jobs)
      assert.match(await client.rest(), /200 OK/, 'a look at a request takes nothing of it');
  });
}

it('a stop closes those who wait in the queue too', LIMIT, async (t) => {
  const server = await start(t, '--threads=1');
  const slow = await holdThread(server);
  const waiting = [await queue(server, '/'), await queue(server, '/')];
  const { status, stderr } = await server.stop();
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(
    server.all('closed').map(({ reason }) => reason),
    ['stopping', 'stopping', 'stopping'],
  );
  assert.equal(server.all('stopped')[0]!.leftOpen, 0);
  for (const client of [slow, ...waiting.map((each) => each.client)]) client.socket.destroy();
});
