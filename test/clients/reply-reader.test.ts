// A reply in pieces, however it is cut, and what is no reply.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ReplyReader } from '../../src/clients/reply-reader.js';
import { HELLO } from '../support/client.js';

function readerOf(...parts: string[]): ReplyReader {
  const reader = new ReplyReader();
  const buffer = Buffer.alloc(100_000); // used again for each part, as a client's is
  for (const part of parts) {
    const length = buffer.write(part, 'latin1');
    reader.take(buffer.subarray(0, length));
    buffer.fill('?');
  }
  return reader;
}

it('is the same however the reply is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(HELLO.length), { maxLength: 8 }), (cuts) => {
      const ends = [...cuts, HELLO.length].sort((a, b) => a - b);
      const { complete, status, statusLine, bytes, body } = readerOf(
        ...ends.map((end, i) => HELLO.slice(ends[i - 1] ?? 0, end)),
      );
      assert.deepEqual(
        { complete, status, statusLine, bytes, body },
        { complete: true, status: 200, statusLine: 'HTTP/1.1 200 OK', bytes: 13, body: 'Hello, world!' },
      );
    }),
  );
});

it('is complete with the last byte of its body, and not before', () => {
  assert.equal(readerOf(HELLO.slice(0, -1)).complete, false);
  assert.equal(readerOf(HELLO.slice(0, -1), '!').complete, true);
});

it('a reply without a length goes on until the server closes', () => {
  const reader = readerOf('HTTP/1.0 404\r\n\r\nnot', ' here');
  assert.equal(reader.complete, false);
  reader.end();
  assert.deepEqual([reader.complete, reader.status, reader.body], [true, 404, 'not here']);
});

it('a reply that is cut short is not complete when the server closes', () => {
  const reader = readerOf(HELLO.slice(0, -1));
  reader.end();
  assert.equal(reader.complete, false);
});

it('status 204 and 304 have no body, whatever length they tell', () => {
  assert.equal(readerOf('HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n').complete, true);
});

it('a name that ends in Content-Length is not its length', () => {
  assert.equal(
    readerOf('HTTP/1.1 200 OK\r\nX-Content-Length: 0\r\nContent-Length: 2\r\n\r\nh').complete,
    false,
  );
});

it('says where the server is going to close', () => {
  for (const [field, closes] of [
    ['Connection: close', true],
    ['connection:close ', true],
    ['Connection: keep-alive', false],
    ['X-Connection: close', false],
  ] as const)
    assert.equal(readerOf(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`).closes, closes, field);
});

it('is exceeded by a byte after its end', () => {
  assert.equal(readerOf(HELLO).exceeded, false);
  assert.equal(readerOf(`${HELLO}.`).exceeded, true);
  assert.equal(readerOf(HELLO, '.').exceeded, true);
  assert.equal(readerOf('HTTP/1.1 200 OK\r\n\r\n', 'no length').exceeded, false);
});

it('keeps the beginning of a long body and counts all of it', () => {
  const reader = readerOf(
    'HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n',
    'x'.repeat(50_000),
    'y'.repeat(40_000),
  );
  assert.deepEqual([reader.complete, reader.bytes, reader.body], [true, 90_000, 'x'.repeat(4096)]);
});

it('what is no HTTP reply is malformed, and is shown', () => {
  const reader = readerOf('220 mail\r\n\r\n');
  assert.deepEqual([reader.malformed, reader.complete, reader.body], [true, false, '220 mail\r\n\r\n']);
});

it('a head without an end is given up at 64 KiB', () => {
  const reader = readerOf(...Array.from({ length: 70 }, () => 'a'.repeat(1000)));
  assert.deepEqual([reader.malformed, reader.body.length], [true, 4096]);
});

it('a chunked reply is complete with its last chunk, however it is cut', () => {
  const whole = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n0\r\n\r\n0\r\n\r\n';
  for (let cut = 1; cut < whole.length; cut++) {
    assert.equal(readerOf(whole.slice(0, cut)).complete, false);
    assert.equal(readerOf(whole.slice(0, cut), whole.slice(cut)).complete, true);
  }
});
