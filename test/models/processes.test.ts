// Processes: each connection in one of its own, or a few that accept for themselves; what the kernel shows of them, what
// one costs that is killed, and that none outlives the server. What every model does is in behaviour.test.ts.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it, type TestContext } from 'node:test';
import { ask, bodyOf, Client, get, HELLO } from '../support/client.js';
import { inspected } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { asleepIn, CALL, childrenOf } from '../support/proc.js';
import { type EventOf, TestServer } from '../support/server.js';

async function start(t: TestContext, ...flags: string[]): Promise<TestServer> {
  const server = await TestServer.start(['--mode=processes', ...flags]);
  t.after(() => server.stop('SIGKILL'));
  return server;
}

/** A client for which a process sleeps in recv. */
async function holdProcess(server: TestServer): Promise<{ client: Client; asleep: EventOf<'blocked'> }> {
  const client = await Client.connect(server.port);
  const { connection } = await server.connectionFrom(client.port);
  const asleep = await server.first(
    'blocked',
    ({ connection: of, call }) => of === connection && call === 'recv',
  );
  return { client, asleep };
}

/** The processes that sleep in accept4 on the listener. */
async function preforked(server: TestServer, number: number): Promise<EventOf<'blocked'>[]> {
  const waiting = (): EventOf<'blocked'>[] => server.all('blocked').filter(({ call }) => call === 'accept4');
  while (waiting().length < number) await server.count('blocked', server.all('blocked').length + 1);
  return waiting();
}

/** Resolves when the kernel has no such process any more, or only what its parent has not asked about. */
async function gone(pid: number): Promise<void> {
  const state = (): string =>
    existsSync(`/proc/${pid}/stat`)
      ? readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '')[0]!
      : 'gone';
  const alive = (): boolean => {
    try {
      return !['gone', 'Z', 'X'].includes(state());
    } catch {
      return false; // it ended between the two looks
    }
  };
  while (alive()) await new Promise(setImmediate);
}

it('each connection has a process that sleeps in recv on its own descriptor', LIMIT, async (t) => {
  const server = await start(t);
  const held = [await holdProcess(server), await holdProcess(server)];
  for (const { asleep } of held) {
    assert.equal(asleep.pid, asleep.tid);
    assert.notEqual(asleep.pid, server.pid);
    const task = await asleepIn(asleep.pid!, asleep.tid, CALL.recvfrom);
    assert.deepEqual([task.name, task.firstArgument], [asleep.thread, asleep.fd]);
  }
  assert.equal(new Set(held.map(({ asleep }) => asleep.pid)).size, 2);
  const { tid, fd } = server.listening;
  assert.equal((await asleepIn(server.pid, tid, CALL.accept4)).firstArgument, fd);

  const { sockets, threads } = await inspected(server);
  for (const { asleep, client } of held) {
    const end = sockets.find((each) => each.end === 'server' && each.peer.port === client.port)!;
    assert.deepEqual([end.fd, end.thread], [asleep.fd, asleep.thread]);
    assert.ok(
      threads.some(
        ({ tid: each, name, ofServer }) => each === asleep.tid && name === asleep.thread && ofServer,
      ),
    );
  }
  for (const { client } of held) client.socket.destroy();
});

it('a process serves one connection and ends', LIMIT, async (t) => {
  const server = await start(t);
  for (let i = 1; i <= 2; i++) {
    const pid = Number(/tid (\d+)/.exec(bodyOf(await ask(server.port, get('/connection'))))![1]);
    const ended = await server.first('process-ended', ({ child }) => child === pid);
    assert.deepEqual([ended.status, ended.signal], [undefined, undefined]);
    assert.ok(!existsSync(`/proc/${pid}`));
  }
  assert.equal(new Set(server.all('process-ended').map(({ child }) => child)).size, 2);
});

it('beyond --max-processes clients wait in the accept queue', LIMIT, async (t) => {
  const server = await start(t, '--max-processes=1');
  const { client } = await holdProcess(server);
  const second = await Client.connect(server.port);
  second.send(get('/'));
  assert.equal((await server.first('threads-busy')).threads, 1);
  assert.equal(server.all('accepted').length, 1);
  client.socket.destroy();
  assert.equal(await second.rest(), HELLO);
});

it(
  'a process that is killed costs its own connection, and the server says what ended it',
  LIMIT,
  async (t) => {
    const server = await start(t);
    const [victim, other] = [await holdProcess(server), await holdProcess(server)];
    victim.client.send('GET /');
    const { connection } = await server.first('received');
    process.kill(victim.asleep.pid!, 'SIGKILL');
    assert.equal(await victim.client.rest(), '');
    const ended = await server.first('process-ended', ({ child }) => child === victim.asleep.pid);
    assert.deepEqual([ended.connection, ended.signal], [connection, 'SIGKILL']);
    const closed = await server.first('closed', (event) => event.connection === connection);
    assert.deepEqual([closed.reason, closed.bytesIn], ['error', 5]);
    other.client.send(get('/'));
    assert.equal(await other.client.rest(), HELLO);
    assert.equal(await ask(server.port, get('/')), HELLO);
  },
);

it(
  '--prefork: the processes sleep in accept4 on one listener, and one of them wakes for a client',
  LIMIT,
  async (t) => {
    const server = await start(t, '--prefork=3');
    const waiting = await preforked(server, 3);
    for (const { pid, fd, thread } of waiting) {
      const task = await asleepIn(pid!, pid!, CALL.accept4);
      assert.deepEqual([task.name, task.firstArgument], [thread, fd]);
    }
    const { asleep, client } = await holdProcess(server);
    const awake = server.all('resumed').filter(({ call }) => call === 'accept4');
    assert.deepEqual(
      awake.map(({ pid }) => pid),
      [asleep.pid],
    );
    for (const { pid } of waiting.filter((each) => each.pid !== asleep.pid))
      await asleepIn(pid!, pid!, CALL.accept4);
    client.socket.destroy();
  },
);

it('--prefork: connections have ids of their own, whoever accepts them', LIMIT, async (t) => {
  const server = await start(t, '--prefork=2');
  await preforked(server, 2);
  const held = [await holdProcess(server), await holdProcess(server)];
  assert.deepEqual(
    held.map(({ asleep }) => asleep.connection),
    [1, 2],
  );
  assert.equal(new Set(held.map(({ asleep }) => asleep.pid)).size, 2);
  for (const { client } of held) client.socket.destroy();
});

it('--prefork: one that is killed costs its own connection, and is replaced', LIMIT, async (t) => {
  const server = await start(t, '--prefork=1');
  const { asleep, client } = await holdProcess(server);
  process.kill(asleep.pid!, 'SIGKILL');
  assert.equal(await client.rest(), '');
  const ended = await server.first('process-ended');
  assert.deepEqual([ended.child, ended.signal, ended.connection], [asleep.pid, 'SIGKILL', asleep.connection]);
  assert.equal(await ask(server.port, get('/')), HELLO);
  const { thread, pid } = await server.first('request');
  assert.notEqual(pid, asleep.pid);
  assert.equal(thread, 'proc-2');
});

for (const flags of [[], ['--prefork=2']]) {
  const what = flags.join() || 'a process each';

  it(`${what}: when the server is killed no process is left`, LIMIT, async (t) => {
    const server = await start(t, ...flags);
    const { asleep } = await holdProcess(server);
    const late = await Client.connect(server.port); // whose process is only starting
    while (childrenOf(server.pid).length < 2) await new Promise(setImmediate);
    const children = childrenOf(server.pid);
    assert.ok(children.includes(asleep.pid!));
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    for (const pid of children) await gone(pid);
    late.socket.destroy();
  });

  it(`${what}: a stop ends all of them in order, whatever they sleep in`, LIMIT, async (t) => {
    const server = await start(t, ...flags);
    const { asleep, client } = await holdProcess(server);
    const busy = await Client.connect(server.port);
    busy.send(get('/sleep?ms=10000'));
    await server.first('blocked', ({ call }) => call === 'clock_nanosleep');
    const { status, stderr } = await server.stop();
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(
      server.all('closed').map(({ reason }) => reason),
      ['stopping', 'stopping'],
    );
    assert.equal(server.all('stopped')[0]!.leftOpen, 0);
    await gone(asleep.pid!);
    for (const each of [client, busy]) each.socket.destroy();
  });
}

it('--max-processes is refused beside --prefork', LIMIT, async () => {
  await assert.rejects(
    TestServer.start(['--mode=processes', '--prefork=2', '--max-processes=2']),
    /status 2: evented-demo: --max-processes has no effect with --prefork\./,
  );
});
