// What a student sees, on a terminal that is as wide as it is.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Chalk } from 'chalk';
import { lexer } from 'marked';
import type { Question } from '../../src/walkthrough/format.js';
import { StudentView } from '../../src/walkthrough/student-view.js';

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
  const canvas = { columns: 30, rows: 24, canErase: false, write: (text: string) => (shown += text) };
  const view = new StudentView(new Chalk({ level: 0 }), canvas, EMPTY);
  view.question(question('Which one of them is it now?', 'As wide as a terminal can.', 'Short.'));
  assert.deepEqual(shown.split('\n').filter(Boolean), [
    'Which one of them is it now?',
    '  A. As wide as a terminal',
    '  can.',
    '  B. Short.',
  ]);
});

/** As a terminal of so many columns would show it: with its wrapping, and the few sequences that are used. */
function rowsShown(written: string, columns: number): string[] {
  const rows = [''];
  let [row, column] = [0, 0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is looked for
  for (const piece of written.match(/\x1b\[\d*[A-Z]|[\s\S]/g) ?? []) {
    if (piece.startsWith('\x1b') && piece.endsWith('A')) row -= Number(piece.slice(2, -1) || 1);
    else if (piece === '\x1b[J') rows.splice(row, rows.length, rows[row]!.slice(0, column));
    else if (piece === '\x1b[K') rows[row] = rows[row]!.slice(0, column);
    else if (piece === '\r') column = 0;
    else {
      if (piece === '\n' || column === columns) [row, column] = [row + 1, 0];
      rows[row] ??= '';
      if (piece === '\n') continue;
      rows[row] = rows[row]!.slice(0, column).padEnd(column) + piece + rows[row]!.slice(column + 1);
      column++;
    }
  }
  return rows.map((each) => each.trimEnd());
}

it('a prompt that is longer than a line steps aside as a whole, and goes as a whole', () => {
  for (const columns of [40, 33, 101, 100]) {
    let written = '';
    const canvas = { columns, rows: 24, canErase: true, write: (text: string) => (written += text) };
    const view = new StudentView(new Chalk({ level: 0 }), canvas, EMPTY);
    view.output('server', 'before');
    view.ask(`${'Enter goes on, '.repeat(6)}and on now`);
    view.output('server', 'meanwhile');
    view.answered('');
    view.output('server', 'after');
    assert.deepEqual(rowsShown(written, columns), [
      'server | before',
      'server | meanwhile',
      'server | after',
      '',
    ]);
  }
});

it('prose is as wide as the terminal is by then', () => {
  let written = '';
  const canvas = { columns: 80, rows: 24, canErase: true, write: (text: string) => (written += text) };
  const view = new StudentView(new Chalk({ level: 0 }), canvas, EMPTY);
  canvas.columns = 20;
  view.prose(lexer('word '.repeat(20))[0]!);
  assert.ok(written.split('\n').every((line) => line.length <= 20));
});
