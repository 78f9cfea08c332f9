// `--pace`: every model pauses before each step, and nothing else of what it does changes.
// Times are compared with times of the same server and from below only: no pause may be too short. That none is too long is
// asked of a pacer alone, which says how long it would sleep.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it as test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Reporter } from '../../src/lifecycle/reporter.js';
import { ServerMemory } from '../../src/lifecycle/server-memory.js';
import { Pacer } from '../../src/models/pace.js';
import { threadCpuMs } from '../../src/posix/system-calls.js';
import { ask, bodyOf, Client, get, HELLO, statusOf } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS } from '../support/models.js';
import { asleepIn, CALL } from '../support/proc.js';
import { TestServer, withServer } from '../support/server.js';
import { underStrace } from '../support/strace.js';
import { missing } from '../support/tools.js';

const it = (title: string, behave: () => Promise<void>) => test(title, LIMIT, behave);

/** As the kernel calls them. */
const STEPS = ['accept4', 'recvfrom', 'sendto', 'shutdown', 'close', 'epoll_ctl', 'epoll_wait'];
const SLEEPS = ['accept4', 'recv', 'send', 'epoll_wait', 'io_uring_enter'];

const isStep = (event: LifecycleEvent): boolean =>
  event.at > 0 && (event.event === 'submitted' || (event.event === 'call' && STEPS.includes(event.name)));

/** The events of each thread, as they came, up to when `until` came. */
function threadsOf(server: TestServer, until: LifecycleEvent): LifecycleEvent[][] {
  const threads = new Map<number, LifecycleEvent[]>();
  for (const event of server.events.slice(0, server.events.indexOf(until)))
    threads.set(event.tid, [...(threads.get(event.tid) ?? []), event]);
  return [...threads.values()];
}

for (const [model, flags] of Object.entries(MODELS).filter(([name]) => !name.includes('portable'))) {
  describe(`${model}, paced`, { concurrency: true }, () => {
    it('pauses before each step of each thread, tells of a sleep only after the pause, and limits no time', () =>
      withServer([...flags, '--pace=100', '--detail=calls'], async (server) => {
        assert.equal(server.listening.pace, '100ms');
        const client = await Client.connect(server.port);
        client.send('GET / HT');
        await server.first('received');
        client.send('TP/1.1\r\n\r\n');
        assert.equal(await client.rest(), HELLO);
        const closed = await server.first('closed');
        let pauses = 0;
        for (const events of threadsOf(server, closed)) {
          let step: LifecycleEvent | undefined;
          for (const event of events) {
            const begins = isStep(event) || (event.event === 'blocked' && SLEEPS.includes(event.call));
            if (begins && step !== undefined) {
              const apart = event.at - step.at;
              assert.ok(
                apart >= 100_000,
                `${JSON.stringify(event)} came ${apart} us after the step before it`,
              );
              pauses++;
            }
            if (isStep(event)) step = event;
          }
        }
        assert.ok(pauses >= 2, `${pauses} pauses`);
        // A slow client could not be told from a server that is slowed down.
        for (const { name, arguments: args } of server.all('call')) {
          if (name === 'epoll_wait') assert.equal(args[3], '-1');
          // A process has the limit of a day on its sockets, so that a signal can end a sleep: 86,400 s, as strace prints it.
          const aDay = args[3]?.startsWith('"\\200Q\\1\\0');
          assert.ok(name !== 'setsockopt' || args[2] !== 'SO_RCVTIMEO_OLD' || aDay, `${args}`);
        }
        await server.stop();
        assert.equal(server.all('stopped')[0]!.pace, '100ms');
      }));

    it('by a factor it pauses as many times as long as it worked', () =>
      withServer([...flags, '--pace=10x'], async (server) => {
        assert.equal(server.listening.pace, '10x');
        assert.match(await ask(server.port, get('/compute?ms=50')), /Computed 50 ms/);
        const request = await server.first('request');
        const sent = await server.first('sent');
        assert.ok(sent.at - request.at >= 500_000, `${sent.at - request.at} us`);
      }));

    it('answers rightly, however far its steps lie apart', () =>
      withServer([...flags, '--pace=150', '--keep-alive'], async (server) => {
        const client = await Client.connect(server.port);
        client.send('GET /connection HT');
        await server.first('received');
        client.send(`TP/1.1\r\n\r\n${get('/nowhere')}${get('/bytes?count=200000', 'Connection: close\r\n')}`);
        const text = await client.rest();
        assert.deepEqual(
          [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]),
          ['200', '404', '200'],
        );
        assert.ok(text.includes(`(127.0.0.1, ${client.port}, 127.0.0.1, ${server.port})`));
        assert.equal(text.length - text.lastIndexOf('\r\n\r\n') - 4, 200_000);
        const tooLong = await ask(
          server.port,
          `GET / HTTP/1.1\r\n${`X: ${'b'.repeat(7_000)}\r\n`.repeat(3)}\r\n`,
        );
        assert.deepEqual(
          [statusOf(tooLong), bodyOf(tooLong)],
          [431, 'The request head is larger than 16384 bytes.\n'],
        );
      }));

    it('stops in the middle of a pause', async () => {
      const server = await TestServer.start([...flags, '--pace=5000']);
      const { status, stderr } = await server.stop('SIGINT'); // in its first pause, which began as it listened
      assert.deepEqual([status, stderr], [0, '']);
    });

    if (model === 'completion') return; // its steps are no system calls
    test('strace sees the pauses, each a futex that times out', {
      skip: missing('strace'),
      ...LIMIT,
    }, async () => {
      const { wrap, linesOf } = underStrace(`futex,${STEPS}`);
      const server = await TestServer.start([...flags, '--pace=100'], wrap);
      assert.equal(await ask(server.port, get('/')), HELLO);
      const closed = await server.first('closed');
      await server.stop();
      const lines = linesOf(closed.tid);
      const begin = lines.findIndex((line) => line.startsWith(`recvfrom(${closed.fd}, "GET`));
      const end = lines.findIndex((line, i) => i > begin && line.startsWith(`close(${closed.fd})`));
      const story = lines
        .slice(begin, end + 1)
        .filter((line) => !line.startsWith('futex(') || line.includes('ETIMEDOUT'))
        .map((line) => line.slice(0, line.indexOf('(')));
      assert.deepEqual(story, ['recvfrom', 'futex', 'sendto', 'futex', 'close']);
    });
  });
}

describe('a pacer', () => {
  const begun = (): ServerMemory => {
    const memory = ServerMemory.allocate(1);
    memory.listener = 0;
    return memory;
  };

  it('by a factor counts the CPU time of its thread, and no sleep', async () => {
    const memory = begun();
    memory.pauseMs = -1;
    const pauses: number[] = [];
    memory.sleepUntilStop = (milliseconds = 0) => pauses.push(milliseconds);
    const pacer = new Pacer({ factor: 10 }, memory, memory.ofThread(0), {} as Reporter);
    pacer.pause(1, 3);
    for (const since = threadCpuMs(); threadCpuMs() - since < 50; );
    pacer.pause(1, 3);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    pacer.pause(1, 3);
    const [worked, slept] = pauses;
    assert.ok(worked! >= 450, `${worked} ms`);
    assert.ok((slept ?? 0) < 450, `${slept} ms`); // of CPU time alone, however long it took
  });

  it('is woken by a stop in the middle of its pause', async () => {
    const memory = begun();
    memory.pauseMs = 2 ** 31 - 1; // of 24 days: or the test never ends
    const { size } = memory;
    const modules = ['models/pace.js', 'lifecycle/server-memory.js', 'posix/system-calls.js'].map(
      (each) => new URL(`../../src/${each}`, import.meta.url).href,
    );
    const worker = new Worker(PAUSE, { eval: true, workerData: { size, modules } });
    const ended = once(worker, 'exit');
    while (memory.ofThread(0).tid === 0) await new Promise(setImmediate);
    await asleepIn(process.pid, memory.ofThread(0).tid, CALL.futex);
    memory.stop();
    assert.deepEqual(await ended, [0]);
  });
});

/** A thread that pauses. */
const PAUSE = `
  const { size, modules } = require('node:worker_threads').workerData;
  Promise.all(modules.map((each) => import(each))).then(([{ Pacer }, { ServerMemory }, { gettid }]) => {
    const memory = new ServerMemory(size);
    const shared = memory.ofThread(0);
    const pacer = new Pacer(undefined, memory, shared);
    shared.tid = gettid();
    pacer.pause(1, 3);
  });
`;

it('a limit that is asked for beside the pace holds', () =>
  withServer(['--mode=evented', '--pace=10', '--head-timeout=0.3'], async (server) => {
    const silent = await Client.connect(server.port);
    assert.equal(await silent.rest(), '');
    assert.equal((await server.first('timed-out')).seconds, 0.3);
  }));

it('without --pace nothing is told of one', () =>
  withServer(['--mode=evented'], async (server) => {
    await server.stop();
    assert.deepEqual(
      server.events.filter((event) => 'pace' in event),
      [],
    );
  }));
