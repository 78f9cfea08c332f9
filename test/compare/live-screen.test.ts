// The terminal while a comparison runs: what it says of many lines at once, and when the status goes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { Columns } from '../../src/compare/columns.js';
import { LiveScreen } from '../../src/compare/live-screen.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Output } from '../../src/terminal/output.js';
import { UNICODE } from '../../src/terminal/terminal.js';

const chalk = new Chalk({ level: 0 });
const MODES = ['blocking', 'evented'] as const;

function screen() {
  const written: string[] = [];
  const output = { full: false, write: (text: string) => written.push(text), skip: () => {} };
  const live = new LiveScreen(
    output as unknown as Output,
    new Columns(chalk, MODES, 120, UNICODE),
    chalk,
    true,
  );
  return { live, written };
}

const closed = (at: number): LifecycleEvent => ({
  at,
  event: 'reset',
  thread: 'loop',
  tid: 1,
  connection: at,
  fd: 9,
});

test('how long all of it took is told from the earliest to the latest, whoever told it first', () => {
  const { live, written } = screen();
  live.onBegin(0);
  const times = Array.from({ length: 40 }, (_, i) => 1000 * (i + 1));
  live.onEvents('evented', times.slice(20).map(closed));
  live.onEvents('blocking', times.slice(0, 20).map(closed));
  live.close();
  assert.match(written.join(''), / lines more, all within 39\.0 ms\n/);
});

test('the status goes with the servers, before each is measured alone', () => {
  const { live, written } = screen();
  live.onBegin(0);
  const sample = { at: 1, connections: 3, threads: 4, answered: 5, memory: 1e6, cpuSeconds: 0.5 };
  for (const mode of MODES) live.onSample(mode, sample);
  live.print([]);
  assert.match(written.at(-1)!, / now .*3 connections open, 4 threads/);
  live.onLoad('evented', 3);
  assert.ok(
    written.slice(1).some((text) => text.startsWith('\x1b[3F\x1b[J')),
    'it is wiped',
  );
  assert.match(written.at(-1)!, /evented alone, at full speed/);
  assert.doesNotMatch(written.at(-1)!, /connections open/);
  live.close();
});
