// A reply as bytes, and how an Outbox hands them out while send(2) takes as few as it likes.
// Stands beside src/http/reply.ts; which request gets which reply is handler.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FILLER, makeReply, Outbox, type Reply } from '../../src/http/reply.js';
import type { Request } from '../../src/http/request.js';

const request: Request = {
  kind: 'request',
  headBytes: 18,
  method: 'GET',
  target: '/',
  keepAlive: false,
  hasBody: false,
  accept: '',
  version: 'HTTP/1.1',
};

const text = (reply: Reply): string => Buffer.from(reply.bytes).toString();

test('a reply is its head, an empty line and its body', () => {
  const reply = makeReply({ status: 200, body: 'Hello, world!' }, 'close');
  assert.equal(
    text(reply),
    'HTTP/1.1 200 OK\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\n' +
      'Content-Length: 13\r\n' +
      'Connection: close\r\n' +
      '\r\n' +
      'Hello, world!',
  );
});

test('every status that the server gives has its reason phrase', () => {
  for (const [status, reason] of [
    [400, 'Bad Request'],
    [404, 'Not Found'],
    [405, 'Method Not Allowed'],
    [414, 'URI Too Long'],
    [431, 'Request Header Fields Too Large'],
    [505, 'HTTP Version Not Supported'],
  ] as const) {
    assert.ok(text(makeReply({ status, body: '' }, 'close')).startsWith(`HTTP/1.1 ${status} ${reason}\r\n`));
  }
});

test('the length counts bytes, not characters, and the filler that follows', () => {
  assert.match(text(makeReply({ status: 200, body: 'caf\u00e9' }, 'close')), /\r\nContent-Length: 5\r\n/);
  const reply = makeReply({ status: 200, body: 'ab', fillerBytes: 1000 }, 'close');
  assert.match(text(reply), /\r\nContent-Length: 1002\r\n/);
  assert.equal(reply.fillerBytes, 1000);
});

test('to HEAD the length is told and the body left out', () => {
  const reply = makeReply({ status: 200, body: 'ab', fillerBytes: 1000 }, 'close', {
    ...request,
    method: 'HEAD',
  });
  assert.match(text(reply), /\r\nContent-Length: 1002\r\n(?:.+\r\n)*\r\n$/);
  assert.equal(reply.fillerBytes, 0);
});

test('a connection that will be closed is announced, and one that is kept only to HTTP/1.0', () => {
  const connection = (afterwards: Reply['afterwards'], version: Request['version']): string | undefined =>
    /\r\nConnection: (.*)\r\n/.exec(
      text(makeReply({ status: 200, body: '' }, afterwards, { ...request, version })),
    )?.[1];
  assert.equal(connection('close', 'HTTP/1.1'), 'close');
  assert.equal(connection('linger', 'HTTP/1.1'), 'close');
  assert.equal(connection('close', 'HTTP/1.0'), 'close');
  assert.equal(connection('keep', 'HTTP/1.1'), undefined);
  assert.equal(connection('keep', 'HTTP/1.0'), 'keep-alive');
});

test('further headers stand in the head, and what the server is to do first is passed on', () => {
  const reply = makeReply(
    { status: 405, body: '', headers: ['Allow: GET, HEAD'], sleepMs: 5, computeMs: 6 },
    'close',
  );
  assert.match(text(reply), /\r\nAllow: GET, HEAD\r\n/);
  assert.deepEqual([reply.sleepMs, reply.computeMs, reply.afterwards], [5, 6, 'close']);
});

test('the filler is one printable line of 64 bytes, over and over', () => {
  const line = Buffer.from(FILLER.subarray(0, 64)).toString();
  assert.match(line, /^[ -~]{63}\n$/);
  assert.equal(Buffer.from(FILLER).toString(), line.repeat(FILLER.length / 64));
});

/** What comes out of the box when send(2) takes these many bytes at a time, over and over. */
function takeAll(outbox: Outbox, sizes: readonly number[]): Buffer {
  const taken: Uint8Array[] = [];
  for (let i = 0; !outbox.empty; i++) {
    const size = Math.min(sizes[i % sizes.length]!, outbox.chunk.length);
    taken.push(outbox.chunk.slice(0, size));
    outbox.sent(size);
  }
  return Buffer.concat(taken);
}

test('the same bytes come out whatever the partial sends', () => {
  const fillerBytes = fc.oneof(
    fc.nat(300),
    fc.integer({ min: 65_000, max: 200_000 }),
    fc.constantFrom(65_536, 131_072),
  );
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constantFrom(0, 1, 64)), {
    maxLength: 5,
  });
  const line = Buffer.from(FILLER.subarray(0, 64)).toString();
  const outbox = new Outbox();
  fc.assert(
    fc.property(fillerBytes, sizes, (count, someSizes) => {
      const reply = makeReply({ status: 200, body: 'so: ', fillerBytes: count }, 'close');
      const expected = text(reply) + line.repeat(Math.ceil(count / 64)).slice(0, count);
      outbox.put(reply);
      assert.ok(takeAll(outbox, [...someSizes, 1000]).equals(Buffer.from(expected)));
    }),
    { numRuns: 200 },
  );
});

test('an outbox is empty before a reply was put in, and after it was cleared', () => {
  const outbox = new Outbox();
  assert.equal(outbox.empty, true);
  outbox.put(makeReply({ status: 200, body: 'first', fillerBytes: 1_000_000 }, 'close'));
  assert.equal(outbox.empty, false);
  outbox.sent(outbox.chunk.length);
  outbox.clear();
  assert.equal(outbox.empty, true);
  outbox.sent(0);
  assert.equal(outbox.empty, true);
  const second = makeReply({ status: 200, body: 'second' }, 'close');
  outbox.put(second);
  assert.ok(takeAll(outbox, [7]).equals(Buffer.from(second.bytes)));
});
