// What an expected line matches, and what it does not.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LinePattern } from '../../src/walkthrough/pattern.js';

const MATCHES: [pattern: string, line: string, names?: Record<string, string>][] = [
  ['Hello, world!', 'Hello, world!'],
  ['  a   b ', 'a b'],
  ['a b', '   a \t b  '],
  ['... b', 'a b'],
  ['... b', 'b'],
  ['a ...', 'a'],
  ['a ...', 'a b c'],
  ['a ... c', 'a c'],
  ['a ... c', 'a b b c'],
  ['a...c', 'abc'],
  ['a.c (x) [y] $1 a|b', 'a.c (x) [y] $1 a|b'],
  ['(127.0.0.1, <port>, 127.0.0.1, 80)', '(127.0.0.1, 4711, 127.0.0.1, 80)', { port: '4711' }],
  ['127.0.0.1:<port> x', '127.0.0.1:4711 x', { port: '4711' }],
  ['<a> and <a>', 'x and x', { a: 'x' }],
  ['took <s, at most 2> s', 'took 1.5 s', { s: '1.5' }],
  ['<n, at least 3, at most 5> of 10', '5 of 10', { n: '5' }],
  ['<a> <b, not a>', '1 2', { a: '1', b: '2' }],
  ['<a, less than 3> <b, more than a>', '2 10', { a: '2', b: '10' }],
  ['<Html> <1>', '<Html> <1>'],
];

const DIFFERS: [pattern: string, line: string][] = [
  ['Hello', 'Hello, world!'],
  ['a b', 'ab'],
  ['a ...', 'ab'],
  ['... b', 'ab'],
  ['a ... c', 'ac'],
  ['a.c', 'abc'],
  ['(<port>)', '(1, 2)'],
  ['<a> and <a>', 'x and y'],
  ['<s, at most 2> s', '2.01 s'],
  ['<n, at least 3>', '2'],
  ['<n, at least 3>', 'many'],
  ['<a> <b, not a>', '1 1'],
  ['<a, less than 3> <b, more than a>', '2 2'],
];

for (const [pattern, line, names] of MATCHES) {
  it(`"${pattern}" matches "${line}"`, () => {
    const bindings = new LinePattern(pattern).match(line, new Map());
    assert.ok(bindings);
    assert.deepEqual(Object.fromEntries(bindings), names ?? {});
  });
}

for (const [pattern, line] of DIFFERS) {
  it(`"${pattern}" does not match "${line}"`, () => {
    assert.equal(new LinePattern(pattern).match(line, new Map()), undefined);
  });
}

it('a condition that cannot be read is told', () => {
  assert.throws(() => new LinePattern('<n, nto 3>'), /"nto 3" in <n, nto 3> is no condition\. Write "not", /);
});
