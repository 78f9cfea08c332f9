// Text from the network, made safe for a terminal.
// Stands beside src/terminal/escape.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeControls } from '../../src/terminal/escape.js';

test('an escape sequence is shown, not obeyed', () => {
  assert.equal(escapeControls('/\u001b[2J\u0007'), '/\\u001b[2J\\u0007');
});

test('every control character is escaped, wherever it stands', () => {
  for (let code = 0; code < 0xa0; code++) {
    const control = String.fromCharCode(code);
    if (!/\p{Cc}/u.test(control)) continue;
    const escaped = `\\u${code.toString(16).padStart(4, '0')}`;
    assert.equal(escapeControls(`${control}a${control}`), `${escaped}a${escaped}`);
  }
});

test('marks that turn the direction of text, and line separators, are escaped', () => {
  const marks = '\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069';
  for (const mark of marks) {
    assert.equal(escapeControls(`a${mark}b`), `a\\u${mark.charCodeAt(0).toString(16)}b`);
  }
});

test('other text is left as it is, in any script', () => {
  for (const text of [
    '',
    '/sleep?ms=5 \\u001b ~',
    'caf\u00e9 \u4f60\u597d \u05e9\u05dc\u05d5\u05dd',
    '\u{1f600}',
    '\u00a0',
  ]) {
    assert.equal(escapeControls(text), text);
  }
});

test('no control character is left in any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(escapeControls(text), /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('in JSON the escapes mean the characters they stand for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(JSON.parse(escapeControls(JSON.stringify(text))), text);
    }),
  );
});
