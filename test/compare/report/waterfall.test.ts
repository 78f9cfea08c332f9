// Connections as rows: the clients' side and the server's joined by the 4-tuple, whatever one of them does not know.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClientConnection } from '../../../src/compare/comparison.js';
import { countOver, mostAtOnce } from '../../../src/compare/intervals.js';
import { type ConnectionRow, waitsOf, waterfallOf } from '../../../src/compare/report/waterfall.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import type { FourTuple } from '../../../src/net/four-tuple.js';

const END = 1_000_000;

const from = (port: number): FourTuple => ['127.0.0.1', port, '127.0.0.1', 8080];

const told = (at: number, event: string, connection: number, more: object = {}): LifecycleEvent =>
  ({ at, event, thread: 'loop', tid: 7, connection, fd: 8, ...more }) as unknown as LifecycleEvent;

const served = (connection: number, port: number, accepted: number, closed: number): LifecycleEvent[] => [
  told(accepted, 'accepted', connection, { fourTuple: from(port) }),
  told(closed, 'closed', connection, { reason: 'replied' }),
];

const client = (port: number, startedAt: number, more: Partial<ClientConnection> = {}): ClientConnection => ({
  fourTuple: from(port),
  startedAt,
  connectedAt: startedAt + 10,
  ...more,
});

/** `#1 100-110 connecting, 110-500 waiting`, for each row. */
const written = (rows: readonly ConnectionRow[]): string[] =>
  rows.map(
    ({ connection, segments }) =>
      `#${connection ?? '?'} ${segments.map((each) => `${each.from}-${each.to} ${each.state}`).join(', ')}`,
  );

describe('connections as rows', () => {
  it('waits in the accept queue from the connect until the accept, and is served until the close', () => {
    assert.deepEqual(written(waterfallOf(served(1, 50_000, 500, 900), [client(50_000, 100)], END)), [
      '#1 100-110 connecting, 110-500 waiting, 500-900 receiving',
    ]);
  });

  it('stands in the order of the connects, not of the accepts', () => {
    const events = [...served(1, 50_001, 600, 700), ...served(2, 50_000, 800, 900)];
    const rows = waterfallOf(events, [client(50_000, 100), client(50_001, 200)], END);
    assert.deepEqual(
      rows.map(({ connection }) => connection),
      [2, 1],
    );
  });

  it('is still in the queue when its client has left', () => {
    const rows = waterfallOf(served(1, 50_000, 500, 900), [client(50_000, 100, { closedAt: 300 })], END);
    assert.deepEqual(written(rows), [
      '#1 100-110 connecting, 110-300 waiting, 300-500 abandoned, 500-900 receiving',
    ]);
  });

  it('waits to the end where no server accepts it, and connects until it gives up where the queue is full', () => {
    const full: ClientConnection = { startedAt: 200, closedAt: 700 };
    assert.deepEqual(written(waterfallOf([], [client(50_000, 100), full], END)), [
      `#? 100-110 connecting, 110-${END} waiting`,
      '#? 200-700 connecting',
    ]);
  });

  it('begins with the accept where no client is known, or where its clock is a little ahead', () => {
    assert.deepEqual(written(waterfallOf(served(1, 50_000, 500, 900), [], END)), ['#1 500-900 receiving']);
    const late = client(50_000, 520, { connectedAt: 530 });
    assert.deepEqual(written(waterfallOf(served(1, 50_000, 500, 900), [late], END)), [
      '#1 500-900 receiving',
    ]);
  });

  it('tells two connections apart that had one source port, one after the other', () => {
    const events = [...served(1, 50_000, 500, 900), ...served(2, 50_000, 200_500, 200_900)];
    const rows = waterfallOf(events, [client(50_000, 100), client(50_000, 200_100)], END);
    assert.deepEqual(written(rows), [
      '#1 100-110 connecting, 110-500 waiting, 500-900 receiving',
      '#2 200100-200110 connecting, 200110-200500 waiting, 200500-200900 receiving',
    ]);
  });

  it('counts how many waited at once', () => {
    const events = [
      ...served(1, 50_000, 500, 900),
      ...served(2, 50_001, 600, 900),
      ...served(3, 50_002, 950, 960),
    ];
    const rows = waterfallOf(
      events,
      [client(50_000, 100), client(50_001, 150), client(50_002, 940, { connectedAt: 941 })],
      END,
    );
    assert.equal(mostAtOnce(waitsOf(rows)), 2);
    assert.deepEqual(countOver(waitsOf(rows)), [
      [110, 1],
      [160, 2],
      [500, 1],
      [600, 0],
      [941, 1],
      [950, 0],
    ]);
  });
});
