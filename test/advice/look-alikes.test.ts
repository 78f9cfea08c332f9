// What looks like a fault and is none: events as a server could report them, and the same with the fault beside them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Adviser } from '../../src/advice/adviser.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';

type Fields = { readonly event: LifecycleEvent['event']; readonly [field: string]: unknown };

const SECOND = 1e6;
const LISTENING: Fields = {
  ...{ event: 'listening', fd: 3, mode: 'watched', engine: 'strace', address: '127.0.0.1', port: 80, pid: 1 },
  ...{ backlog: 5, startedAt: '2026-11-26T00:00:00.000Z', monotonicUs: 0 },
};
const ON = { connection: 1, fd: 4 };
const ACCEPTED: Fields = { event: 'accepted', ...ON, fourTuple: ['127.0.0.1', 5000, '127.0.0.1', 80] };
const CLOSED: Fields = {
  event: 'closed',
  ...ON,
  reason: 'unanswered',
  durationUs: 1,
  bytesIn: 0,
  bytesOut: 0,
  requests: 0,
};
const STOPPED: Fields = {
  ...{ event: 'stopped', connections: 1, requests: 1, bytesIn: 1, bytesOut: 1, peakConnections: 1 },
  ...{ peakThreads: 1, leftOpen: 0, eventsDropped: 0, thread: 'main', tid: 9 },
};

/** The rules that speak: each event with its time in seconds, by the thread `server` unless it says otherwise. */
function rulesOn(story: readonly (readonly [seconds: number, event: Fields])[]): string[] {
  const events = story.map(
    ([seconds, event]) =>
      ({ at: seconds * SECOND, thread: 'server', tid: 1, ...event }) as unknown as LifecycleEvent,
  );
  return new Adviser().take(events).flatMap((event) => (event.event === 'advice' ? [event.rule] : []));
}

const asleep = (call: string, on: object = {}): Fields => ({ event: 'blocked', call, ...on }) as Fields;
const awake = (call: string, seconds: number, on: object = {}): Fields =>
  ({ event: 'resumed', call, waitedUs: seconds * SECOND, ...on }) as Fields;
const byMain = (event: Fields): Fields => ({ ...event, thread: 'main', tid: 9 });

const began: readonly [number, Fields][] = [
  [0, LISTENING],
  [1, ACCEPTED],
];

describe('EAGAIN, and then the close', () => {
  const again: Fields = { event: 'would-block', ...ON, call: 'recv' };
  it('at once is a fault', () => {
    assert.deepEqual(rulesOn([...began, [1, again], [1, CLOSED]]), ['taken-for-the-end']);
  });
  it('after a time limit, when the server looks one last time, is none', () => {
    assert.deepEqual(rulesOn([...began, [6, again], [6, CLOSED]]), []);
    assert.deepEqual(rulesOn([...began, [1, again], [6, CLOSED]]), []);
  });
  it('after the reply is none', () => {
    const replied = { ...CLOSED, reason: 'replied' };
    const [received, sent]: Fields[] = [
      { event: 'received', ...ON, bytes: 9 },
      { event: 'sent', ...ON, bytes: 9 },
    ];
    assert.deepEqual(rulesOn([...began, [1, received!], [1, sent!], [1, again], [1, replied]]), []);
  });
  it('when the server was asked to end is none', () => {
    const signal: Fields = { event: 'signal', signal: 'SIGTERM' };
    const interrupted = { ...awake('recv', 1, ON), wokenBy: 'signal' };
    assert.deepEqual(
      rulesOn([...began, [1, asleep('recv', ON)], [2, interrupted], [2, signal], [2, CLOSED]]),
      [],
    );
  });
});

describe('EINTR, and then the end of the server', () => {
  const interrupted: Fields = { ...awake('accept4', 1, { fd: 3 }), wokenBy: 'signal' };
  const signal = (name: string): Fields => ({ event: 'signal', signal: name });
  const ended: Fields = { event: 'thread-ended' };
  const process = (how: object): Fields => byMain({ event: 'process-ended', child: 1, ...how });
  const story = (name: string, ...end: Fields[]) =>
    rulesOn([
      [0, LISTENING],
      ...[interrupted, signal(name), ended, ...end].map((event, i): [number, Fields] => [
        1 + i / 1000,
        event,
      ]),
    ]);
  it('with whatever status is a fault', () => {
    assert.deepEqual(story('SIGALRM', process({ status: 1 })), ['taken-for-the-end']);
    assert.deepEqual(story('SIGALRM', STOPPED), ['taken-for-the-end']);
  });
  it('that a signal asked for, or brought about, is none', () => {
    assert.deepEqual(story('SIGTERM', process({ status: 1 })), []);
    assert.deepEqual(story('SIGABRT', process({ signal: 'SIGABRT' })), []);
  });
});

describe('a client that has closed its side', () => {
  const ended: Fields = { event: 'peer-closed', ...ON };
  const received: Fields = { event: 'received', ...ON, bytes: 9 };
  const sent: Fields = { event: 'sent', ...ON, bytes: 9 };
  const later: [number, Fields] = [9, STOPPED];
  it('and is forgotten is a fault', () => {
    const story = [
      ...began,
      [1, received],
      [1, sent],
      [1, ended],
      [1, asleep('epoll_wait', { fd: 5 })],
      later,
    ] as const;
    assert.deepEqual(rulesOn(story), ['never-closed']);
  });
  it('and still waits for its answer is none', () => {
    const story = [...began, [1, received], [1, ended], [1, asleep('epoll_wait', { fd: 5 })], later] as const;
    assert.deepEqual(rulesOn(story), []);
  });
  it('while the thread computes, or sleeps for it, is none', () => {
    assert.deepEqual(rulesOn([...began, [1, ended], later]), []);
    assert.deepEqual(
      rulesOn([...began, [1, ended], [1, asleep('clock_nanosleep', { connection: 1 })], later]),
      [],
    );
  });
  it('and still gets its long reply is none', () => {
    const watching: Fields = { event: 'watching', ...ON, interest: 'EPOLLOUT' };
    const story = [...began, [1, ended], [1, watching], [1, asleep('epoll_wait', { fd: 5 })], later] as const;
    assert.deepEqual(rulesOn(story), []);
  });
});

describe('a long sleep for one client', () => {
  const slept: readonly [number, Fields][] = [...began, [1, asleep('recv', ON)], [4, awake('recv', 3, ON)]];
  const second: Fields = {
    event: 'accepted',
    connection: 2,
    fd: 5,
    fourTuple: ['127.0.0.1', 5001, '127.0.0.1', 80],
  };
  const waits = awake('accept4', 1, { fd: 3 });
  it('after which another client is there at once is a fault', () => {
    assert.deepEqual(rulesOn([...slept, [4, second], [5, waits]]), ['sleeps-for-one']);
  });
  it('after which the thread sleeps until the next client comes is none', () => {
    assert.deepEqual(
      rulesOn([...slept, [4, asleep('accept4', { fd: 3 })], [5, waits], [5, second], [9, STOPPED]]),
      [],
    );
  });
  it('while another thread accepts is none', () => {
    const third = { ...second, connection: 3, fd: 6 };
    const others: [number, Fields] = [2, { ...third, tid: 2, thread: 'child-1', pid: 2 }];
    const [listening, accepted, blocked, resumed] = slept;
    assert.deepEqual(
      rulesOn([listening!, accepted!, blocked!, others, resumed!, [4, second], [5, waits]]),
      [],
    );
  });
});

describe('a send that took less', () => {
  const short: Fields = { event: 'sent', ...ON, bytes: 10, asked: 99 };
  const replied = { ...CLOSED, reason: 'replied' };
  it('before the close is a fault', () => {
    assert.deepEqual(rulesOn([...began, [1, short], [1, replied]]), ['short-send']);
  });
  it('to a client that then reads nothing, until time is up, is none', () => {
    const wouldBlock: Fields = { event: 'would-block', ...ON, call: 'send' };
    assert.deepEqual(rulesOn([...began, [1, short], [1, wouldBlock], [8, replied]]), []);
    assert.deepEqual(rulesOn([...began, [1, short], [8, replied]]), []);
  });
  it('to a client that has gone is none', () => {
    assert.deepEqual(rulesOn([...began, [1, short], [1, { event: 'reset', ...ON }], [1, replied]]), []);
  });
});

describe('descriptors that are no connections', () => {
  /** A look after each client; `others`: how many there are then. */
  const growing = (others: (clients: number) => number, thread: (i: number) => Fields[] = () => []) =>
    Array.from({ length: 60 }, (_, i) => {
      const on = { connection: i + 1, fd: 4 };
      const seen: Fields = {
        event: 'descriptors',
        process: 1,
        open: 9,
        others: others(i),
        most: '/x',
        times: others(i),
      };
      return [{ ...ACCEPTED, ...on }, { ...CLOSED, ...on }, ...thread(i), byMain(seen)].map(
        (event): [number, Fields] => [i, event],
      );
    }).flat();
  it('and grow by one with each client are a fault', () => {
    assert.deepEqual(rulesOn([[0, LISTENING], ...growing((i) => i)]), ['descriptors-pile-up']);
  });
  it('and do so from some time on are a fault', () => {
    const late = growing((i) => Math.max(0, i - 20));
    assert.deepEqual(rulesOn([[0, LISTENING], ...late]), ['descriptors-pile-up']);
  });
  it('and fill a pool, or come with some clients, are none', () => {
    assert.deepEqual(rulesOn([[0, LISTENING], ...growing((i) => Math.min(i, 20))]), []);
    assert.deepEqual(rulesOn([[0, LISTENING], ...growing((i) => Math.floor(i / 2))]), []);
    assert.deepEqual(rulesOn([[0, LISTENING], ...growing((i) => (i < 20 ? 0 : 50))]), []);
  });
  it('and come with further threads are none', () => {
    const started = (i: number): Fields[] => [
      { event: 'thread-started', serial: i + 1, tookUs: 1, tid: 100 + i, thread: `thread-${i + 1}` },
    ];
    assert.deepEqual(rulesOn([[0, LISTENING], ...growing((i) => 4 * i, started)]), []);
  });
});

describe('a full accept queue', () => {
  const full = (overflows: number): Fields =>
    byMain({ event: 'accept-queue', fd: 3, length: 6, limit: 5, overflows });
  it('that has dropped nobody is none', () => {
    assert.deepEqual(rulesOn([...began, [1, full(0)]]), []);
    assert.deepEqual(rulesOn([...began, [1, full(1)]]), ['backlog-full']);
  });
});

describe('an edge', () => {
  const watching: Fields = { event: 'watching', ...ON, interest: 'EPOLLIN|EPOLLET' };
  const unread: Fields = byMain({ event: 'unread', ...ON, bytes: 5 });
  const story = (bytes: number): (readonly [number, Fields])[] => [
    ...began,
    [1, watching],
    [1, { event: 'received', ...ON, bytes, room: 64 }],
    [1, asleep('epoll_wait', { fd: 5 })],
    [2, unread],
    [9, STOPPED],
  ];
  it('after a recv that filled its buffer is missed', () => {
    assert.deepEqual(rulesOn(story(64)), ['edge-missed']);
  });
  it('after one that did not is left for later by a server that knows it', () => {
    assert.deepEqual(rulesOn(story(63)), []);
  });
  it('is missed as well by a server that has sent something since', () => {
    const sent: Fields = { event: 'sent', ...ON, bytes: 9 };
    const later: readonly (readonly [number, Fields])[] = [
      [2.5, awake('epoll_wait', 1.5)],
      [2.5, sent],
      [2.5, asleep('epoll_wait', { fd: 5 })],
    ];
    assert.deepEqual(rulesOn([...story(64).slice(0, -1), ...later, [3, STOPPED]]), []);
    assert.deepEqual(rulesOn([...story(64).slice(0, -1), ...later, [9, STOPPED]]), ['edge-missed']);
  });
  it('of a listener is none while clients are accepted', () => {
    const accepting = [2, 2.5, 3, 3.5].flatMap((at): (readonly [number, Fields])[] => [
      [at, awake('epoll_wait', 0.5)],
      [at, ACCEPTED],
      [at, asleep('epoll_wait', { fd: 5 })],
    ]);
    const busy: readonly (readonly [number, Fields])[] = [
      [0, LISTENING],
      [0, { event: 'watching', fd: 3, interest: 'EPOLLIN|EPOLLET' }],
      [1, asleep('epoll_wait', { fd: 5 })],
      [1.5, byMain({ event: 'accept-queue', fd: 3, length: 2, limit: 5, overflows: 0 })],
      ...accepting,
    ];
    const signal = byMain({ event: 'signal', signal: 'SIGTERM' });
    assert.deepEqual(rulesOn([...busy, [4, signal]]), []);
    assert.deepEqual(rulesOn([...busy, [9, signal]]), ['edge-missed']);
  });
});

it('each rule speaks once, and nothing comes behind the end', () => {
  const again: Fields = { event: 'would-block', ...ON, call: 'recv' };
  const once: readonly [number, Fields][] = [
    [1, ACCEPTED],
    [1, again],
    [1, CLOSED],
  ];
  assert.deepEqual(rulesOn([[0, LISTENING], ...once, ...once, [9, STOPPED]]), ['taken-for-the-end']);
});
