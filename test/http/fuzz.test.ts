// Requests that were damaged on the way: whatever a reader makes of them, it never throws and gives nothing unsafe on.
// Stands beside request-reader.test.ts, whose random bytes seldom come near a request; these do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BadRequest, Request } from '../../src/http/request.js';
import { RequestReader } from '../../src/http/request-reader.js';
import { damagedRequests, request } from '../support/damaged.js';

const MOST_HEAD_BYTES = 16 * 1024;

/** Everything that a reader gives for these bytes, in pieces of these sizes, over and over. */
function readAll(bytes: Buffer, sizes: readonly number[]): (Request | BadRequest)[] {
  const reader = new RequestReader(MOST_HEAD_BYTES);
  const receiveBuffer = Buffer.alloc(64 * 1024);
  const requests: (Request | BadRequest)[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    const piece = bytes.subarray(at, at + size);
    receiveBuffer.fill('?', 0, piece.length + 64).set(piece);
    reader.push(receiveBuffer, piece.length);
    for (let next = reader.next(); next !== undefined; next = reader.next()) requests.push(next);
    at += size;
  }
  return requests;
}

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });

test('pipelined requests are given as they were sent, however their bytes are split', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 8 }), sizes, (requests, pieces) => {
      const bytes = Buffer.from(requests.map((each) => each.text).join(''), 'latin1');
      const given = readAll(bytes, pieces);
      assert.deepEqual(
        given.map((each) => (each.kind === 'request' ? [each.method, each.target, each.version] : each)),
        requests.map(({ method, target, version }) => [method, target, version]),
      );
    }),
    { numRuns: 500 },
  );
});

test('damaged requests never throw, and nothing but visible ASCII is given on', () => {
  fc.assert(
    fc.property(damagedRequests, sizes, (bytes, pieces) => {
      const given = readAll(bytes, pieces);
      for (const each of given) {
        if (each.kind === 'request') {
          assert.match(each.target, /^[!-~]+$/);
          assert.match(each.method, /^[!-~]+$/);
        } else assert.match(each.problem, /^[A-Z][ -~]+\.$/);
      }
      assert.ok(given.slice(0, -1).every((each) => each.kind === 'request'));
    }),
    { numRuns: 3000 },
  );
});
