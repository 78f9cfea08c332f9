// Prose as a terminal shows it, and lines of output that are cut to its width.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Chalk } from 'chalk';
import { lexer } from 'marked';
import { MarkdownLines } from '../../src/walkthrough/markdown.js';
import { safeLine, visibleLength, withoutColours, wrapOutput } from '../../src/walkthrough/styled.js';

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
  for (const line of lines.slice(0, 2)) assert.match(line, /\[1m.*\[0m$/);
  assert.ok(lines.every((line) => visibleLength(line) <= 20));
});

it('output is cut between words, and nothing of it is lost', () => {
  const line = `\x1b[31m${'ab cd '.repeat(10)}${'x'.repeat(50)}\x1b[0m`;
  const lines = wrapOutput(line, 20);
  assert.ok(lines.every((each) => visibleLength(each) <= 20));
  assert.ok(lines.every((each) => each.includes('\x1b[31m')));
  assert.equal(
    lines.map(withoutColours).join('').replaceAll(' ', ''),
    withoutColours(line).replaceAll(' ', ''),
  );
  assert.deepEqual(wrapOutput('', 20), ['']);
  assert.deepEqual(wrapOutput(`a table's cell${' '.repeat(30)}`, 20), ["a table's cell"]);
});

it('a line of output keeps its colours, and tells the terminal nothing else', () => {
  assert.equal(safeLine('a\tb\t\tc'), 'a       b               c');
  assert.equal(
    safeLine('\x1b[1mab\x1b[0m\tc\x1b]0;t\x07'),
    '\x1b[1mab\x1b[0m      c\\u001b]0;t\\u0007\x1b[0m',
  );
});
