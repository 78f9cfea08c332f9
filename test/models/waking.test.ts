// What a thread sleeps for and what woke it, as the events say it: nobody is to guess why a line says awake.
// Beside behaviour.test.ts, for what differs between the models.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { asleepIn, CALL } from '../support/proc.js';
import { TestServer } from '../support/server.js';

/** Until then a SIGCONT would only take the SIGSTOP back (signal(7)). */
async function stopped(pid: number, tid: number): Promise<void> {
  while (!/^State:\s+T/m.test(readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8')))
    await new Promise(setImmediate);
}

test('the loop says that a timer was due, that a signal came, or that the server stops', LIMIT, async (t) => {
  const server = await TestServer.start(['--mode=evented']);
  t.after(() => server.stop());
  await ask(server.port, get('/sleep?ms=20'));
  const timer = await server.first('resumed', ({ wokenBy }) => wokenBy === 'timer');
  assert.equal(timer.call, 'epoll_wait');

  await asleepIn(server.pid, timer.tid, CALL.epoll_wait);
  process.kill(server.pid, 'SIGSTOP');
  await stopped(server.pid, timer.tid);
  process.kill(server.pid, 'SIGCONT');
  const signal = await server.first('resumed', ({ wokenBy }) => wokenBy === 'signal');
  assert.equal(signal.call, 'epoll_wait');

  await ask(server.port, get('/'));
  await server.stop();
  assert.equal(server.all('resumed').at(-1)!.wokenBy, 'stop');
  const ready = server.all('ready').map(({ at }) => at);
  const brought = server
    .all('resumed')
    .filter(({ at }) => ready.some((time) => time >= at && time - at < 1000));
  assert.ok(
    brought.some(({ wokenBy }) => wokenBy === undefined),
    'a sleep that brought something has no such reason',
  );
});

test(
  'at the stop each sleeping thread of the blocking server says that it was woken for it',
  LIMIT,
  async (t) => {
    const server = await TestServer.start(['--mode=blocking']);
    t.after(() => server.stop());
    await ask(server.port, get('/')); // its thread is idle afterwards
    await server.first('blocked', ({ waitingFor }) => waitingFor === 'work');
    const silent = [await Client.connect(server.port), await Client.connect(server.port)];
    t.after(() => silent.map((client) => client.reset()));
    await server.count('thread-started', 3); // the acceptor, the first and one more
    const asleepInRecv = ({ call, connection }: { call: string; connection?: number }): boolean =>
      call === 'recv' && connection === 3;
    await server.first('blocked', asleepInRecv);
    await server.stop();
    const woken = server.all('resumed').filter(({ wokenBy }) => wokenBy === 'stop');
    const calls = new Set(woken.map(({ call }) => call));
    assert.deepEqual([...calls].toSorted(), ['accept4', 'recv']);
  },
);

test(
  'an acceptor without a free thread says whether it waits for a start or for a busy one',
  LIMIT,
  async (t) => {
    const starting = availableParallelism();
    const most = 4 * starting;
    const server = await TestServer.start(['--mode=blocking', `--max-threads=${most}`]);
    t.after(() => server.stop());
    const clients = await Promise.all(Array.from({ length: most }, () => Client.connect(server.port)));
    t.after(() => clients.map((client) => client.reset()));
    const start = await server.first('blocked', ({ waitingFor }) => waitingFor === 'thread-start');
    assert.equal(start.thread, 'acceptor');
    assert.ok(start.threads! >= 1 && start.threads! <= starting);
    const busy = await server.first('blocked', ({ waitingFor }) => waitingFor === 'free-thread');
    assert.equal(busy.threads, most);
    assert.ok(busy.at > start.at);
  },
);

test('the sleep that a request asks for names no descriptor, for that call has none', LIMIT, async (t) => {
  const server = await TestServer.start(['--mode=blocking']);
  t.after(() => server.stop());
  await ask(server.port, get('/sleep?ms=20'));
  const blocked = await server.first('blocked', ({ call }) => call === 'clock_nanosleep');
  const resumed = await server.first('resumed', ({ call }) => call === 'clock_nanosleep');
  for (const event of [blocked, resumed]) {
    assert.equal(event.connection, 1);
    assert.ok(!('fd' in event));
  }
});
