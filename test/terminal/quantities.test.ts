// Numbers with their units, as they stand in a line.
// Stands beside src/terminal/quantities.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, duration, number, seconds } from '../../src/terminal/quantities.js';

test('a duration takes the unit that keeps it short', () => {
  for (const [microseconds, text] of [
    [0, '0 us'],
    [0.4, '0 us'],
    [850, '850 us'],
    [999, '999 us'],
    [1000, '1.00 ms'],
    [1234, '1.23 ms'],
    [18_200, '18.2 ms'],
    [250_000, '250 ms'],
    [1_000_000, '1.00 s'],
    [12_345_678, '12.3 s'],
    [60_000_000, '1 min 0 s'],
    [125_000_000, '2 min 5 s'],
    [119_600_000, '2 min 0 s'],
    [7_200_000_000, '120 min 0 s'],
  ] as const) {
    assert.equal(duration(microseconds), text);
  }
});

test('a duration of two digits leaves out what two runs would not share', () => {
  for (const [microseconds, text] of [
    [338, '338 us'],
    [1234, '1.2 ms'],
    [9_960, '10 ms'],
    [18_249, '18 ms'],
    [332_400, '332 ms'],
    [1_049_000, '1.0 s'],
    [12_345_678, '12 s'],
  ] as const) {
    assert.equal(duration(microseconds, 2), text);
  }
});

test('a count agrees with its noun, and long ones are grouped', () => {
  assert.equal(count(0, 'byte'), '0 bytes');
  assert.equal(count(1, 'byte'), '1 byte');
  assert.equal(count(2048, 'byte'), '2,048 bytes');
  assert.equal(count(1_000_000_000, 'byte'), '1,000,000,000 bytes');
  assert.equal(count(1, 'reply', 'replies'), '1 reply');
  assert.equal(count(2, 'reply', 'replies'), '2 replies');
});

test('a number alone is whole, and a long one is grouped', () => {
  assert.deepEqual([0, 12_345.4, 999.5].map(number), ['0', '12,345', '1,000']);
});

test('a time has all its six decimals, before the start too', () => {
  assert.equal(seconds(0), '0.000000');
  assert.equal(seconds(1), '0.000001');
  assert.equal(seconds(12_345_678), '12.345678');
  assert.equal(seconds(-1500), '-0.001500');
});
