// What a terminal, or a pipe in its place, is said to be.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { columnsOf } from '../../src/terminal/terminal.js';

it('behind a pipe COLUMNS is the width, where it is one', () => {
  assert.equal(columnsOf({ COLUMNS: '80' }), 80);
  for (const COLUMNS of ['-80', '0', 'wide', '', '8.5', undefined])
    assert.equal(columnsOf({ COLUMNS }), undefined);
});
