// What a student sees, on a terminal that is as wide as it is.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Chalk } from 'chalk';
import { lexer } from 'marked';
import type { Question } from '../../src/walkthrough/format.js';
import { Screen } from '../../src/walkthrough/screen.js';

const EMPTY = { file: 'f.md', title: '', summary: '', minutes: undefined, introduction: [], steps: [] };

function question(text: string, ...choices: string[]): Question {
  const letters = choices.map((choice, index) => ({
    letter: 'ABC'[index]!,
    tokens: lexer(`${'ABC'[index]}. ${choice}`),
  }));
  return { kind: 'question', line: 1, token: lexer(text)[0]!, choices: letters };
}

it('wraps the choices of a question so that they fit with their indent', () => {
  let shown = '';
  const canvas = { columns: 30, canErase: false, write: (text: string) => (shown += text) };
  const screen = new Screen(new Chalk({ level: 0 }), canvas, EMPTY);
  screen.question(question('Which one of them is it now?', 'As wide as a terminal can.', 'Short.'));
  assert.deepEqual(shown.split('\n').filter(Boolean), [
    'Which one of them is it now?',
    '  A. As wide as a terminal',
    '  can.',
    '  B. Short.',
  ]);
});
