// Ladders of connections that end in each way that TCP has, and of stories that nobody foresaw: nothing goes upwards.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { bestConnection, ladderOf, type SegmentKind, type Side } from '../../src/pictures/ladder.js';
import { type Layout, layoutOf } from '../../src/pictures/ladder-layout.js';
import { ladderPicture } from '../../src/pictures/ladder-picture.js';
import type { RunServer } from '../../src/pictures/run.js';
import type { ClientMoment } from '../../src/sources/recording-entry.js';

const FOUR_TUPLE = ['127.0.0.1', 50_000, '127.0.0.1', 8080] as const;

type Told = readonly [at: number, event: string, fields?: object];

const event = ([at, name, fields]: Told): LifecycleEvent =>
  ({ at, event: name, thread: 'loop', tid: 7, connection: 1, fd: 9, ...fields }) as unknown as LifecycleEvent;
const moment = ([at, name, fields]: Told): ClientMoment =>
  ({ at, event: name, client: 1, fourTuple: FOUR_TUPLE, ...fields }) as ClientMoment;

const server = (events: readonly Told[], moments: readonly Told[] = []): RunServer => ({
  name: 'evented',
  events: events.map(event),
  moments: moments.map(moment),
});

const layoutOfFirst = (told: RunServer): Layout => layoutOf(ladderOf(told, 1)!);

/** The states of one end, in their order. */
const statesOf = ({ states }: Layout, side: Side): string[] => states[side].map(({ state }) => state);

const ACCEPTED: Told = [100, 'accepted', { fourTuple: FOUR_TUPLE }];
const CONNECTED: readonly Told[] = [
  [10, 'connecting'],
  [90, 'connected'],
];
const asks: readonly Told[] = [...CONNECTED, [120, 'sent', { bytes: 60 }]];
const answers: readonly Told[] = [
  ACCEPTED,
  [150, 'received', { bytes: 60 }],
  [160, 'request', { method: 'GET', target: '/' }],
  [170, 'sent', { bytes: 112, status: 200 }],
];
const CLOSED = { durationUs: 1, bytesIn: 60, bytesOut: 112, requests: 1 };

describe('a ladder', () => {
  it('shows who closes first in TIME_WAIT, whichever end that is', () => {
    const first = layoutOfFirst(
      server(
        [...answers, [200, 'closed', { ...CLOSED, reason: 'replied' }]],
        [...asks, [210, 'received', { bytes: 112 }], [220, 'peer-closed'], [230, 'closed']],
      ),
    );
    assert.deepEqual(statesOf(first, 'server').slice(3), ['FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT']);
    assert.deepEqual(statesOf(first, 'client').slice(3), ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED']);

    const client = layoutOfFirst(
      server(
        [...answers, [300, 'peer-closed'], [310, 'closed', { ...CLOSED, reason: 'peer-closed' }]],
        [...asks, [210, 'received', { bytes: 112 }], [250, 'closed']],
      ),
    );
    assert.deepEqual(statesOf(client, 'client').slice(3), ['FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT']);
    assert.deepEqual(statesOf(client, 'server').slice(3), ['CLOSE_WAIT', 'LAST_ACK', 'CLOSED']);
  });

  it('shows a server that lingers in TIME_WAIT: it had closed its side before it saw the end of the client', () => {
    const layout = layoutOfFirst(
      server([...answers, [300, 'peer-closed'], [310, 'closed', { ...CLOSED, reason: 'replied' }]]),
    );
    assert.deepEqual(statesOf(layout, 'server').slice(3), ['FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT']);
  });

  it('ends in CLOSED on both sides where the client resets', () => {
    const layout = layoutOfFirst(
      server(
        [...answers, [300, 'reset'], [310, 'closed', { ...CLOSED, reason: 'reset' }]],
        [...asks, [280, 'closed', { withReset: true }]],
      ),
    );
    assert.equal(statesOf(layout, 'client').at(-1), 'CLOSED');
    assert.equal(statesOf(layout, 'server').at(-1), 'CLOSED');
    assert.ok(!layout.segments.some(({ segment }) => segment.kind === 'FIN'));
  });

  it('says that it knows a segment only where both ends reported it', () => {
    const known = (layout: Layout): SegmentKind[] =>
      layout.segments.filter(({ isKnown }) => isKnown).map(({ segment }) => segment.kind);
    const told = [
      ...answers,
      [300, 'peer-closed'],
      [310, 'closed', { ...CLOSED, reason: 'peer-closed' }],
    ] as Told[];
    assert.deepEqual(known(layoutOfFirst(server(told))), []);
    const both = [...asks, [210, 'received', { bytes: 112 }], [250, 'closed']] as Told[];
    assert.deepEqual(known(layoutOfFirst(server(told, both))), ['data', 'data', 'FIN']);
  });

  it('shows that a client which was never accepted in time is connected all the same', () => {
    const layout = layoutOfFirst(server([[900_000, 'accepted', { fourTuple: FOUR_TUPLE }]], CONNECTED));
    const [accept] = layout.segments.filter(({ taken }) => taken !== undefined);
    assert.equal(accept?.segment.kind, 'ACK'); // it lies in the accept queue
    assert.ok(layout.pauses.length === 1);
  });

  it('takes the client that had the port at that time', () => {
    const earlier = CONNECTED.map(([at, name]) => moment([at - 1e6, name, { client: 4 }]));
    const told = server(answers, asks);
    const ladder = ladderOf({ ...told, moments: [...earlier, ...told.moments] }, 1)!;
    assert.deepEqual(
      ladder.client.map(({ at }) => at),
      [10, 90, 120],
    );
  });

  it('is of a connection that was answered, where none is chosen', () => {
    const silent = event([1, 'accepted', { connection: 2, fourTuple: FOUR_TUPLE }]);
    const told = server([...answers, [200, 'closed', { ...CLOSED, reason: 'replied' }]]);
    assert.equal(bestConnection({ ...told, events: [silent, ...told.events] }), 1);
    assert.equal(bestConnection({ ...told, events: [silent] }), 2);
    assert.equal(bestConnection({ ...told, events: [] }), undefined);
  });

  it('takes no text for markup', () => {
    const target = '/<script>alert(1)</script>&"\u0007\ud800';
    const told = server([ACCEPTED, [160, 'request', { method: 'GET', target }]]);
    const svg = ladderPicture({ title: '<b>', servers: [told], steps: [] }, undefined, () => () => false)!;
    for (const text of ['<script', '<b>', '\u0007', '\ud800']) assert.ok(!svg.includes(text));
    assert.match(svg, /&#60;b&#62;/);
  });
});

const toldOf = (names: readonly Told[]): fc.Arbitrary<Told[]> =>
  fc
    .array(fc.record({ told: fc.constantFrom(...names), after: fc.nat(40_000) }), { maxLength: 70 })
    .map((all) => {
      let at = 100;
      return all.map(({ told: [, name, fields], after }): Told => {
        at += after;
        return fields === undefined ? [at, name] : [at, name, fields];
      });
    });

describe('the ladder of any story', () => {
  const ofServer = toldOf([
    [0, 'received', { bytes: 9 }],
    [0, 'sent', { bytes: 7 }],
    [0, 'blocked', { call: 'recv' }],
    [0, 'resumed', { call: 'recv', waitedUs: 5000 }],
    [0, 'watching', { interest: 'EPOLLIN' }],
    [0, 'peer-closed'],
    [0, 'reset'],
    [0, 'closed', { ...CLOSED, reason: 'replied' }],
  ]);
  const ofClient = toldOf([
    [0, 'sent', { bytes: 4 }],
    [0, 'received', { bytes: 3 }],
    [0, 'peer-closed'],
    [0, 'reset'],
    [0, 'timed-out'],
    [0, 'closed'],
  ]);

  it('has nothing that goes upwards, and each end in its own order', () => {
    fc.assert(
      fc.property(ofServer, ofClient, fc.boolean(), (events, moments, isRecorded) => {
        const client = isRecorded ? [...CONNECTED, ...moments] : [];
        const told = server([ACCEPTED, ...events], client);
        const { segments, steps, states, height } = layoutOfFirst(told);
        const yOf = new Map(steps.map(({ step, y }) => [step, y]));
        for (const { segment, departs, arrives, taken = arrives } of segments) {
          assert.ok(departs < arrives && arrives <= taken && departs >= 0 && taken <= height);
          const { sentBy, takenBy } = segment;
          if (sentBy === undefined || takenBy === undefined) continue;
          const [sent, took] = [yOf.get(sentBy)!, yOf.get(takenBy)!];
          // A story in which an end took what was sent only after that is none of TCP's.
          if (sent < took) assert.ok(departs === sent && arrives < took);
        }
        for (const side of ['client', 'server'] as const) {
          const own = steps.filter(({ step }) => step.side === side);
          for (const [i, { step, y }] of own.entries())
            if (i > 0) assert.ok(y > own[i - 1]!.y && step.at >= own[i - 1]!.step.at);
          for (const { from, to } of states[side]) assert.ok(from <= to);
        }
      }),
      { numRuns: 300 },
    );
  });
});
