// Columns of a terminal: what is wide takes two, and every cut and padding counts so.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cut, padEnd, padStart, textWidth, wrap } from '../../src/terminal/width.js';

it('counts what a terminal shows', () => {
  const widths = ['abc', '漢字', 'e\u0301', '👩‍🚀', '\x1b[1;31mred\x1b[0m', 'ｱ', ''].map(textWidth);
  assert.deepEqual(widths, [3, 4, 1, 2, 3, 1, 0]);
});

it('pads to columns', () => {
  assert.deepEqual([padEnd('漢', 4), padStart('漢', 4), padEnd('漢字', 3)], ['漢  ', '  漢', '漢字']);
});

it('cuts with dots, and without where these would take all of the room', () => {
  assert.deepEqual(
    [cut('abcdef', 6), cut('abcdefg', 6), cut('漢字漢字', 7), cut('漢字', 3), cut('abc', 0), cut('a', 9)],
    ['abcdef', 'abc...', '漢字...', '漢', '', 'a'],
  );
});

it('wraps at blanks, then anywhere, and says what is left out', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('漢字漢字漢字', 5), ['漢字', '漢字', '漢字']);
  assert.deepEqual(wrap('  two  blanks stay', 12), ['  two', 'blanks stay']);
  assert.deepEqual(wrap('one two three four', 7, 2), ['one two', 'thre...']);
  assert.deepEqual(wrap('one\ntwo', 7), ['one', 'two']);
});
