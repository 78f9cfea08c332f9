// Runs a walkthrough, step by step, and remembers how far a student has come. A step stands by itself, so it can be skipped,
// repeated, and come back to another day.

import type { Walkthrough } from './format.js';
import type { Keyboard } from './keyboard.js';
import { needFreePorts } from './port.js';
import type { ProgressFile } from './progress.js';
import type { Screen } from './screen.js';
import { type Failure, runStep, type StepResult } from './step-run.js';

/** What a student may do at any moment. */
export type Turn = 'skip' | 'repeat' | 'leave';

/** The reason why a step is left: a key, or a signal for the whole program. */
export class Left extends Error {
  readonly turn: Turn;

  constructor(turn: Turn) {
    super(turn);
    this.turn = turn;
  }
}

export interface RunOptions {
  readonly screen: Screen | undefined;
  readonly keyboard: Keyboard | undefined;
  readonly checking: boolean;
  readonly colours: number;
  readonly port: number;
  /** Aborted with a Left when the program is to end. */
  readonly signal: AbortSignal;
  /** Undefined where none is kept. */
  readonly progress: { readonly file: ProgressFile; readonly key: string } | undefined;
  /** Told when a step has ended in whatever way but by being left. */
  onStep?(index: number, result: StepResult, seconds: number): void;
}

export interface RunResult {
  readonly failures: readonly Failure[];
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
  const { screen, keyboard, progress } = options;
  const failures = new Map<number, readonly Failure[]>();
  if (from === 0) screen?.introduction(walkthrough);
  let index = from;
  while (index < steps.length) {
    const turn = await takeStep(walkthrough, index, options, (result) =>
      failures.set(index, result.failures),
    );
    if (turn === 'leave') return { failures: [...failures.values()].flat(), finished: false };
    if (turn === 'repeat') continue;
    index++;
    progress?.file.set(progress.key, {
      ...(index < steps.length ? { next: steps[index]!.heading } : {}),
      done: index,
      of: steps.length,
    });
  }
  screen?.note(keyboard === undefined ? 'That was all of it.' : 'That was all of it. Well done.');
  return { failures: [...failures.values()].flat(), finished: true };
}

/** Gives what comes next; `undefined` for the next step. */
async function takeStep(
  { file, steps }: Walkthrough,
  index: number,
  options: RunOptions,
  onResult: (result: StepResult) => void,
): Promise<Turn | undefined> {
  const { screen, keyboard, signal: ending, port, colours, checking } = options;
  const step = steps[index]!;
  const own = new AbortController();
  const { signal } = own;
  const onEnding = (): void => own.abort(ending.reason);
  ending.addEventListener('abort', onEnding);
  if (keyboard !== undefined) keyboard.onTurn = (turn) => own.abort(new Left(turn));
  try {
    ending.throwIfAborted();
    screen?.step(step, index, steps.length);
    const since = performance.now();
    await needFreePorts(file, step, port);
    const result = await runStep(step, { screen, keyboard, checking, colours, file, signal });
    onResult(result);
    options.onStep?.(index, result, (performance.now() - since) / 1000);
    if (keyboard !== undefined) await pauseAfter(keyboard, screen, index, steps.length, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof Left)) throw error;
    screen?.answered('');
    if (error.turn !== 'leave') screen?.note(error.turn === 'skip' ? 'Skipped.' : 'Once more.');
    return error.turn;
  } finally {
    ending.removeEventListener('abort', onEnding);
  }
}

async function pauseAfter(
  keyboard: Keyboard,
  screen: Screen | undefined,
  index: number,
  of: number,
  signal: AbortSignal,
): Promise<void> {
  const isLast = index === of - 1;
  screen?.ask(`End of step ${index + 1}. Enter ${isLast ? 'ends' : 'goes on'}, r repeats it, q leaves`);
  await keyboard.enter(signal);
  screen?.answered('');
}
