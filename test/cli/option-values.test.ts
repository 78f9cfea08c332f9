// The values of options: what is taken, and what is said to someone who typed something else.
// Stands beside src/cli/option-values.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { numberUpTo, oneOf, wholeNumber } from '../../src/cli/option-values.js';

/** What is said to whoever typed `text`. */
function complaint(read: (text: string) => unknown, text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof InvalidArgumentError);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(text)} was taken`);
}

test('a whole number is taken from the least to the most', () => {
  const port = wholeNumber(1, 65_535);
  assert.deepEqual(['1', '8080', '65535', '0080'].map(port), [1, 8080, 65_535, 80]);
});

test('what is no whole number within bounds is answered with the bounds', () => {
  const port = wholeNumber(1, 65_535);
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
    assert.equal(complaint(port, text), 'expected a whole number from 1 to 65535.');
  }
});

test('a number may have a fraction of up to six digits', () => {
  const seconds = numberUpTo(86_400);
  assert.deepEqual(
    ['0', '60', '0.5', '1.000001', '86400', '86400.0'].map(seconds),
    [0, 60, 0.5, 1.000001, 86_400, 86_400],
  );
});

test('what is no number within bounds is answered with the bounds', () => {
  const seconds = numberUpTo(86_400);
  for (const text of ['86400.1', '-1', '.5', '5.', '1,5', '1e3', 'Infinity', 'NaN', '', '5s']) {
    assert.equal(complaint(seconds, text), 'expected a number from 0 to 86400.');
  }
});

test('one of a few words is taken as it is', () => {
  const mode = oneOf(['iterative', 'blocking', 'evented']);
  assert.equal(mode('blocking'), 'blocking');
});

test('another word is answered with the words there are', () => {
  const mode = oneOf(['iterative', 'blocking', 'evented']);
  for (const text of ['forking', '', 'x', 'something else altogether']) {
    assert.match(complaint(mode, text), /^expected iterative, blocking or evented[.;]/);
  }
  assert.equal(complaint(mode, 'something else altogether'), 'expected iterative, blocking or evented.');
  assert.equal(complaint(oneOf(['pretty', 'ndjson']), 'xml'), 'expected pretty or ndjson.');
});

test('a near miss is told the word it may have meant', () => {
  const mode = oneOf(['iterative', 'blocking', 'evented']);
  const sentence = 'expected iterative, blocking or evented; did you mean';
  assert.equal(complaint(mode, 'event'), `${sentence} evented?`);
  assert.equal(complaint(mode, 'bloking'), `${sentence} blocking?`);
  assert.equal(complaint(mode, 'Iterative'), `${sentence} iterative?`);
});
