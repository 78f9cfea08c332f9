// Which clients get HTML: those whose Accept says that they would rather have it than plain text.
// Stands beside src/http/prefers-html.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefersHtml } from '../../src/http/prefers-html.js';

/** What the programs themselves send. */
const CHROMIUM =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,' +
  'application/signed-exchange;v=b3;q=0.7';
const FIREFOX = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const CURL = '*/*';

for (const accept of [
  CHROMIUM,
  FIREFOX,
  'text/html',
  'TEXT/HTML',
  ' text/html ; q=0.2 ',
  'text/html, text/plain;q=0.5',
  'text/plain;q=0.4,text/html;q=0.5',
  'text/*;q=0.1, text/html',
  '*/*, text/plain;q=0',
  'text/html;charset=utf-8;q=0.9, */*;q=0.1',
]) {
  test(`HTML for ${accept}`, () => assert.equal(prefersHtml(accept), true));
}

for (const accept of [
  '',
  CURL,
  'text/*',
  'text/plain',
  'text/html, text/plain',
  'text/html;q=0.5, text/plain;q=0.5',
  'text/html;q=0, */*',
  'text/html;q=0.3, */*',
  'application/json',
  'image/avif,image/webp,*/*;q=0.8',
  'text/htmlx',
  ';q=1,,;',
]) {
  test(`text for ${JSON.stringify(accept)}`, () => assert.equal(prefersHtml(accept), false));
}

test('whatever is sent as Accept gets an answer', () => {
  const piece = fc.constantFrom(
    'text/html',
    'text/plain',
    '*/*',
    'text/*',
    ';',
    'q=',
    '0.5',
    ',',
    ' ',
    '\xff',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      assert.equal(typeof prefersHtml(pieces.join('')), 'boolean');
    }),
  );
});
