// The state of a lesson, event by event, and what its end says of it.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { LessonStep, Question } from '../../src/walkthrough/format.js';
import {
  after,
  begin,
  type LessonEvent,
  type LessonState,
  lessonSummary,
  stepLines,
} from '../../src/walkthrough/lesson-state.js';
import { progressOf, resumed } from '../../src/walkthrough/progress.js';

const QUESTION = { kind: 'question', line: 1, token: { type: 'text', raw: '' }, choices: [] } as Question;
const step = (heading: string, questions: number): LessonStep => ({
  heading,
  line: 1,
  items: Array.from({ length: questions }, () => QUESTION),
  isExercises: false,
});
const STEPS = [step('First', 1), step('Second', 2), step('Third', 0)];

const ended: LessonEvent = { kind: 'ended', failed: false };
const left = (to: 'skip' | 'repeat' | 'back' | 'quit' | { jumpTo: number }): LessonEvent => ({
  kind: 'left',
  to,
});
const predicted = (prediction: 'right' | 'wrong' | 'none', question = 0): LessonEvent => ({
  kind: 'predicted',
  question,
  prediction,
});
const play = (...events: LessonEvent[]): LessonState => events.reduce(after, begin(STEPS.length));

it('goes from step to step, back, again and anywhere, and never beyond the lesson', () => {
  assert.equal(play(ended).at, 1);
  assert.equal(play(ended, left('repeat')).at, 1);
  assert.equal(play(ended, left('back')).at, 0);
  assert.equal(play(left('back')).at, 0);
  assert.equal(play(left({ jumpTo: 2 }), left('skip')).at, 3);
  assert.equal(play(ended, ended, ended, left('back')).at, 2);
});

it('a step that was done stays done when it is skipped later, and one that was skipped can be done', () => {
  assert.equal(play(ended, left('back'), left('skip')).steps[0]!.outcome, 'done');
  assert.equal(play(left('skip'), left('back'), ended).steps[0]!.outcome, 'done');
});

it('only the first answer to a question is a prediction', () => {
  const state = play(predicted('wrong'), left('repeat'), predicted('right'));
  assert.deepEqual(state.steps[0]!.predictions, { 0: 'wrong' });
});

it('says at the end what was done, what was not, and how the predictions went', () => {
  assert.deepEqual(
    lessonSummary(
      STEPS,
      play(predicted('right'), ended, predicted('right'), predicted('right', 1), ended, ended),
    ),
    ['You did all 3 steps.', 'Your predictions: 3 right.'],
  );
  assert.deepEqual(
    lessonSummary(
      STEPS,
      play(
        predicted('wrong'),
        { kind: 'ended', failed: true },
        predicted('right'),
        left('skip'),
        left('skip'),
      ),
    ),
    [
      'You did 1 of 3 steps.',
      'Not done: "Second", "Third".',
      'Not everything worked in: "First".',
      'Your predictions: 1 right, 1 wrong, 1 not made.',
    ],
  );
});

it('the list marks where one is, and what came of each step', () => {
  assert.deepEqual(stepLines(STEPS, play(ended, left('skip'))), [
    '   1  done     First',
    '   2  skipped  Second',
    '>  3           Third',
  ]);
});

it('is the same after it was saved and read, as far as the lesson still has the steps', () => {
  const state = play(predicted('wrong'), ended, left('skip'));
  const saved = JSON.parse(JSON.stringify(progressOf(STEPS, state)));
  assert.deepEqual(resumed(STEPS, saved), state);
  const [first, , third] = STEPS;
  assert.deepEqual(resumed([first!, third!], saved), { at: 1, steps: [state.steps[0], state.steps[2]] });
  assert.deepEqual(resumed([first!], saved), begin(1));
  assert.deepEqual(resumed(STEPS, { next: 'Second', done: 1, of: 3 }).at, 1);
});
