// How expected lines are found in what a terminal prints while it prints, and that no look takes long.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Bindings, LinePattern } from '../../src/walkthrough/pattern.js';
import { type Found, type Search, SearchInAnyOrder, SearchInOrder } from '../../src/walkthrough/search.js';

const block = (...lines: string[]): LinePattern[] => lines.map((line) => new LinePattern(line));

/** Of CPU time, which a busy machine makes no longer. */
const cpuMs = (): number => process.cpuUsage().user / 1000;

/** As a wait does: looks until nothing is left behind. Gives the longest look too, in milliseconds. */
function lookAll(search: Search, lines: readonly string[]): { found: Found | undefined; longest: number } {
  let longest = 0;
  for (;;) {
    const since = cpuMs();
    const found = search.scan(lines, lines.length);
    longest = Math.max(longest, cpuMs() - since);
    if (found !== undefined || !search.isBehind) return { found, longest };
  }
}

type Way = typeof SearchInOrder | typeof SearchInAnyOrder;
const NONE: Bindings = new Map();
const find =
  (way: Way) =>
  (patterns: LinePattern[], lines: readonly string[], from = 0, bindings = NONE): Found | undefined =>
    lookAll(new way(patterns, from, bindings), lines).found;
const inOrder = find(SearchInOrder);
const inAnyOrder = find(SearchInAnyOrder);

it('a name has one value over all lines, and from one expectation to the next', () => {
  const first = inOrder(block('port <p>'), ['port 1', 'port 2'])!;
  assert.deepEqual([first.at, first.end], [[0], 1]);
  assert.equal(inOrder(block('again <p>'), ['again 2'], 0, first.bindings), undefined);
  assert.deepEqual(inOrder(block('again <p>'), ['again 2', 'again 1'], 0, first.bindings)?.at, [1]);
});

it('lines follow each other unless a line of dots stands between them', () => {
  const lines = ['a', 'x', 'b'];
  assert.equal(inOrder(block('a', 'b'), lines), undefined);
  assert.deepEqual(inOrder(block('a', '...', 'b'), lines)?.at, [0, undefined, 2]);
  assert.deepEqual(inOrder(block('a', '...', 'x'), lines)?.at, [0, undefined, 1]);
  assert.deepEqual(inOrder(block('...', 'x', '...', '...'), lines)?.at, [undefined, 1, undefined, undefined]);
});

it('a later line is tried where an earlier one leads nowhere', () => {
  assert.deepEqual(inOrder(block('id <n>', 'end <n>'), ['id 1', 'id 2', 'end 2'])?.at, [1, 2]);
  const lines = ['id 1', 'id 2', 'id 3', 'end 2'];
  assert.deepEqual(inOrder(block('id <n>', '...', 'end <n>'), lines)?.at, [1, undefined, 3]);
});

it('begins to look where it is told to', () => {
  assert.equal(inOrder(block('a'), ['a', 'b'], 1), undefined);
  assert.equal(inAnyOrder(block('a'), ['a', 'b'], 1), undefined);
});

it('goes on with lines that come later, and reads an unfinished one again', () => {
  for (const way of [SearchInOrder, SearchInAnyOrder]) {
    const search = new way(block('first', 'second <n>'), 0, new Map());
    assert.equal(search.scan(['first'], 1), undefined);
    assert.equal(search.scan(['first', 'seco'], 1), undefined);
    assert.deepEqual(search.scan(['first', 'second 2'], 1)?.at, [0, 1]);
  }
});

it('tells which line is missing, and what stood there instead', () => {
  const search = new SearchInOrder(block('a', 'b', 'c'), 0, new Map());
  lookAll(search, ['a', 'b', 'x']);
  assert.deepEqual(search.missing, { index: 2, insteadAt: 2 });
  const anyOrder = new SearchInAnyOrder(block('a', 'b', 'c'), 0, new Map());
  lookAll(anyOrder, ['c', 'a', 'x']);
  assert.deepEqual(anyOrder.missing, { index: 1 });
});

it('in any order, each line is found once, and what is bound by one holds for the others', () => {
  const rows = ['b 1', 'a 2', 'a 1'];
  assert.deepEqual(inAnyOrder(block('a <n>', 'b <n>'), rows)?.at, [2, 0]);
  assert.equal(inAnyOrder(block('b ...', 'b ...'), rows), undefined);
  assert.deepEqual(inAnyOrder(block('a ...', 'a ...'), rows)?.at, [1, 2]);
});

it('in any order, a line is compared with what a later one has found', () => {
  const rows = ['row 1', 'row 2', 'last 1'];
  assert.deepEqual(inAnyOrder(block('row <a>', 'last <b, not a>'), rows)?.at, [1, 2]);
  assert.deepEqual(inAnyOrder(block('last <b>', 'row <a, more than b>'), rows)?.at, [2, 1]);
});

const numbered = (count: number, text: string): string[] =>
  Array.from({ length: count }, (_, index) => `${index} ${text}`);
const SERVED = [...numbered(200, 'accepted'), ...numbered(200, 'request'), ...numbered(200, 'closed')];
const ROWS = numbered(100, 'row');

/** Where trying every combination would take minutes. */
const HOPELESS: Record<string, [way: Way, patterns: LinePattern[], lines: string[], missing: number]> = {
  'a last line that never comes, behind lines of dots': [
    SearchInOrder,
    block('... accepted', '...', '... request', '...', '... closed', '...', 'typo'),
    SERVED,
    6,
  ],
  'the same with names': [
    SearchInOrder,
    block('<a> accepted', '...', '<b> request', '...', '<c> closed', '...', 'typo'),
    SERVED,
    6,
  ],
  'in any order, a line that never comes': [
    SearchInAnyOrder,
    block('<a> row', '<b, not a> row', '<c, not a, not b> row', 'typo'),
    ROWS,
    3,
  ],
  'in any order, a line too many': [
    SearchInAnyOrder,
    Array.from({ length: 12 }, () => new LinePattern('... row')),
    numbered(11, 'row'),
    11,
  ],
};

for (const [what, [way, patterns, lines, missing]] of Object.entries(HOPELESS)) {
  it(`${what} is known at once`, () => {
    const search = new way(patterns, 0, new Map());
    const since = cpuMs();
    assert.equal(lookAll(search, lines).found, undefined);
    assert.ok(cpuMs() - since < 10_000);
    assert.equal(search.missing.index, missing);
  });
}

it('no look takes long, however long the search takes', () => {
  const patterns = block('<a> row', '<b, not a> row', '<c, not b> row', '<d, more than 9000, not c> row');
  const search = new SearchInAnyOrder(patterns, 0, new Map());
  const since = cpuMs();
  search.scan(ROWS, ROWS.length);
  assert.ok(search.isBehind);
  assert.ok(cpuMs() - since < 1000);
});
