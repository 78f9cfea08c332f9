// The state that comes of events: what each thread does, where each connection stands, and the same state on every way to it.

import assert from 'node:assert/strict';
import { before, describe, it, test } from 'node:test';
import fc from 'fast-check';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { type Activity, ServerState } from '../../src/lifecycle/state.js';
import { StateHistory } from '../../src/lifecycle/state-history.js';
import { Client, get } from '../support/client.js';
import { MODELS } from '../support/models.js';
import { TestServer } from '../support/server.js';

/** An event of the loop. */
const told = (at: number, event: string, more: object = {}, thread = 'loop', tid = 7): LifecycleEvent =>
  ({ at, event, thread, tid, ...more }) as LifecycleEvent;

const on = (at: number, event: string, more: object = {}, thread = 'loop', tid = 7): LifecycleEvent =>
  told(at, event, { connection: 1, fd: 8, ...more }, thread, tid);

const FOUR_TUPLE = ['127.0.0.1', 50_000, '127.0.0.1', 8080] as const;

function stateAfter(...events: LifecycleEvent[]): ServerState {
  const state = new ServerState();
  for (const event of events) state.apply(event);
  return state;
}

/** The stages that a connection has been in, each once. */
function stagesOf(...events: LifecycleEvent[]): string[] {
  const state = new ServerState();
  const stages: string[] = [];
  for (const event of events) {
    state.apply(event);
    const stage = (state.connections.get(1) ?? state.closedConnections.get(1))?.stage;
    if (stage !== undefined && stage !== stages.at(-1)) stages.push(stage);
  }
  return stages;
}

const request = (at: number, target: string, more: object = {}, thread = 'loop'): LifecycleEvent =>
  on(at, 'request', { method: 'GET', target, ...more }, thread);

test('a state goes on as plain data, with all that it is asked for', () => {
  const state = stateAfter(
    told(1, 'submitted', { operation: 'accept', fd: 4, goesOn: true }),
    told(2, 'watching', { fd: 5, interest: 'EPOLLIN' }),
    on(3, 'accepted', { fourTuple: FOUR_TUPLE }),
    request(4, '/?name=Ada'),
  );
  const overJson = <T>(data: T): T => JSON.parse(JSON.stringify(data));
  const again = ServerState.fromData(overJson(state.toData()));
  for (const each of ['inFlight', 'interestList', 'clients'] as const) {
    assert.deepEqual(overJson(again[each]), overJson(state[each]));
    assert.equal(state[each].length, 1);
  }
});

test('a client is known by the name in its requests: one line of 24 characters at most, and nothing but text', () => {
  const names = [
    '/connection?name=Ada',
    '/connection?name=%20Gr%C3%A4fin%20%0A%1b%5B2J%E2%80%AEAda%20',
    `/sleep?ms=5&name=${'x'.repeat(99)}`,
    '/connection?username=Ada',
    '/connection?name=%ff%00+',
    '/name=Ada',
  ].map((target) => stateAfter(on(1, 'accepted'), request(2, target)).clientOf(1));
  assert.deepEqual(names, ['Ada', 'Gräfin [2J Ada', 'x'.repeat(24), undefined, '\ufffd', undefined]);
  const kept = stateAfter(on(1, 'accepted'), request(2, '/?name=Ada'), request(3, '/'), on(4, 'closed'));
  assert.equal(kept.clientOf(1), 'Ada');
});

describe('where a connection stands', () => {
  it('in the loop, which marks the send that completes a reply', () => {
    const stages = stagesOf(
      on(1, 'accepted', { fourTuple: FOUR_TUPLE }),
      on(2, 'watching', { interest: 'EPOLLIN' }),
      on(3, 'received', { bytes: 9 }),
      request(4, '/sleep?ms=5'),
      on(5, 'watching', { interest: '0' }),
      on(6, 'sent', { bytes: 5 }),
      on(7, 'would-block', { call: 'send' }),
      on(8, 'watching', { interest: 'EPOLLOUT' }),
      on(9, 'sent', { bytes: 5, status: 200 }),
      on(10, 'watching', { interest: 'EPOLLIN' }),
      on(11, 'received', { bytes: 9 }),
      on(12, 'closed', { reason: 'peer-closed' }),
    );
    assert.deepEqual(stages, [
      'receiving',
      'answering',
      'sleeping',
      'sending',
      'answered',
      'receiving',
      'closed',
    ]);
  });

  it('in the loop, where the request already has the status', () => {
    const stages = stagesOf(
      on(1, 'accepted', { fourTuple: FOUR_TUPLE }),
      request(2, '/', { status: 200 }),
      on(3, 'sent', { bytes: 5 }),
      request(4, '/bytes', { status: 200 }),
      on(5, 'sent', { bytes: 5 }),
      on(6, 'watching', { interest: 'EPOLLOUT|EPOLLET' }),
      on(7, 'sent', { bytes: 5 }),
      on(8, 'watching', { interest: 'EPOLLIN|EPOLLET' }),
    );
    assert.deepEqual(stages, [
      'receiving',
      'answering',
      'answered',
      'answering',
      'answered',
      'sending',
      'answered',
    ]);
  });

  it('with a thread of its own', () => {
    const own = (at: number, event: string, more: object = {}): LifecycleEvent =>
      on(at, event, more, 'conn-1', 8);
    const stages = stagesOf(
      on(1, 'accepted', { fourTuple: FOUR_TUPLE }, 'acceptor'),
      told(2, 'thread-started', { connection: 1, serial: 1, tookUs: 1 }, 'conn-1', 8),
      own(3, 'blocked', { call: 'recv' }),
      own(4, 'resumed', { call: 'recv', waitedUs: 1 }),
      own(5, 'request', { method: 'GET', target: '/sleep?ms=1' }),
      own(6, 'blocked', { call: 'clock_nanosleep' }),
      own(7, 'resumed', { call: 'clock_nanosleep', waitedUs: 1 }),
      own(8, 'blocked', { call: 'send' }),
      own(9, 'sent', { bytes: 3, status: 200 }),
      own(10, 'left-open'),
    );
    assert.deepEqual(stages, [
      'queued',
      'receiving',
      'answering',
      'sleeping',
      'answering',
      'sending',
      'answered',
      'left-open',
    ]);
  });

  it('in a process of its own, whose descriptors have their own numbers', () => {
    const child = (pid: number, at: number, id: number, event: string, more: object = {}): LifecycleEvent =>
      ({ at, event, thread: `proc-${id}`, tid: pid, pid, connection: id, ...more }) as LifecycleEvent;
    const accepted = (at: number, id: number): LifecycleEvent =>
      ({
        at,
        event: 'accepted',
        thread: 'parent',
        tid: 7,
        connection: id,
        fd: 25,
        fourTuple: FOUR_TUPLE,
      }) as LifecycleEvent;
    const state = stateAfter(
      accepted(1, 1),
      child(101, 2, 1, 'thread-started', { serial: 1, tookUs: 1 }),
      child(101, 3, 1, 'received', { fd: 3, bytes: 1 }),
      accepted(4, 2), // the parent has closed its own copy of the first, so the number comes again
      child(102, 5, 2, 'thread-started', { serial: 2, tookUs: 1 }),
      child(102, 6, 2, 'received', { fd: 3, bytes: 1 }),
    );
    assert.deepEqual(
      [...state.connections.values()].map(({ id, pid, fd, stage }) => [id, pid, fd, stage]),
      [
        [1, 101, 3, 'receiving'],
        [2, 102, 3, 'receiving'],
      ],
    );
    state.apply({
      at: 7,
      event: 'process-ended',
      thread: 'main',
      tid: 1,
      connection: 1,
      child: 101,
      signal: 'SIGKILL',
    });
    assert.deepEqual([...state.threads.keys()], [7, 102]);
  });

  it('ends with the server where that is killed, as its threads do', () => {
    const state = stateAfter(
      told(1, 'listening', { pid: 5 }),
      told(2, 'watching', { fd: 5, interest: 'EPOLLIN' }),
      on(3, 'accepted', { fourTuple: FOUR_TUPLE }),
      told(4, 'process-ended', { child: 5, signal: 'SIGKILL' }, 'main', 5),
    );
    const left = [state.threads, state.connections].map(({ size }) => size);
    assert.deepEqual([...left, state.interestList.length], [0, 0, 0]);
    assert.equal(state.closedConnections.get(1)?.closedAt, 4);
  });

  it('lingers after a bad request', () => {
    const stages = stagesOf(
      on(1, 'accepted', { fourTuple: FOUR_TUPLE }),
      on(2, 'bad-request', { status: 400, problem: 'none' }),
      on(3, 'sent', { bytes: 9 }),
      on(4, 'received', { bytes: 9 }),
    );
    assert.deepEqual(stages, ['receiving', 'answering', 'lingering']);
  });
});

describe('what a thread does', () => {
  const activity = (...events: LifecycleEvent[]): string => {
    const { doing, since, call, fd, connection } = stateAfter(...events).threads.get(7)!.activity;
    return [doing, since, call, fd && `fd ${fd}`, connection && `#${connection}`].filter(Boolean).join(' ');
  };

  it('sleeps in a call, on a descriptor, for a connection', () => {
    assert.equal(activity(on(5, 'blocked', { call: 'recv' })), 'asleep 5 recv fd 8 #1');
    assert.equal(activity(told(5, 'blocked', { call: 'epoll_wait', fd: 3 })), 'asleep 5 epoll_wait fd 3');
  });

  it('is idle while it waits for work; the acceptor that waits for a thread is not', () => {
    assert.equal(activity(told(5, 'blocked', { call: 'futex' }, 'conn-1')), 'idle 5 futex');
    assert.equal(activity(told(5, 'blocked', { call: 'futex' }, 'acceptor')), 'asleep 5 futex');
  });

  it('has worked for a connection since its last event', () => {
    assert.equal(
      activity(told(5, 'resumed', { call: 'epoll_wait', waitedUs: 2 }), on(9, 'received', { bytes: 1 })),
      'working 5 #1',
    );
  });

  it('is known for a while after its end, and is no longer among those that run', () => {
    const state = stateAfter(told(1, 'thread-reused', { connection: 1, fd: 8 }), told(2, 'thread-ended'));
    assert.equal(state.threads.size, 0);
    assert.equal(state.endedThreads.get(7)?.activity.doing, 'ended');
  });
});

describe('the rest of the state', () => {
  it('has the interest list, the listener first, and what was reported of each', () => {
    const events = [
      told(1, 'watching', { fd: 4, interest: 'EPOLLIN' }),
      on(2, 'accepted', { fourTuple: FOUR_TUPLE }),
      on(3, 'watching', { interest: 'EPOLLIN' }),
      on(4, 'ready', { readiness: 'EPOLLIN' }),
    ];
    assert.deepEqual(stateAfter(...events).interestList, [
      { fd: 4, connection: undefined, interest: 'EPOLLIN', readiness: undefined, readyAt: undefined },
      { fd: 8, connection: 1, interest: 'EPOLLIN', readiness: 'EPOLLIN', readyAt: 4 },
    ]);
    assert.equal(stateAfter(...events, on(5, 'closed')).interestList.length, 1);
    assert.equal(stateAfter(...events, on(5, 'unwatched')).interestList.length, 1);
  });

  it('has the connections that wait for a thread', () => {
    const accepted = on(1, 'accepted', { fourTuple: FOUR_TUPLE }, 'acceptor');
    const taken = told(2, 'thread-reused', { connection: 1, fd: 8 }, 'conn-1', 8);
    assert.deepEqual(
      stateAfter(accepted).queue.map(({ id }) => id),
      [1],
    );
    assert.deepEqual(stateAfter(accepted, taken).queue, []);
  });

  it('counts what was lost with the totals of a connection, and how many events were', () => {
    const { counts } = stateAfter(
      on(2, 'sent', { bytes: 3 }),
      told(3, 'events-dropped', { count: 4 }, 'main'),
      on(4, 'closed', { reason: 'replied', bytesIn: 70, bytesOut: 100, requests: 2 }),
      told(Number.NaN, 'skipped', { count: 5 }, 'main'),
    );
    assert.deepEqual(
      [
        counts.accepted,
        counts.closed,
        counts.requests,
        counts.bytesIn,
        counts.bytesOut,
        counts.eventsMissing,
      ],
      [1, 1, 2, 70, 100, 9],
    );
  });

  it('takes a connection for closed when its descriptor is accepted again', () => {
    const state = stateAfter(
      on(1, 'accepted', { fourTuple: FOUR_TUPLE }),
      told(9, 'accepted', { connection: 2, fd: 8, fourTuple: FOUR_TUPLE }),
    );
    assert.deepEqual([...state.connections.keys()], [2]);
    assert.equal(state.closedConnections.get(1)?.closedAt, 9);
    assert.equal(state.counts.peakConnections, 1);
  });

  it('is not changed by events that it does not know', () => {
    const known = stateAfter(on(1, 'accepted', { fourTuple: FOUR_TUPLE }));
    const more = stateAfter(
      on(1, 'accepted', { fourTuple: FOUR_TUPLE }),
      told(2, 'teleported', { connection: 9, where: 'elsewhere' }),
    );
    assert.deepEqual([...more.connections.keys()], [...known.connections.keys()]);
  });

  it('forgets: closed connections and ended threads do not pile up', () => {
    const state = new ServerState();
    for (let id = 1; id <= 5000; id++) {
      state.apply(told(id, 'accepted', { connection: id, fd: 9, fourTuple: FOUR_TUPLE }, 'acceptor'));
      state.apply(told(id, 'closed', { connection: id, fd: 9 }, `conn-${id}`, 100 + id));
      state.apply(told(id, 'thread-ended', {}, `conn-${id}`, 100 + id));
    }
    assert.equal(state.connections.size, 0);
    assert.ok(state.closedConnections.size <= 100);
    assert.ok(state.endedThreads.size <= 100);
    assert.equal(state.size, 2, 'the acceptor, and one descriptor');
  });
});

/** Few connections, descriptors and threads, so that random events meet; times go forwards, now and then a little back. */
const anyEvent = fc
  .record({
    step: fc.integer({ min: -3, max: 9 }),
    who: fc.constantFrom(['loop', 7], ['acceptor', 7], ['conn-1', 8], ['conn-2', 9], ['main', 1]),
    connection: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    fd: fc.integer({ min: 3, max: 6 }),
    event: fc.constantFrom(
      ...['accepted', 'thread-started', 'thread-reused', 'thread-ended', 'blocked', 'resumed', 'watching'],
      ...['unwatched', 'ready', 'would-block', 'received', 'request', 'bad-request', 'sent', 'left-open'],
      ...['closed', 'events-dropped', 'skipped', 'listening', 'stopped', 'teleported', 'call'],
    ),
    call: fc.constantFrom('recv', 'send', 'epoll_wait', 'futex', 'clock_nanosleep', 'accept4'),
    interest: fc.constantFrom('EPOLLIN', 'EPOLLOUT', '0', 'EPOLLET', 'EPOLLIN|EPOLLET'),
    status: fc.option(fc.constant(200), { nil: undefined }),
    slept: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ step, who: [thread, tid], event, ...rest }) => {
    const numbers = { bytes: 5, bytesIn: 5, bytesOut: 7, requests: 1, count: 2, waitedUs: 3, tookUs: 3 };
    const fields = {
      fourTuple: FOUR_TUPLE,
      method: 'GET',
      target: '/',
      reason: 'replied',
      readiness: 'EPOLLIN',
    };
    return { step, event: { event, thread, tid, ...numbers, ...fields, ...rest } };
  });

/** Long enough for some snapshots. */
const anyStory = fc.array(anyEvent, { minLength: 700, maxLength: 1500 }).map((steps) => {
  let at = 0;
  return steps.map(({ step, event }) => {
    at += step;
    return { at, ...event } as unknown as LifecycleEvent;
  });
});

/** The events up to the first that is later. */
function upTo(time: number, events: readonly LifecycleEvent[]): LifecycleEvent[] {
  const end = events.findIndex(({ at }) => at > time);
  return end < 0 ? [...events] : events.slice(0, end);
}

test('the state reached by going back is the state reached from the start', () => {
  fc.assert(
    fc.property(
      anyStory,
      fc.array(fc.integer({ min: -10, max: 4000 }), { maxLength: 8 }),
      (events, times) => {
        const history = new StateHistory();
        for (const event of events) history.add(event);
        for (const time of times) {
          const known = upTo(time, events);
          const state = history.at(time);
          assert.deepEqual(state, stateAfter(...known));
          // What it knows beside what it shows is the same too: going on from there leads to the same end.
          for (const event of events.slice(known.length)) state.apply(event);
          assert.deepEqual(state, history.now);
          assert.deepEqual(state.interestList, history.now.interestList);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('whatever comes, the counts agree with what is there', () => {
  fc.assert(
    fc.property(anyStory, (events) => {
      const { counts, connections, threads } = stateAfter(...events);
      assert.equal(counts.accepted - counts.closed, connections.size);
      assert.ok(counts.peakConnections >= connections.size);
      assert.ok(counts.peakThreads >= threads.size);
      const descriptors = [...connections.values()].map(({ fd }) => fd);
      assert.equal(
        new Set(descriptors).size,
        descriptors.length,
        'no two open connections have one descriptor',
      );
    }),
    { numRuns: 60 },
  );
});

test('a thread that has stopped before a step does nothing until the step, and says which comes next', () => {
  const doing: string[] = [];
  const state = new ServerState();
  const watcher = {
    activityEnded: ({ activity }: { activity: Activity }, to: number) =>
      void doing.push(`${activity.doing} ${activity.since}-${to}`),
    stageEnded: () => {},
  };
  for (const event of [
    on(10, 'accepted', { fourTuple: FOUR_TUPLE }),
    on(20, 'about-to', { call: 'recv' }),
    on(50, 'received', { bytes: 9 }),
    on(60, 'about-to', { call: 'shutdown' }),
    on(90, 'about-to', { operation: 'close' }),
  ])
    state.apply(event, watcher);
  assert.deepEqual(doing, ['working 10-20', 'stopped 20-50', 'working 50-60', 'stopped 60-90']);
  const { activity } = state.threads.get(7)!;
  assert.deepEqual([activity.doing, activity.next, activity.fd], ['stopped', { operation: 'close' }, 8]);
});

test('a history that is full forgets its beginning, and says from when it knows', () => {
  const history = new StateHistory(2000);
  const events = Array.from({ length: 10_000 }, (_, i) =>
    told(i, 'accepted', { connection: i + 1, fd: 5, fourTuple: FOUR_TUPLE }),
  );
  for (const event of events) history.add(event);
  assert.ok(history.from > 7000 && history.from < 10_000, `${history.from}`);
  for (const time of [history.from, 9999, 9500])
    assert.deepEqual(history.at(time), stateAfter(...upTo(time, events)));
  assert.deepEqual(history.at(5), history.at(history.from), 'before that it has no other');
});

describe('the state of servers that ran', () => {
  for (const [model, flags] of Object.entries(MODELS)) {
    describe(model, () => {
      let server: TestServer;
      before(async () => {
        server = await TestServer.start(flags);
        for (const target of ['/', '/sleep?ms=20', '/bytes?count=100000']) {
          const client = await Client.connect(server.port);
          client.send(get(target));
          await client.rest();
        }
        await server.count('closed', 3);
        await server.stop();
      });

      it('has the totals that the server counted by itself', () => {
        const { counts, stopped, connections } = stateAfter(...server.events);
        assert.ok(stopped !== undefined);
        const { accepted, requests, bytesIn, bytesOut } = counts;
        assert.deepEqual(
          { connections: accepted, requests, bytesIn, bytesOut },
          {
            connections: stopped.connections,
            requests: stopped.requests,
            bytesIn: stopped.bytesIn,
            bytesOut: stopped.bytesOut,
          },
        );
        assert.equal(connections.size, 0);
      });

      it('is asleep for the request that asked for it, before it sends the reply', () => {
        const history = new StateHistory();
        for (const event of server.events) history.add(event);
        const { events } = server;
        const asked = events.findIndex(
          (event) => event.event === 'request' && event.target.startsWith('/sleep'),
        );
        const sent = events.findIndex((event, index) => index > asked && event.event === 'sent');
        const seen = events
          .slice(asked, sent)
          .flatMap(({ at }) => [...history.at(at).connections.values()])
          .map(({ stage, request }) => `${stage}: ${request}`);
        const stage = model === 'evented, portable' ? 'answering' : 'sleeping'; // node:net tells of no timer
        assert.ok(seen.includes(`${stage}: GET /sleep?ms=20`), seen.join());
      });
    });
  }
});
