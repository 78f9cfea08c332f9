// Runs a walkthrough, step by step, and remembers how far a student has come. A step stands by itself, so it can be skipped,
// repeated, gone back to, and continued another day.

import { Dialogue, StepLeft } from './dialogue.js';
import { commandsOf, type LessonCommands } from './exercises.js';
import type { Walkthrough } from './format.js';
import type { Keyboard } from './keyboard.js';
import {
  after,
  begin,
  type LessonEvent,
  type LessonState,
  lessonSummary,
  stepLines,
} from './lesson-state.js';
import { needFreePorts } from './port.js';
import { runStep, type StepFailure, type StepResult } from './step-run.js';
import type { StudentView } from './student-view.js';

export interface RunOptions {
  /** Left out for a check. */
  readonly view?: StudentView;
  /** Left out where nothing is asked. */
  readonly keyboard?: Keyboard | undefined;
  /** Whether the student types the commands. */
  readonly isTyping?: boolean;
  readonly port: number;
  /** Aborted with a StepLeft when the program is to end. */
  readonly signal: AbortSignal;
  /** Where to begin; left out for the first step. */
  readonly from?: LessonState | undefined;
  /** Says what Enter does when the lesson is over; undefined where it only ends. */
  readonly afterwards?: string | undefined;
  /** Called for each change. */
  onState?(state: LessonState): void;
  /** Called when a step has ended, unless the student left it. */
  onStep?(index: number, result: StepResult, seconds: number): void;
}

export interface RunResult {
  readonly failures: readonly StepFailure[];
  /** Whether the end was reached. */
  readonly finished: boolean;
  /** Whether the student has chosen what comes afterwards. */
  readonly goesOn: boolean;
}

export async function runWalkthrough(walkthrough: Walkthrough, options: RunOptions): Promise<RunResult> {
  return new WalkthroughRun(walkthrough, options).run();
}

class WalkthroughRun {
  readonly #walkthrough: Walkthrough;
  readonly #options: RunOptions;
  readonly #dialogue: Dialogue | undefined;
  readonly #commands: LessonCommands;
  /** Of each step, the last time that it ran. */
  readonly #failures = new Map<number, readonly StepFailure[]>();
  #state: LessonState;

  constructor(walkthrough: Walkthrough, options: RunOptions) {
    const { steps } = walkthrough;
    const { view, keyboard, isTyping = false, from } = options;
    this.#walkthrough = walkthrough;
    this.#options = options;
    this.#state = from ?? begin(steps.length);
    this.#commands = commandsOf(walkthrough);
    if (view !== undefined && keyboard !== undefined)
      this.#dialogue = new Dialogue(view, keyboard, () => stepLines(steps, this.#state), isTyping);
  }

  async run(): Promise<RunResult> {
    const { view } = this.#options;
    if (this.#state.at === 0) view?.introduction(this.#walkthrough);
    for (;;) {
      const isOver = this.#state.at === this.#walkthrough.steps.length;
      const left = await this.#leavable((signal) => (isOver ? this.#end(signal) : this.#step(signal)));
      if (left === undefined && isOver) return this.#result(true, this.#options.afterwards !== undefined);
      if (left === undefined) continue;
      if (left.to === 'quit' || (isOver && left.to === 'skip')) return this.#result(isOver, false);
      if (left.to === 'skip') view?.note('Skipped.');
      if (left.to === 'repeat') view?.note('Once more.');
      this.#happened({ kind: 'left', to: left.to });
    }
  }

  #result(finished: boolean, goesOn: boolean): RunResult {
    return { failures: [...this.#failures.values()].flat(), finished, goesOn };
  }

  #happened(event: LessonEvent): void {
    this.#state = after(this.#state, event);
    this.#options.onState?.(this.#state);
  }

  /** Gives how the student left, or what ended the program; undefined if `work` ran to its end. */
  async #leavable(work: (signal: AbortSignal) => Promise<void>): Promise<StepLeft | undefined> {
    const { signal: ending, view } = this.#options;
    const own = new AbortController();
    const onEnding = (): void => own.abort(ending.reason);
    ending.addEventListener('abort', onEnding);
    this.#dialogue?.onNavigation((to) => own.abort(new StepLeft(to)));
    try {
      ending.throwIfAborted();
      await work(own.signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof StepLeft)) throw error;
      view?.answered();
      return error;
    } finally {
      ending.removeEventListener('abort', onEnding);
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { file, steps } = this.#walkthrough;
    const { view, port } = this.#options;
    const index = this.#state.at;
    const step = steps[index]!;
    if (view?.isFullWithStep(step)) await this.#dialogue?.enter('Enter goes on', signal);
    view?.step(step, index, steps.length);
    const since = performance.now();
    await needFreePorts(file, step, port);
    const result = await runStep(step, {
      ...{ view, dialogue: this.#dialogue, file, commands: this.#commands, signal },
      onPrediction: (question, prediction) => this.#happened({ kind: 'predicted', question, prediction }),
    });
    this.#failures.set(index, result.failures);
    this.#options.onStep?.(index, result, (performance.now() - since) / 1000);
    if (index < steps.length - 1)
      await this.#dialogue?.enter(`End of step ${index + 1}. Enter goes on`, signal);
    this.#happened({ kind: 'ended', failed: result.failures.length > 0 });
  }

  async #end(signal: AbortSignal): Promise<void> {
    const { view, afterwards } = this.#options;
    if (this.#dialogue === undefined) return view?.note('That was all of it.');
    view?.summary(lessonSummary(this.#walkthrough.steps, this.#state));
    await this.#dialogue.enterAtTheEnd(afterwards ?? 'Enter ends', signal);
  }
}
