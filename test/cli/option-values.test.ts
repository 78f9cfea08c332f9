// The values of options: what is taken, and what is said to someone who typed something else.
// Stands beside src/cli/option-values.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Option } from 'commander';
import { CliError } from '../../src/cli/errors.js';
import { connectionsRange, numberUpTo, option, pace, wholeNumber } from '../../src/cli/option-values.js';

const port = option('--port <number>', 'the port', wholeNumber(1, 65_535));
const timeout = option('--timeout <seconds>', 'the timeout', numberUpTo(86_400));

/** What an option makes of each text. */
const values = (of: Option, ...texts: string[]): unknown[] =>
  texts.map((text) => of.parseArg?.(text, undefined));

/** What is said to whoever typed `text`. */
function complaint(of: Option, text: string): string {
  try {
    of.parseArg?.(text, undefined);
  } catch (error) {
    assert.ok(error instanceof CliError);
    const beginning = `${of.long} cannot be ${JSON.stringify(text)}. `;
    assert.ok(error.message.startsWith(beginning), error.message);
    return error.message.slice(beginning.length);
  }
  return assert.fail(`${JSON.stringify(text)} was taken`);
}

test('a whole number is taken from the least to the most', () => {
  assert.deepEqual(values(port, '1', '8080', '65535', '0080'), [1, 8080, 65_535, 80]);
  assert.deepEqual(values(option('--port <number>', '', wholeNumber(0, 9)), '0'), [0]);
});

test('what is no whole number within bounds is answered with the bounds', () => {
  for (const text of [
    '0',
    '65536',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x50',
    '',
    ' 1',
    '8080 ',
    'http',
    '9'.repeat(20),
  ]) {
    assert.equal(complaint(port, text), 'Use a whole number from 1 to 65535.');
  }
});

test('a number may have a fraction of up to six digits', () => {
  assert.deepEqual(
    values(timeout, '0', '60', '0.5', '1.000001', '86400', '86400.0'),
    [0, 60, 0.5, 1.000001, 86_400, 86_400],
  );
});

test('what is no number within bounds is answered with the bounds', () => {
  for (const text of ['86400.1', '-1', '.5', '5.', '1,5', '1e3', 'Infinity', 'NaN', '', '5s']) {
    assert.equal(complaint(timeout, text), 'Use a number from 0 to 86400.');
  }
});

test('a pace is milliseconds, with their unit or without, or a factor', () => {
  const slow = option('--pace <ms|factor>', 'the pace', pace);
  assert.deepEqual(values(slow, '1', '200', '200ms', '5000ms', '2x', '100000x'), [
    { ms: 1 },
    { ms: 200 },
    { ms: 200 },
    { ms: 5000 },
    { factor: 2 },
    { factor: 100_000 },
  ]);
  for (const text of [
    '0',
    '5001',
    '0ms',
    '1x',
    '100001x',
    '1.5x',
    '-1',
    '200 ms',
    '2s',
    'x',
    'ms',
    '',
    'slow',
  ]) {
    assert.equal(
      complaint(slow, text),
      'Use milliseconds from 1 to 5000 such as 200ms, or a factor from 2 to 100000 such as 1000x.',
    );
  }
});

const sweep = option('--sweep <connections=A..B>', 'a sweep', connectionsRange);

test('a range of connections has two ends, the first below the second', () => {
  assert.deepEqual(values(sweep, 'connections=10..10000', 'connections=1..2', 'connections=5..100000'), [
    { from: 10, to: 10_000 },
    { from: 1, to: 2 },
    { from: 5, to: 100_000 },
  ]);
});

test('what is no range of connections is answered with one that is', () => {
  for (const text of [
    '',
    '10..20',
    'connections',
    'connections=10',
    'connections=10..',
    'connections=0..10',
    'connections=10..10',
    'connections=20..10',
    'connections=1..100001',
    'connections=1...5',
    'connections=1..5 ',
    'connections=-1..5',
    'connections=1,000..5,000',
    'threads=1..5',
    '\u001b[2J',
  ]) {
    assert.equal(
      complaint(sweep, text),
      'Use connections=A..B, such as connections=10..10000: whole numbers from 1 to 100000, A below B.',
    );
  }
});
