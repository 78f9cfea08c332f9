// What moves the point that a picture shows, and the chapters that it stops at.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LivePlayback } from '../../src/board/playback.js';
import { Timeline } from '../../src/board/timeline.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';

const told = (at: number, event: string): LifecycleEvent =>
  ({ at, event, thread: 'loop', tid: 7, connection: 1, fd: 8 }) as unknown as LifecycleEvent;

test('of the chapters of a long run the newest 10,000 are kept, as far as their events are, and the first one says so', () => {
  for (const [markers, quiet, forgotten] of [
    [10_005, 0, 5],
    [3, 250_001, 3],
  ] as const) {
    const timeline = new Timeline(1);
    const playback = new LivePlayback(timeline, 1, () => 0);
    const between = Array.from({ length: quiet }, (_, i) => told(i, 'received'));
    const resets = (many: number): LifecycleEvent[] => Array.from({ length: many }, () => told(1e6, 'reset'));
    playback.add(0, [...resets(markers), ...between]);
    if (quiet > 0) playback.add(0, resets(1));
    timeline.goTo(0);
    playback.chapter(1);
    assert.match(
      playback.status,
      new RegExp(`\\(a client has reset its connection; ${forgotten} chapters before it are forgotten\\)`),
    );
  }
});
