// A failed check, played again under strace: its events up to the moment when it failed, in a file that `replay` plays.
// The points come from a run without strace, which makes every system call slower.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Adviser } from '../advice/adviser.js';
import type { LifecycleEvent, Listening } from '../lifecycle/events.js';
import { inWords } from '../posix/shortage.js';
import { ndjsonLine } from '../terminal/ndjson.js';
import type { PlannedCheck } from './assignment.js';
import { launchUnderStrace, type ProgramTrace } from './launch.js';
import { play } from './play.js';
import type { Task } from './task.js';

/** A server starts so many times slower under strace, at most. */
const SLOWER = 5;
/** What led to the end is cut off so long after it, in microseconds: strace shows a call when it returns. */
const AFTER_US = 50_000;

export interface FailureRecording {
  readonly file?: string;
  /** Why there is none, or what it shows, in sentences. */
  readonly notes?: readonly string[];
}

/** `number`: of the check, from 1. */
export async function record(
  command: readonly string[],
  planned: PlannedCheck,
  number: number,
  task: Task,
  folder: string,
  stopped: AbortSignal,
): Promise<FailureRecording> {
  const trace: ProgramTrace = { events: [], problem: undefined };
  const slower = { ...task, start: task.start * SLOWER };
  const { status, failedAt } = await play(command, planned, slower, stopped, launchUnderStrace(trace));
  if (trace.problem !== undefined) return { notes: [`No recording: ${trace.problem}.`] };
  const events = cut(trace.events, failedAt ?? Date.now());
  if (events.length === 0) return { notes: ['No recording: under strace it did not listen in time.'] };
  const file = join(
    folder,
    `${String(number).padStart(2, '0')}-${planned.name.replace(/[^\w-]+/g, '-')}.ndjson`,
  );
  try {
    writeFileSync(file, events.map(ndjsonLine).join(''), { flag: 'wx' });
  } catch (error) {
    const reason = inWords((error as NodeJS.ErrnoException).code ?? '');
    return { notes: [`No recording: cannot write ${file} (${reason}).`] };
  }
  return { file, notes: [...(status === 'failed' ? [] : [PASSED]), ...adviceIn(events)] };
}

const PASSED =
  'Under strace, which changes when things happen, this check passed: the recording shows that run.';

const adviceIn = (events: readonly LifecycleEvent[]): string[] =>
  events
    .filter((event) => event.event === 'advice')
    .map(({ happened, page }) => `Advice: ${happened}. See ${page}.`);

/** Up to the moment of the failure, by the wall clock in milliseconds, with the advice of `watch`. */
function cut(events: readonly LifecycleEvent[], failedAt: number): LifecycleEvent[] {
  const listening = events.find((event): event is Listening => event.event === 'listening');
  if (listening === undefined) return [];
  const end = (failedAt - Date.parse(listening.startedAt)) * 1000 + AFTER_US;
  const isOver = (event: LifecycleEvent): boolean => event.event === 'thread-ended' && event.at < 0;
  const ofStart = new Set(events.filter(isOver).map(({ tid }) => tid)); // such as those of a shell that starts it
  const kept = events.filter(({ at, event, tid }) => at <= end && event !== 'stopped' && !ofStart.has(tid));
  const adviser = new Adviser();
  return [...adviser.take(kept), ...adviser.timePassed(end)];
}
