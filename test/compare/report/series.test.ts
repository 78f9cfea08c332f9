// How many there were at every moment: no peak between two samples is missing, and the samples go on where events end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsOver, threadsOver, valueAt } from '../../../src/compare/report/series.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import { model } from '../made-up.js';

const told = (at: number, event: string, connection: number): LifecycleEvent =>
  ({ at, event, thread: 'loop', tid: 7, connection, fd: connection + 3 }) as unknown as LifecycleEvent;

/** Three connections that are gone before the first sample. */
const events = [
  ...[1, 2, 3].map((id) => told(id, 'accepted', id)),
  ...[1, 2, 3].map((id) => told(id + 10, 'closed', id)),
];
const sample = { connections: 5, threads: 2, answered: 0, memory: 1, cpuSeconds: 0 };

test('a peak that no sample saw is there', () => {
  const steps = connectionsOver(model('evented', {}, { events, samples: [{ ...sample, at: 200_000 }] }));
  assert.deepEqual(steps, [
    [1, 1],
    [2, 2],
    [3, 3],
    [11, 2],
    [12, 1],
    [13, 0],
  ]);
  assert.deepEqual(
    [0, 1, 5, 12, 1e9].map((at) => valueAt(steps, at)),
    [0, 1, 3, 1, 0],
  );
});

test('where events are missing, the samples after the last one go on', () => {
  const samples = [5, 200_000, 400_000].map((at) => ({ ...sample, at }));
  const result = model('evented', {}, { events, samples, eventsMissing: 7 });
  assert.deepEqual(connectionsOver(result).slice(-2), [
    [200_000, 5],
    [400_000, 5],
  ]);
  assert.deepEqual(threadsOver(result), [
    [1, 1],
    [200_000, 2],
    [400_000, 2],
  ]);
});
