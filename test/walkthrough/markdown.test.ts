// Prose as a terminal shows it, and lines of output that are cut to its width.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Chalk } from 'chalk';
import { lexer } from 'marked';
import { textWidth } from '../../src/terminal/width.js';
import { MarkdownLines } from '../../src/walkthrough/markdown.js';
import { safeLine, withoutColours, wrapColoured } from '../../src/walkthrough/styled.js';

const PLAIN = new Chalk({ level: 0 });
const COLOUR = new Chalk({ level: 2 });

function show(markdown: string, width = 40, chalk = PLAIN): string[] {
  const lines = new MarkdownLines(chalk, width);
  return lexer(markdown).flatMap((token) => lines.block(token));
}

const SHOWN: [what: string, markdown: string, lines: string[]][] = [
  [
    'a paragraph, wrapped',
    'one two three four five six seven eight nine',
    ['one two three four five six seven eight', 'nine'],
  ],
  ['a single newline as a blank', 'one\ntwo', ['one two']],
  ['a hard break', 'one  \ntwo', ['one', 'two']],
  ['marks of emphasis', '**a** *b* `c < d` ~~e~~ &lt;', ['a b c < d e <']],
  [
    'links to a site, with their address',
    '[here](https://example.org/) [there](other.md)',
    ['here (https://example.org/) there'],
  ],
  ['lists', '- a\n- b\n  - c\n\n', ['- a', '- b', '  - c']],
  [
    'ordered lists, wrapped below their text',
    '1. one two three four five six seven eight nine',
    ['1. one two three four five six seven', '   eight nine'],
  ],
  ['code as it is', '```c\nint  x;\n```', ['  int  x;']],
  ['tables', '| a | b |\n|---|---|\n| long cell | 2 |', ['a          b', 'long cell  2']],
  [
    'tables too wide for the screen',
    `| a | b |\n|---|---|\n| ${'x'.repeat(30)} | ${'y'.repeat(30)} |`,
    [`a: ${'x'.repeat(30)}`, `b: ${'y'.repeat(30)}`],
  ],
  ['quotations', '> a\n> b', ['| a b']],
  ['no comment', '<!-- hidden -->', []],
  ['control characters, harmless', 'a\x1b[2Jb `\x07`', ['a\\u001b[2Jb \\u0007']],
];

for (const [what, markdown, lines] of SHOWN) {
  it(`shows ${what}`, () => assert.deepEqual(show(markdown), lines));
}

it('colours go no further than their line', () => {
  const lines = show('**one two three four five six seven eight nine** ten', 20, COLOUR);
  assert.ok(lines.length > 2);
  for (const line of lines.slice(0, 2)) assert.match(line, /^.\[1m.*\w.\[(0|22)m$/);
  assert.ok(lines.every((line) => textWidth(line) <= 20));
});

it('output is cut between words, and nothing of it is lost', () => {
  const line = `\x1b[31m${'ab cd '.repeat(10)}${'x'.repeat(50)}\x1b[0m`;
  const lines = wrapColoured(line, 20);
  assert.ok(lines.every((each) => textWidth(each) <= 20));
  assert.ok(lines.every((each) => each.includes('\x1b[31m')));
  assert.equal(
    lines.map(withoutColours).join('').replaceAll(' ', ''),
    withoutColours(line).replaceAll(' ', ''),
  );
  assert.deepEqual(wrapColoured('', 20), ['']);
  assert.deepEqual(wrapColoured(`a  table's cell${' '.repeat(30)}`, 20), ["a  table's cell"]);
});

it('colours of every kind are ended where a line is cut, and begun anew on the next', () => {
  const styles = ['1;31', '38;5;32', '48;2;1;2;3'].map((each) => `\x1b[${each}m`);
  for (const line of wrapColoured(`${styles.join('')}${'word '.repeat(10)}\x1b[0m`, 20).slice(0, -1)) {
    assert.ok(
      styles.every((each) => line.includes(each)),
      JSON.stringify(line),
    );
    assert.ok(line.endsWith('\x1b[0m'));
  }
});

/** Of two columns a character, with blanks and without; and of one column, but of two code points. */
const WIDE = [
  '漢字 かな '.repeat(8),
  '漢字かな交じり文'.repeat(5),
  'é'.normalize('NFD').repeat(50),
  '👩‍🚀 '.repeat(20),
];

it('no line is wider than the terminal, whatever the script', () => {
  for (const text of WIDE) {
    const lines = [
      ...wrapColoured(text, 20),
      ...show(text, 20),
      ...show(`- ${text}`, 20),
      ...show(`> ${text}`, 20),
    ];
    assert.ok(lines.length > 8);
    for (const line of lines) assert.ok(textWidth(line) <= 20, `${textWidth(line)}: ${line}`);
  }
});

it('tables and tabs stand in columns, whatever the script', () => {
  assert.deepEqual(show('| 漢字 | b |\n|---|---|\n| a | 2 |'), ['漢字  b', 'a     2']);
  assert.equal(safeLine('漢字\tb'), '漢字    b');
});

it('a line of output keeps its colours, and tells the terminal nothing else', () => {
  assert.equal(safeLine('a\tb\t\tc'), 'a       b               c');
  assert.equal(
    safeLine('\x1b[1mab\x1b[0m\tc\x1b]0;t\x07'),
    '\x1b[1mab\x1b[0m      c\\u001b]0;t\\u0007\x1b[0m',
  );
});
