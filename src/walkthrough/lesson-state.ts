// Where a student is in a lesson, which steps are done, and how the predictions went: one small reducer, without I/O.
// runner.ts sends it what happens; the progress file keeps it.

import type { LessonStep } from './format.js';

/** A student leaves a step before its end: to the next, the same, the one before, any other, or to stop. */
export type Navigation = 'skip' | 'repeat' | 'back' | 'quit' | { readonly jumpTo: number };

export type StepOutcome = 'done' | 'failed' | 'skipped';
export type Prediction = 'right' | 'wrong' | 'none';

export interface StepState {
  readonly outcome?: StepOutcome | undefined;
  /** One for each question that was asked, by its place in the step. */
  readonly predictions: Readonly<Record<number, Prediction>>;
}

export interface LessonState {
  /** Index of the current step; the number of steps once the lesson is over. */
  readonly at: number;
  readonly steps: readonly StepState[];
}

export type LessonEvent =
  | { readonly kind: 'predicted'; readonly question: number; readonly prediction: Prediction }
  | { readonly kind: 'ended'; readonly failed: boolean }
  | { readonly kind: 'left'; readonly to: Navigation };

const UNTOUCHED: StepState = { predictions: {} };

export const begin = (steps: number): LessonState => ({
  at: 0,
  steps: Array.from({ length: steps }, () => UNTOUCHED),
});

export function after(state: LessonState, event: LessonEvent): LessonState {
  switch (event.kind) {
    case 'predicted':
      return withStep(state, ({ predictions, ...step }) => ({
        ...step,
        // Who repeats a step knows the answer: only the first prediction is one.
        predictions: { [event.question]: event.prediction, ...predictions },
      }));
    case 'ended':
      return moved(
        withStep(state, (step) => ({ ...step, outcome: event.failed ? 'failed' : 'done' })),
        state.at + 1,
      );
    case 'left':
      return left(state, event.to);
  }
}

function left(state: LessonState, to: Navigation): LessonState {
  if (typeof to === 'object') return moved(state, to.jumpTo);
  if (to === 'back') return moved(state, state.at - 1);
  if (to !== 'skip') return state; // the same step again, now or in the next run
  const skipped = withStep(state, (step) => ({ ...step, outcome: step.outcome ?? 'skipped' }));
  return moved(skipped, state.at + 1);
}

const moved = (state: LessonState, to: number): LessonState => ({
  ...state,
  at: Math.min(Math.max(to, 0), state.steps.length),
});

/** The current step, changed; past the last step there is none. */
const withStep = (state: LessonState, change: (step: StepState) => StepState): LessonState => ({
  ...state,
  steps: state.steps.map((step, index) => (index === state.at ? change(step) : step)),
});

export const isDone = ({ outcome }: StepState): boolean => outcome === 'done' || outcome === 'failed';

/** The steps as a list, each with a mark for what came of it. */
export function stepLines(steps: readonly LessonStep[], state: LessonState): string[] {
  return steps.map(({ heading }, index) => {
    const here = index === state.at ? '>' : ' ';
    return `${here} ${String(index + 1).padStart(2)}  ${(state.steps[index]?.outcome ?? '').padEnd(7)}  ${heading}`;
  });
}

/** Sentences for the end of a lesson. */
export function lessonSummary(steps: readonly LessonStep[], state: LessonState): string[] {
  const done = state.steps.filter(isDone).length;
  const missed = steps.filter((_, index) => !isDone(state.steps[index]!));
  const failed = steps.filter((_, index) => state.steps[index]!.outcome === 'failed');
  const all = steps.length === 1 ? 'its only step' : `all ${done} steps`;
  return [
    `You did ${done === steps.length ? all : `${done} of ${steps.length} steps`}.`,
    ...(missed.length > 0 ? [`Not done: ${names(missed)}.`] : []),
    ...(failed.length > 0 ? [`Not everything worked in: ${names(failed)}.`] : []),
    ...predictionSentences(steps, state),
  ];
}

function predictionSentences(steps: readonly LessonStep[], state: LessonState): string[] {
  const asked = steps.flatMap(({ items }) => items.filter(({ kind }) => kind === 'question')).length;
  if (asked === 0) return [];
  const all = state.steps.flatMap(({ predictions }) => Object.values(predictions));
  const number = (wanted: Prediction): number => all.filter((each) => each === wanted).length;
  const [right, wrong] = [number('right'), number('wrong')];
  const parts = [`${right} right`, `${wrong} wrong`, `${asked - right - wrong} not made`];
  return [`Your predictions: ${parts.filter((part) => !part.startsWith('0 ')).join(', ')}.`];
}

const names = (steps: readonly LessonStep[]): string => steps.map(({ heading }) => `"${heading}"`).join(', ');
