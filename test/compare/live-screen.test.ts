// The terminal while a comparison runs: the step that still runs is drawn over, and the status goes with the servers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { Columns } from '../../src/compare/columns.js';
import { FoldedView, LEAST_FOLDED_COLUMN } from '../../src/compare/folded-view.js';
import { LiveScreen } from '../../src/compare/live-screen.js';
import { nowUs } from '../../src/lifecycle/clock.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Output } from '../../src/terminal/output.js';
import { UNICODE } from '../../src/terminal/terminal.js';
import { LIMIT } from '../support/limit.js';

const chalk = new Chalk({ level: 0 });
const MODES = ['blocking', 'evented'] as const;

function screen(height = 24) {
  const written: string[] = [];
  const output = { full: false, write: (text: string) => written.push(text), skip: () => {} };
  const columns = new Columns(chalk, MODES, 120, UNICODE, LEAST_FOLDED_COLUMN);
  const live = new LiveScreen(output as unknown as Output, new FoldedView(columns), height);
  return { live, written };
}

const reset = (connection: number): LifecycleEvent => ({
  at: connection,
  event: 'reset',
  thread: 'loop',
  tid: 1,
  connection,
  fd: 9,
});

/** What a terminal shows in the end: each piece goes back over what may change, and draws again. */
function shown(written: readonly string[]): string[] {
  const lines: string[] = [];
  for (const piece of written) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those of a terminal
    const [, back, rest = ''] = /^(?:\x1b\[(\d+)F\x1b\[J)?(.*)$/s.exec(piece)!;
    lines.splice(lines.length - Number(back ?? 0));
    lines.push(...rest.split('\n').slice(0, -1));
  }
  return lines;
}

test('a step is drawn over while it runs, and stands once when the next one begins', LIMIT, async () => {
  const { live, written } = screen();
  live.onBegin(nowUs() - 1e6); // so long ago that all has come
  live.onStep({ at: 0, text: 'the first' });
  live.onEvent('evented', reset(1));
  await drawn(written, /#1 the \w+ has reset/);
  assert.match(shown(written).at(-1)!, /nothing measured yet/, 'the status stays below');
  live.onEvent('evented', reset(2));
  await drawn(written, /#1-#2 the \w+ has reset/);
  live.onStep({ at: 10, text: 'the second' });
  live.close();
  const text = shown(written).join('\n');
  assert.equal(text.match(/has reset/g)?.length, 1);
  assert.match(text, /-> the first\n.*#1-#2 the \w+ has reset.*\n.*-> the second$/);
});

/** Resolves when the screen shows it. */
async function drawn(written: readonly string[], what: RegExp): Promise<void> {
  while (!what.test(shown(written).join('\n'))) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('the status goes with the servers, before each is measured alone', LIMIT, async () => {
  const { live, written } = screen();
  live.onBegin(nowUs());
  const sample = { at: 1, connections: 3, threads: 4, answered: 5, memory: 1e6, cpuSeconds: 0.5 };
  for (const mode of MODES) live.onSample(mode, sample);
  await drawn(written, /3 connections, 4 threads, 5 answered, 1\.0 MB, 0\.50 s CPU/);
  live.onLoad('evented', 3);
  const lines = shown(written);
  assert.match(lines.at(-1)!, /-> evented alone, at full speed for 3 s$/);
  assert.doesNotMatch(lines.join('\n'), /answered/);
  live.close();
});

test('what is drawn over never has more lines than the terminal', LIMIT, async () => {
  const { live, written } = screen(8);
  live.onBegin(nowUs() - 1e6);
  live.onStep({ at: 0, text: 'the only one' });
  const trouble = ['reset', 'timed-out', 'failed'] as const;
  for (let id = 1; id <= 12; id++) {
    const event = {
      ...reset(id),
      event: trouble[id % 3],
      waitingFor: 'head',
      seconds: id,
      call: 'recv',
      errno: `E${id}`,
    };
    live.onEvent('evented', event as LifecycleEvent);
  }
  await drawn(written, /E2/);
  const before = written.length;
  live.onSample('evented', { at: 1, connections: 3, threads: 4, answered: 5, memory: 1e6, cpuSeconds: 0.5 });
  await drawn(written, /5 answered/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those of a terminal
  const back = /^\x1b\[(\d+)F/.exec(written[before]!)!;
  assert.ok(Number(back[1]) < 8, `${back[1]} lines`);
  live.close();
});
