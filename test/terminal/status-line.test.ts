// The line at the bottom of the terminal: it stays while the others scroll, and leaves nothing behind.
// Stands beside src/terminal/status-line.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asManyAsFit } from '../../src/terminal/invitation.js';
import { StatusLine } from '../../src/terminal/status-line.js';
import { shownBy } from '../support/screen.js';

const line = (): StatusLine => new StatusLine(() => 'it stays', String);
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');

const SIZE = { columns: 40, rows: 12 };

for (const before of [3, 11, 30]) {
  test(`it stays below the lines that scroll, when ${before} stood there before`, async () => {
    const text = `${lines(1, before)}${line().draw(SIZE)}${lines(before + 1, before + 40)}`;
    const { rows, scrolledOut } = await shownBy([text, 40, 12]);
    assert.equal(rows.at(-1), 'it stays');
    assert.deepEqual(rows.slice(-3, -1), [`line ${before + 40}`, '']);
    const all = [...scrolledOut, ...rows].filter((row) => row.startsWith('line'));
    assert.equal(all.length, before + 40, 'no line was overwritten');
  });
}

test('when it is erased, the lines scroll over the whole terminal again', async () => {
  const status = line();
  const text = `${status.draw(SIZE)}${lines(1, 20)}${status.erase()}${lines(21, 40)}`;
  const { rows, scrolledOut } = await shownBy([text, 40, 12]);
  assert.deepEqual(rows.slice(-2), ['line 40', '']);
  assert.doesNotMatch([...scrolledOut, ...rows].join('\n'), /it stays/);
  assert.equal(status.erase(), '', 'there is nothing left to erase');
});

for (const [columns, rows] of [
  [40, 20],
  [40, 11],
  [20, 12],
] as const) {
  test(`in a terminal that is now ${columns} by ${rows} it is there once, on the last row`, async () => {
    const status = line();
    const before = `${status.draw(SIZE)}${lines(1, 30)}`;
    const after = `${status.draw({ columns, rows })}${lines(31, 60)}`;
    const shown = await shownBy([before, 40, 12], [after, columns, rows]);
    assert.equal(shown.rows.at(-1), 'it stays');
    assert.equal(shown.rows.at(-3), 'line 60');
    assert.equal(shown.rows.filter((row) => row === 'it stays').length, 1);
  });
}

test('a terminal with few rows keeps them all', () => {
  assert.equal(line().draw({ columns: 80, rows: 9 }), '');
});

test('of several URLs it names as many as fit, and the first one always', () => {
  const urls = ['http://192.0.2.7:8080/connection', 'http://198.51.100.7:8080/connection'];
  assert.equal(asManyAsFit(' Open ', urls, 80), ` Open ${urls[0]} or ${urls[1]}`);
  assert.equal(asManyAsFit(' Open ', urls, 60), ` Open ${urls[0]}`);
  assert.equal(asManyAsFit(' Open ', urls, 9), ` Open ${urls[0]}`);
});
