// Runs a walkthrough, step by step, and remembers how far a student has come. A step stands by itself, so it can be skipped,
// repeated, and come back to another day.

import type { Walkthrough } from './format.js';
import type { Keyboard, Navigation } from './keyboard.js';
import { needFreePorts } from './port.js';
import type { ProgressFile } from './progress.js';
import { runStep, type StepFailure, type StepResult } from './step-run.js';
import type { StudentView } from './student-view.js';

/** Ends a step before its end: a key, or a signal for the whole program. */
export class StepLeft extends Error {
  readonly next: Navigation;

  constructor(next: Navigation) {
    super(next);
    this.next = next;
  }
}

export interface RunOptions {
  readonly view: StudentView | undefined;
  readonly keyboard: Keyboard | undefined;
  readonly checking: boolean;
  readonly colours: number;
  readonly port: number;
  /** Aborted with a StepLeft when the program is to end. */
  readonly signal: AbortSignal;
  /** Undefined where none is kept. */
  readonly progress: { readonly file: ProgressFile; readonly key: string } | undefined;
  /** Called when a step has ended, unless the student left it. */
  onStep?(index: number, result: StepResult, seconds: number): void;
}

export interface RunResult {
  readonly failures: readonly StepFailure[];
  /** Whether the end was reached. */
  readonly finished: boolean;
}

/** @param from the index of the step to begin with */
export async function runWalkthrough(
  walkthrough: Walkthrough,
  from: number,
  options: RunOptions,
): Promise<RunResult> {
  const { steps } = walkthrough;
  const { view, keyboard, progress } = options;
  const failures = new Map<number, readonly StepFailure[]>();
  if (from === 0) view?.introduction(walkthrough);
  let index = from;
  while (index < steps.length) {
    const next = await takeStep(walkthrough, index, options, (result) =>
      failures.set(index, result.failures),
    );
    if (next === 'quit') return { failures: [...failures.values()].flat(), finished: false };
    if (next === 'repeat') continue;
    index++;
    progress?.file.set(progress.key, {
      ...(index < steps.length ? { next: steps[index]!.heading } : {}),
      done: index,
      of: steps.length,
    });
  }
  view?.note(keyboard === undefined ? 'That was all of it.' : 'That was all of it. Well done.');
  return { failures: [...failures.values()].flat(), finished: true };
}

/** Gives what comes next; `undefined` for the next step. */
async function takeStep(
  { file, steps }: Walkthrough,
  index: number,
  options: RunOptions,
  onResult: (result: StepResult) => void,
): Promise<Navigation | undefined> {
  const { view, keyboard, signal: ending, port, colours, checking } = options;
  const step = steps[index]!;
  const own = new AbortController();
  const { signal } = own;
  const onEnding = (): void => own.abort(ending.reason);
  ending.addEventListener('abort', onEnding);
  if (keyboard !== undefined) keyboard.onNavigation = (next) => own.abort(new StepLeft(next));
  try {
    ending.throwIfAborted();
    view?.step(step, index, steps.length);
    const since = performance.now();
    await needFreePorts(file, step, port);
    const result = await runStep(step, { view, keyboard, checking, colours, file, signal });
    onResult(result);
    options.onStep?.(index, result, (performance.now() - since) / 1000);
    if (keyboard !== undefined) await pauseAfter(keyboard, view, index, steps.length, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof StepLeft)) throw error;
    view?.answered('');
    if (error.next !== 'quit') view?.note(error.next === 'skip' ? 'Skipped.' : 'Once more.');
    return error.next;
  } finally {
    ending.removeEventListener('abort', onEnding);
  }
}

async function pauseAfter(
  keyboard: Keyboard,
  view: StudentView | undefined,
  index: number,
  of: number,
  signal: AbortSignal,
): Promise<void> {
  const isLast = index === of - 1;
  view?.ask(`End of step ${index + 1}. Enter ${isLast ? 'ends' : 'goes on'}, r repeats it, q quits`);
  await keyboard.enter(signal);
  view?.answered('');
}
