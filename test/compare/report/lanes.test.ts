// Lanes from events: of servers that really ran, and of events made by hand where a recording can't be had to order.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Comparison } from '../../../src/compare/comparison.js';
import { type Lane, lanesOf } from '../../../src/compare/report/lanes.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import { record } from './recorded.js';

const END = 1000;

/** An event of one thread. */
const told = (at: number, event: string, more: object = {}, thread = 'loop'): LifecycleEvent =>
  ({ at, event, thread, tid: 7, ...more }) as LifecycleEvent;

/** `100-200 working #1`, for each segment of a lane. */
const written = ({ segments }: Lane): string[] =>
  segments.map(({ from, to, state, call, connection, starts }) =>
    [`${from}-${to}`, state, call, connection && `#${connection}`, starts].filter(Boolean).join(' '),
  );

const only = (events: LifecycleEvent[], until = END): string[] => written(lanesOf(events, until)[0]!);

describe('lanes of events made by hand', () => {
  it('the loop sleeps for nobody, and works for whoever is ready', () => {
    const lane = only([
      told(0, 'blocked', { call: 'epoll_wait', fd: 5 }),
      told(100, 'resumed', { call: 'epoll_wait', fd: 5, waitedUs: 100 }),
      told(110, 'ready', { connection: 1, fd: 8 }),
      told(120, 'received', { connection: 1, fd: 8, bytes: 9 }),
      told(140, 'closed', { connection: 1, fd: 8 }),
      told(150, 'ready', { connection: 2, fd: 9 }),
      told(160, 'sent', { connection: 2, fd: 9, bytes: 9 }),
      told(170, 'blocked', { call: 'epoll_wait', fd: 5 }),
    ]);
    assert.deepEqual(lane, [
      '0-100 asleep epoll_wait',
      '100-110 working',
      '110-140 working #1',
      '140-150 working',
      '150-170 working #2',
      '170-1000 asleep epoll_wait',
    ]);
  });

  it('a call that took long without a sleep is work', () => {
    const lane = only([
      told(0, 'received', { connection: 1, fd: 8, bytes: 9 }),
      told(10, 'blocked', { call: 'send', connection: 1, fd: 8 }),
      told(300, 'resumed', { call: 'send', connection: 1, fd: 8, waitedUs: 290, slept: false }),
      told(310, 'sent', { connection: 1, fd: 8, bytes: 9 }),
      told(320, 'blocked', { call: 'recv', connection: 1, fd: 8 }),
    ]);
    assert.deepEqual(lane, ['0-320 working #1', '320-1000 asleep recv #1']);
  });

  it('what is told after a call was done before it: an accept, and a reply that a timer was due for', () => {
    const lane = only([
      told(0, 'resumed', { call: 'epoll_wait', fd: 5, waitedUs: 0 }),
      told(10, 'ready', { fd: 4 }),
      told(30, 'accepted', { connection: 1, fd: 8 }),
      told(40, 'watching', { connection: 1, fd: 8, interest: 'EPOLLIN' }),
      told(60, 'accepted', { connection: 2, fd: 9 }),
      told(70, 'would-block', { call: 'accept4', fd: 4 }),
      told(90, 'sent', { connection: 3, fd: 7, bytes: 1 }),
      told(95, 'blocked', { call: 'epoll_wait', fd: 5 }),
    ]);
    assert.deepEqual(lane, [
      '0-10 working',
      '10-40 working #1',
      '40-60 working #2',
      '60-70 working',
      '70-95 working #3',
      '95-1000 asleep epoll_wait',
    ]);
  });

  it('a connection thread starts, serves, is idle, and is used again', () => {
    const conn = (at: number, event: string, more: object = {}): LifecycleEvent =>
      told(at, event, more, 'conn-1');
    const lane = only([
      conn(50, 'thread-started', { connection: 1, serial: 1, tookUs: 40 }),
      conn(55, 'blocked', { call: 'recv', connection: 1, fd: 8 }),
      conn(80, 'resumed', { call: 'recv', connection: 1, fd: 8, waitedUs: 25 }),
      conn(90, 'closed', { connection: 1, fd: 8 }),
      conn(95, 'blocked', { call: 'futex' }),
      conn(200, 'resumed', { call: 'futex', waitedUs: 105 }),
      conn(205, 'thread-reused', { connection: 2, fd: 8 }),
      conn(230, 'closed', { connection: 2, fd: 8 }),
      conn(240, 'thread-ended'),
    ]);
    assert.deepEqual(lane, [
      '10-50 starting #1',
      '50-55 working #1',
      '55-80 asleep recv #1',
      '80-90 working #1',
      '90-95 working',
      '95-200 idle futex',
      '200-205 working',
      '205-230 working #2',
      '230-240 working',
    ]);
  });

  it('an acceptor that looks after a start is not shown at work, and one without a thread to give is not idle', () => {
    const lanes = lanesOf(
      [
        told(0, 'resumed', { call: 'accept4', fd: 4, waitedUs: 0 }, 'acceptor'),
        told(10, 'accepted', { connection: 1, fd: 8 }, 'acceptor'),
        { ...told(50, 'thread-started', { connection: 1, serial: 1, tookUs: 35 }, 'conn-1'), tid: 8 },
        told(60, 'blocked', { call: 'futex' }, 'acceptor'),
      ],
      END,
    );
    assert.deepEqual(
      lanes.map(({ thread }) => thread),
      ['acceptor', 'conn-1'],
    );
    assert.deepEqual(written(lanes[0]!), [
      '0-15 working #1',
      '15-60 starting #1 conn-1',
      '60-1000 asleep futex',
    ]);
  });

  it('events that were lost leave no hole and no overlap', () => {
    const lane = only([
      told(100, 'resumed', { call: 'epoll_wait', fd: 5, waitedUs: 60 }),
      told(110, 'blocked', { call: 'epoll_wait', fd: 5 }),
      told(300, 'received', { connection: 4, fd: 9, bytes: 1 }),
      told(310, 'received', { connection: 4, fd: 9, bytes: 1 }),
    ]);
    assert.deepEqual(lane, ['100-110 working', '110-300 asleep epoll_wait', '300-1000 working #4']);
  });

  it('conn-2 comes before conn-10, and the narrator has no lane', () => {
    const names = ['conn-10', 'main', 'conn-2', 'acceptor'];
    const lanes = lanesOf(
      names.map((name) => told(0, 'listening', {}, name)),
      END,
    );
    assert.deepEqual(
      lanes.map(({ thread }) => thread),
      ['acceptor', 'conn-2', 'conn-10'],
    );
  });
});

describe('lanes of servers that ran', () => {
  let comparison: Comparison;
  before(async () => {
    ({ comparison } = await record());
  });

  const eachLane = (check: (lane: Lane, events: readonly LifecycleEvent[]) => void): void => {
    for (const { events } of comparison.models) {
      const lanes = lanesOf(events, comparison.durationUs);
      assert.ok(lanes.length > 0);
      for (const lane of lanes) check(lane, events);
    }
  };

  it('a lane has every moment of its thread once, from its start to its end', () => {
    eachLane(({ segments, thread }) => {
      for (const [i, { from, to }] of segments.entries()) {
        assert.ok(from < to, thread);
        if (i > 0) assert.equal(from, segments[i - 1]!.to, thread);
      }
    });
  });

  it('a thread slept as long as its calls said that they waited', () => {
    eachLane((lane, events) => {
      const own = events.filter(({ tid }) => tid === lane.tid);
      const waited = own.reduce(
        (sum, each) => (each.event === 'resumed' && each.slept !== false ? sum + each.waitedUs : sum),
        0,
      );
      const slept = lane.segments
        .filter(({ state }) => state === 'asleep' || state === 'idle')
        .reduce((sum, { from, to }) => sum + to - from, 0);
      // Each time and each wait is rounded to a microsecond by itself.
      assert.ok(Math.abs(slept - waited) <= own.length * 2, `${lane.thread}: ${slept} us, ${waited} us`);
    });
  });

  it('the CPU time of a computing request is work, and is that connection’s', () => {
    for (const { mode, events } of comparison.models) {
      const request = events.find((each) => each.event === 'request' && each.target.startsWith('/compute'));
      assert.ok(request?.event === 'request');
      const lane = lanesOf(events, comparison.durationUs).find(({ tid }) => tid === request.tid)!;
      const segment = lane.segments.find(({ from, to }) => from <= request.at && request.at < to)!;
      assert.equal(segment.state, 'working', mode);
      assert.equal(segment.connection, request.connection, mode);
      assert.ok(segment.to - request.at >= 59_000, mode);
    }
  });
});
