// Many events as few rows: what is the same is said once, what differs stands side by side, and clients that fared alike
// are one group. The recording is of `compare silent`, from its second step on; the rest is made up.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ClientConnection } from '../../src/compare/comparison.js';
import { Fold, type FoldedRow } from '../../src/compare/fold/fold.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';

/** As a table: a text for all servers, or one for each with a bar between them. */
const text = (rows: readonly FoldedRow[]): string[] =>
  rows.map(({ same, cells }) => same ?? cells!.map((cell) => cell ?? '').join(' | '));

type Recorded =
  | { readonly step: string; readonly at: number }
  | { readonly server: number; readonly event: LifecycleEvent; readonly client?: undefined }
  | { readonly server: number; readonly client: ClientConnection };

function recorded(): Recorded[] {
  const file = new URL('../../../test/compare/recorded/silent.ndjson', import.meta.url); // run from build/test/compare
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Recorded);
}

test('a recorded comparison of three servers becomes a story that fits on a screen', () => {
  const fold = new Fold(3);
  const told: string[] = [];
  let at = 0;
  for (const line of recorded()) {
    if ('step' in line) {
      told.push(...text(fold.rows(line.at)), `-> ${line.step}`);
      fold.next(line.at);
    } else if (line.client !== undefined) {
      const { fourTuple, connectedAt } = line.client;
      fold.takeMoments(line.server, [
        { event: 'connected', at: connectedAt!, client: 0, fourTuple: fourTuple! },
      ]);
    } else {
      at = line.event.at;
      fold.take(line.server, line.event);
    }
  }
  told.push(...text(fold.rows(at)));
  assert.deepEqual(told, [
    '-> four clients connect and say nothing',
    '#6 silent | #6-#9 silent | #6-#9 silent',
    ':50898 -> :37973 fd 24 |  | ',
    'accepted at once',
    ' | on 4 idle threads | loop watches them',
    'up to 3 in accept queue |  | ',
    '1 thread asleep in recv | up to 4 threads asleep in recv | 1 thread asleep in epoll_wait',
    '-> a fifth sends a request',
    ' | #10 GET / 200 OK | #10 GET / 200 OK',
    ' | :39194 -> :34117 fd 44 | :46368 -> :38291 fd 29',
    ' | accepted at once | accepted at once',
    ' | on idle thread conn-5 | loop watches fd 29 for EPOLLIN',
    ' | open for 434 us | open for 354 us',
    'up to 4 in accept queue |  | ',
    '1 thread asleep in recv | up to 4 threads asleep in recv | 1 thread asleep in epoll_wait',
    '-> the four close',
    '#6 the client closes | #6-#9 the client closes | #6-#9 the client closes',
    'open for 2.6 s',
    '#7-#9 silent, the client closes |  | ',
    'accepted within 2.6 s |  | ',
    'open for 61 to 70 us |  | ',
    '#10 GET / 200 OK |  | ',
    ':50942 -> :37973 fd 24 |  | ',
    'accepted within 2.3 s |  | ',
    'open for 308 us |  | ',
    '1 thread asleep in recv | up to 4 threads asleep in recv | 1 thread asleep in epoll_wait',
  ]);
});

function begun(servers: number): Fold {
  const fold = new Fold(servers);
  fold.next(0);
  return fold;
}

/** One server's fold, and a way to tell it what happens to a connection; each event comes 10 us after the last. */
function play(server = 0, fold = begun(1)) {
  let at = 0;
  const tell = (id: number | undefined, thread: string, event: object, afterUs = 10): void => {
    at += afterUs;
    const connection = id === undefined ? {} : { connection: id, fd: 20 + id };
    fold.take(server, { at, thread, tid: thread.length, ...connection, ...event } as LifecycleEvent);
  };
  const accept = (id: number, thread = 'loop'): void =>
    tell(id, thread, { event: 'accepted', fourTuple: ['127.0.0.1', 50_000 + id, '127.0.0.1', 8080] });
  const ask = (id: number, thread = 'loop', status = 200): void => {
    tell(id, thread, { event: 'received', bytes: 60 });
    tell(id, thread, { event: 'request', method: 'GET', target: '/' });
    tell(id, thread, { event: 'sent', bytes: 112, status });
  };
  const close = (id: number, thread = 'loop', durationUs = 100): void =>
    tell(id, thread, {
      event: 'closed',
      reason: 'replied',
      durationUs,
      bytesIn: 60,
      bytesOut: 112,
      requests: 1,
    });
  return { fold, tell, accept, ask, close, rows: () => text(fold.rows(at)) };
}

test('a hundred quick clients that fared alike are one group, and those that did not are another', () => {
  const { accept, ask, close, rows } = play();
  for (let id = 1; id <= 100; id++) {
    accept(id);
    ask(id, 'loop', id === 50 ? 404 : 200);
    close(id, 'loop', 1000 + id);
  }
  assert.deepEqual(rows(), [
    '#1-#49, #51-#100 GET / 200 OK',
    'accepted',
    'open for 1.0 to 1.1 ms',
    '#50 GET / 404 Not Found',
    ':50050 -> :8080 fd 70',
    'accepted',
    'open for 1.1 ms',
  ]);
});

test("one client's sixty one-byte reads are one line, whether a thread slept between them or a loop was told", () => {
  const threads = play();
  threads.accept(1, 'conn-1');
  const loop = play();
  loop.accept(1);
  loop.tell(1, 'loop', { event: 'watching', interest: 'EPOLLIN' });
  for (let i = 0; i < 60; i++) {
    threads.tell(1, 'conn-1', { event: 'blocked', call: 'recv' });
    threads.tell(1, 'conn-1', { event: 'resumed', call: 'recv', waitedUs: 30_000 }, 30_000);
    threads.tell(1, 'conn-1', { event: 'received', bytes: 1 });
    loop.tell(1, 'loop', { event: 'ready', readiness: 'EPOLLIN' }, 30_000);
    loop.tell(1, 'loop', { event: 'received', bytes: 1 });
  }
  assert.deepEqual(threads.rows(), [
    '#1 60 bytes of a request',
    ':50001 -> :8080 fd 21',
    'accepted',
    '60 bytes in 60 reads',
    'asleep in recv 60 times',
    '1 thread asleep in recv',
  ]);
  assert.deepEqual(loop.rows().slice(3), [
    'loop watches fd 21 for EPOLLIN',
    '60 bytes in 60 reads',
    'ready 60 times',
  ]);
});

test('what is the same for all servers is said once, for any number of them', () => {
  const fold = begun(4);
  for (let server = 0; server < 4; server++) {
    const { accept, ask, close } = play(server, fold);
    accept(1);
    ask(1);
    close(1, 'loop', server === 3 ? 2000 : 1000);
  }
  const rows = fold.rows(1000);
  assert.deepEqual(
    rows.map(({ kind, same }) => [kind, same !== undefined]),
    [
      ['group', true],
      ['fact', true],
      ['fact', true],
      ['fact', false],
    ],
  );
  assert.equal(text(rows).at(-1), 'open for 1.0 ms | open for 1.0 ms | open for 1.0 ms | open for 2.0 ms');
});

test('threads that were started and threads that were idle are told apart', () => {
  const { tell, accept, ask, rows } = play();
  for (const id of [1, 2, 3]) {
    accept(id, 'acceptor');
    const thread = `conn-${Math.min(id, 2)}`;
    if (id < 3) tell(id, thread, { event: 'thread-started', serial: id, tookUs: id * 30_000 });
    else tell(id, thread, { event: 'thread-reused' });
    ask(id, thread);
  }
  assert.equal(rows()[2], '2 threads started in 30 to 60 ms; idle threads took 1 more');
});

test('who keeps a thread at work for long is told, and who starts a thread for it is not', () => {
  const { tell, accept, ask, close, rows } = play();
  const acceptorSleeps = (afterUs: number): void => {
    tell(undefined, 'acceptor', { event: 'blocked', call: 'accept4', fd: 3 }, afterUs);
    tell(undefined, 'acceptor', { event: 'resumed', call: 'accept4', fd: 3, waitedUs: 10 });
  };
  accept(1, 'acceptor');
  tell(1, 'conn-1', { event: 'thread-started', serial: 1, tookUs: 30_000 }, 1_900_000);
  tell(1, 'conn-1', { event: 'request', method: 'GET', target: '/compute?ms=200' });
  acceptorSleeps(100_000);
  tell(1, 'conn-1', { event: 'sent', bytes: 112, status: 200 }, 100_000);
  close(1, 'conn-1', 2_100_000);
  accept(2, 'acceptor');
  acceptorSleeps(2_000_000);
  tell(2, 'conn-two', { event: 'thread-started', serial: 2, tookUs: 30_000 });
  ask(2, 'conn-two');
  assert.deepEqual(rows(), [
    '#1 GET /compute?ms=200 200 OK',
    ':50001 -> :8080 fd 21',
    'accepted',
    'thread conn-1 started in 30 ms',
    'conn-1 works on it for 200 ms',
    'open for 2.1 s',
    '#2 GET / 200 OK',
    ':50002 -> :8080 fd 22',
    'accepted',
    'thread conn-two started in 30 ms',
  ]);
});

test('a process is called a process', () => {
  const { tell, accept, rows } = play();
  for (const id of [1, 2]) {
    accept(id, 'acceptor');
    tell(id, `proc-${id}`, { event: 'thread-started', serial: id, pid: 100 + id, tookUs: 40_000 });
  }
  assert.equal(rows().at(-1), '2 processes started in 40 ms');
});

test('each loop that watches some of them is named, and of many only how many they are', () => {
  const { tell, accept, rows } = play();
  const watch = (id: number, loop: string): void => {
    accept(id, loop);
    tell(id, loop, { event: 'watching', interest: 'EPOLLIN' });
  };
  for (const [i, loop] of ['loop-2', 'loop-1', 'loop-2'].entries()) watch(i + 1, loop);
  assert.equal(rows().at(-1), 'loop-1 and loop-2 watch them');
  watch(4, 'loop-3');
  assert.equal(rows().at(-1), '3 loops watch them');
});

test('where no sleep is reported, as by the portable engine, what came before the accept is no work for it', () => {
  const { tell, accept, ask, close, rows } = play();
  accept(1);
  ask(1);
  close(1);
  tell(2, 'loop', { event: 'accepted', fourTuple: ['127.0.0.1', 50_002, '127.0.0.1', 8080] }, 400_000);
  ask(2);
  close(2);
  assert.doesNotMatch(rows().join(), /works on/);
});

test('timers that run side by side are counted', () => {
  const { tell, accept, rows } = play();
  for (const id of [1, 2, 3]) {
    accept(id);
    tell(id, 'loop', { event: 'watching', interest: 'EPOLLIN' });
    tell(id, 'loop', { event: 'request', method: 'GET', target: '/sleep?ms=200' });
    tell(id, 'loop', { event: 'watching', interest: '0' });
  }
  tell(undefined, 'loop', { event: 'blocked', call: 'epoll_wait', fd: 4 });
  tell(undefined, 'loop', { event: 'resumed', call: 'epoll_wait', fd: 4, waitedUs: 200_000 }, 200_000);
  assert.deepEqual(rows().slice(-2), ['up to 3 timers', '1 thread asleep in epoll_wait']);
});

test('trouble is told and marked, and so are events that are missing', () => {
  const { fold, tell, accept, rows } = play();
  accept(1);
  tell(1, 'loop', { event: 'reset' });
  tell(undefined, 'main', { event: 'events-dropped', count: 7 });
  assert.match(rows()[0]!, /^#1 the \w+ has reset the connection$/);
  assert.equal(rows().at(-1), '7 events missing: there were too many');
  assert.deepEqual(
    fold.rows(100).map(({ kind }) => kind),
    ['trouble', 'fact', 'fact', 'trouble'],
  );
});

test('a process that a signal has ended is named first, and one that ends by itself is not', () => {
  const { fold, tell, accept, rows } = play();
  accept(1);
  tell(1, 'main', { event: 'process-ended', child: 71, status: 0 });
  tell(1, 'main', { event: 'process-ended', child: 72, signal: 'SIGKILL' });
  tell(undefined, 'main', { event: 'process-ended', child: 73, signal: 'SIGTERM' });
  assert.equal(rows()[0], 'process 72 was ended by SIGKILL, process 73 was ended by SIGTERM');
  assert.equal(fold.rows(100)[0]!.kind, 'trouble');
  fold.next(200);
  assert.doesNotMatch(rows().join(), /SIG/, 'in the step in which it happened');
});

test('nothing is told before the first step, and nothing of the stop', () => {
  const fold = new Fold(1);
  const event = (at: number, rest: object): LifecycleEvent =>
    ({ at, thread: 'loop', tid: 1, ...rest }) as LifecycleEvent;
  fold.take(0, event(0, { event: 'blocked', call: 'epoll_wait', fd: 4 }));
  assert.deepEqual(fold.rows(100_000), []);
  fold.next(100_000);
  fold.take(0, event(200_000, { event: 'resumed', call: 'epoll_wait', waitedUs: 200_000, wokenBy: 'stop' }));
  fold.take(0, event(200_010, { event: 'closed', connection: 1, fd: 9, reason: 'stopping', durationUs: 1 }));
  assert.deepEqual(text(fold.rows(200_010)), ['1 thread asleep in epoll_wait']);
});
