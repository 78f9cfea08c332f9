// The moments worth a look, which are the chapters of a recording.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Markers } from '../../src/board/markers.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';

const told = (at: number, event: string, more: object = {}): LifecycleEvent =>
  ({ at, event, thread: 'loop', tid: 7, ...more }) as LifecycleEvent;

/** A loop that wakes, and sleeps again a second later. */
const BUSY = [
  told(10, 'resumed', { call: 'epoll_wait', waitedUs: 5 }),
  told(1_000_010, 'blocked', { call: 'epoll_wait' }),
];

const markersOf = (...events: LifecycleEvent[]): string[] => {
  const markers = new Markers();
  return events.flatMap((event) => markers.take(event) ?? []);
};

test('all that serves is busy: threads, or processes', () => {
  const busy = { event: 'threads-busy', threads: 2 };
  assert.deepEqual(markersOf(told(5, 'threads-busy', busy)), ['all 2 threads are busy']);
  assert.deepEqual(markersOf(told(5, 'threads-busy', { ...busy, thread: 'parent' })), [
    'all 2 processes are busy',
  ]);
});

test('a loop that was busy is one, but not where it may have paused or stopped', () => {
  assert.deepEqual(markersOf(told(0, 'listening'), ...BUSY), ['the loop was busy for 1.00 s']);
  assert.deepEqual(markersOf(told(0, 'listening', { pace: 'by hand' }), ...BUSY), []);
  assert.deepEqual(markersOf(told(0, 'listening'), told(5, 'pace-changed', { pace: '50ms' }), ...BUSY), []);
});

test('advice is one, by the name of its rule', () => {
  assert.deepEqual(markersOf(told(0, 'advice', { rule: 'never-closed' })), ['advice: never-closed']);
});
