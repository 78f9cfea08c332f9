// What a student sees, on a terminal that is as wide as it is.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Chalk } from 'chalk';
import { lexer } from 'marked';
import { wrap } from '../../src/terminal/width.js';
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
    '     can.',
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
    else if (piece.startsWith('\x1b') && piece.endsWith('C')) column += Number(piece.slice(2, -1) || 1);
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
  // In 109 columns the prompt and the blank behind it fill their row.
  for (const columns of [40, 33, 101, 100, 109]) {
    let written = '';
    const canvas = { columns, rows: 24, canErase: true, write: (text: string) => (written += text) };
    const view = new StudentView(new Chalk({ level: 0 }), canvas, EMPTY);
    view.output('server', 'before');
    view.ask(`${'Enter goes on, '.repeat(6)}and on now`, '? help');
    view.output('server', 'meanwhile');
    view.note('text, which draws what has come');
    assert.match(rowsShown(written, columns).join(''), /and on now\. \? help$/);
    view.answered();
    view.output('server', 'after');
    view.note('end');
    assert.deepEqual(rowsShown(written, columns).filter(Boolean), [
      'server',
      '│ before',
      '│ meanwhile',
      ...wrap('text, which draws what has come', columns),
      'server',
      '│ after',
      'end',
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

/** A screen of so many columns, and what a view has drawn on it. */
function screen(columns: number, rows: number): { view: StudentView; shown: () => string[] } {
  let written = '';
  const canvas = { columns, rows, canErase: true, write: (text: string) => (written += text) };
  const view = new StudentView(new Chalk({ level: 0 }), canvas, EMPTY);
  return { view, shown: () => rowsShown(written, columns) };
}

it('terminals that print in turn have a panel each, side by side where there is room', () => {
  const lines = { 80: ['server', '│ one', '│ three', 'client', '│ two', '│ four'] } as Record<
    number,
    string[]
  >;
  lines[120] = [
    `server${' '.repeat(26)}client`,
    `│ one${' '.repeat(27)}│ two`,
    `│ three${' '.repeat(25)}│ four`,
  ];
  for (const columns of [80, 120]) {
    const { view, shown } = screen(columns, 24);
    for (const [index, word] of ['one', 'two', 'three', 'four'].entries())
      view.output(index % 2 === 0 ? 'server' : 'client', word);
    view.ask('Enter goes on', '');
    assert.deepEqual(shown().slice(1, -2), lines[columns]);
  }
});

it('what is longer than the screen is shown whole, and each line once', () => {
  const { view, shown } = screen(80, 10);
  for (let line = 1; line <= 30; line++) {
    view.output('server', `line ${line}`);
    if (line % 7 === 0) view.ask('Enter goes on', '');
  }
  view.note('end');
  const lines = shown().filter((row) => row.includes('line'));
  assert.deepEqual(
    lines,
    Array.from({ length: 30 }, (_, index) => `│ line ${index + 1}`),
  );
});

it('holds back what is more than a screen since the last key', () => {
  const { view, shown } = screen(80, 10);
  view.holdsBack = true;
  const lines = (): string[] => shown().filter((row) => row.includes('line'));
  for (let line = 1; line <= 12; line++) view.output('server', `line ${line}`);
  assert.ok(view.isHolding);
  view.ask('Enter shows more', '');
  assert.equal(lines().at(-1), '│ line 5');
  assert.ok(shown().length <= 10);
  view.answered();
  assert.ok(view.isHolding);
  view.showAll();
  assert.ok(!view.isHolding);
  assert.equal(lines().length, 12);
});

it('a page that is held back does not end with a panel of one line', () => {
  const { view, shown } = screen(80, 10);
  view.holdsBack = true;
  view.command('server', 'serve');
  view.ask('Enter runs it', '');
  view.answered();
  for (let line = 1; line <= 12; line++) view.output('server', `line ${line}`);
  assert.ok(view.isHolding);
  view.ask('Enter shows more', '');
  assert.equal(shown().filter((row) => row === 'server').length, 1);
});

it('what a command causes in another terminal stands below the text about it', () => {
  const { view, shown } = screen(80, 24);
  view.command('client', 'curl');
  view.withholdOthers('client');
  view.output('server', 'accepted');
  view.output('client', 'Hello');
  view.withholdUntilReleased();
  view.note('Terminal server accepts it:');
  view.release('server');
  view.output('server', 'closed');
  view.ask('Enter goes on', '');
  assert.deepEqual(shown().filter(Boolean).slice(0, -1), [
    'client',
    '│ $ curl',
    '│ Hello',
    'Terminal server accepts it:',
    'server',
    '│ accepted',
    '│ closed',
  ]);
});

it('where there is room side by side, what a command causes in another terminal stands beside it', () => {
  const { view, shown } = screen(120, 24);
  view.command('client', 'curl');
  view.withholdOthers('client');
  view.output('client', 'Hello');
  view.output('server', 'accepted');
  view.output('server', 'closed');
  assert.ok(!view.withholdUntilReleased());
  view.ask('Enter goes on', '');
  assert.match(shown().join(' '), /│ \$ curl +│ accepted/);
});

it('what no text is about is shown in the end', () => {
  const { view, shown } = screen(80, 24);
  view.withholdOthers('client');
  view.output('server', 'accepted');
  assert.ok(view.withholds('server'));
  view.release();
  view.ask('Enter goes on', '');
  assert.match(shown().join(''), /│ accepted/);
});

it('a line that is too long goes on below its last column', () => {
  const { view, shown } = screen(62, 24);
  view.output('server', '   0.613309 #1    server    accepted (127.0.0.1, 47672, 127.0.0.1, 8080) fd 23');
  view.note('end');
  assert.deepEqual(shown().slice(1, 4), [
    'server',
    '│    0.613309 #1    server    accepted (127.0.0.1, 47672,',
    '│                             127.0.0.1, 8080) fd 23',
  ]);
});

it('the cursor stands where the next character of a typed line goes', () => {
  for (const columns of [80, 12, 11, 10, 9]) {
    let written = '';
    const canvas = { columns, rows: 24, canErase: true, write: (text: string) => (written += text) };
    const view = new StudentView(new Chalk({ level: 0 }), canvas, EMPTY);
    const { show } = view.askLine('Type it.', 'one', '$');
    show('echo hello', 10);
    show('echo hello', 5);
    canvas.write('X'); // as a terminal would show it at the cursor
    assert.match(rowsShown(written, columns).join('').replaceAll(' ', ''), /one\$echoXello/);
  }
});
