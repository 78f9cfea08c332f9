// Several servers in one order: the state at a point is the same on every way to it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Timeline } from '../../src/board/timeline.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { ServerState } from '../../src/lifecycle/state.js';

interface Step {
  readonly server: number;
  readonly event: LifecycleEvent;
}

/** Events that need not make sense together, as those of a damaged recording. */
const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.record({
      server: fc.integer({ min: 0, max: 2 }),
      connection: fc.integer({ min: 1, max: 5 }),
      event: fc.constantFrom('accepted', 'received', 'watching', 'sent', 'closed', 'blocked', 'resumed'),
      tid: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) =>
    all.map(({ server, connection, event, tid }, at) => ({
      server,
      event: {
        at,
        event,
        thread: `t${tid}`,
        tid,
        connection,
        fd: connection + 10,
        bytes: 1,
        call: 'recv',
        interest: 'EPOLLIN',
        fourTuple: ['127.0.0.1', connection, '127.0.0.1', 80],
        waitedUs: 1,
        reason: 'replied',
      } as unknown as LifecycleEvent,
    })),
  );

/** From the start, with nothing remembered. */
function stateFromStart(all: readonly Step[], server: number, point: number): ServerState {
  const state = new ServerState();
  for (const each of all.slice(0, point)) if (each.server === server) state.apply(each.event);
  return state;
}

describe('the timeline', () => {
  it('shows at every point the state that the events before it make, forwards and backwards', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(60), { maxLength: 12 }), (all, jumps) => {
        const timeline = new Timeline(3);
        for (const { server, event } of all) timeline.add(server, event);
        for (const jump of jumps) {
          timeline.goTo(jump);
          const point = Math.min(jump, all.length);
          assert.equal(timeline.at, point);
          assert.deepEqual(timeline.last, point === 0 ? undefined : all[point - 1]);
          for (const server of [0, 1, 2])
            assert.deepEqual(timeline.stateOf(server), stateFromStart(all, server, point));
        }
      }),
    );
  });

  it('gives the events between two points, each with its server', () => {
    fc.assert(
      fc.property(steps, fc.nat(60), fc.nat(60), (all, a, b) => {
        const timeline = new Timeline(3);
        for (const { server, event } of all) timeline.add(server, event);
        const [from, to] = [Math.min(a, b, all.length), Math.min(Math.max(a, b), all.length)];
        assert.deepEqual(timeline.between(from, to), all.slice(from, to));
      }),
    );
  });

  it('forgets the oldest events of many, and still shows every point from the first on', () => {
    const timeline = new Timeline(2);
    const total = 300_000;
    for (let at = 0; at < total; at++) {
      const event = { at, event: 'received', thread: 'loop', tid: 7, connection: 1, fd: 8, bytes: 1 };
      timeline.add(at % 2, event as unknown as LifecycleEvent);
    }
    assert.equal(timeline.length, total);
    assert.ok(timeline.first > 0 && timeline.first < total - 100_000, String(timeline.first));
    for (const point of [timeline.first, timeline.first + 1, total - 1, total]) {
      timeline.goTo(point);
      const bytes = [0, 1].map((server) => timeline.stateOf(server).counts.bytesIn);
      assert.deepEqual(bytes, [Math.ceil(point / 2), Math.floor(point / 2)]);
    }
    timeline.goTo(0);
    assert.equal(timeline.at, timeline.first);
  });
});
