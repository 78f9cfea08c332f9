// How the bytes of one connection become requests, in whatever pieces they arrive.
// Stands beside src/http/request-reader.ts; what a single head means is request.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BadRequest, Request } from '../../src/http/request.js';
import { RequestReader } from '../../src/http/request-reader.js';

const MAX_HEAD = 16 * 1024;

/** Everything a reader gives for these pieces, which come through one receive buffer, as they do in a server. */
function readAll(pieces: readonly Uint8Array[], maxHead = MAX_HEAD): (Request | BadRequest)[] {
  const reader = new RequestReader(maxHead);
  const receiveBuffer = Buffer.alloc(64 * 1024);
  const requests: (Request | BadRequest)[] = [];
  for (const piece of pieces) {
    receiveBuffer.fill('?').set(piece);
    reader.push(receiveBuffer, piece.length);
    for (let next = reader.next(); next !== undefined; next = reader.next()) requests.push(next);
  }
  return requests;
}

const readText = (text: string, maxHead = MAX_HEAD): (Request | BadRequest)[] =>
  readAll([Buffer.from(text, 'latin1')], maxHead);

/** What matters of each in a list: the target of a request, the status of a bad one. */
const outline = (requests: readonly (Request | BadRequest)[]): (string | number)[] =>
  requests.map((each) => (each.kind === 'request' ? each.target : each.status));

test('nothing is given before the empty line has come', () => {
  assert.deepEqual(readText('GET / HTTP/1.1\r\nHost: x\r\n'), []);
  assert.deepEqual(readText('GET / HTTP/1.1\r\nHost: x\r\n\r'), []);
  assert.deepEqual(outline(readText('GET / HTTP/1.1\r\nHost: x\r\n\r\n')), ['/']);
});

test('requests that come together are given one by one, in order', () => {
  const text = 'GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\nHost: x\n\nGET /3 HTTP/1.1\r\n\r\nGET /4';
  assert.deepEqual(outline(readText(text)), ['/1', '/2', '/3']);
});

test('empty lines before a request are passed over', () => {
  assert.deepEqual(outline(readText('\r\n\n\r\nGET /1 HTTP/1.1\r\n\r\n\r\n\nGET /2 HTTP/1.1\r\n\r\n')), [
    '/1',
    '/2',
  ]);
});

test('any split of the same bytes gives the same requests', () => {
  const part = fc.constantFrom(
    'GET /a HTTP/1.1\r\n',
    'HEAD /b HTTP/1.0\n',
    'GET /c HTTP/1.1\r\nHost: x\r\n\r\n',
    'Connection: close\r\n',
    'X: y\n',
    '\r\n',
    '\n',
    '\r',
    'GET /rather/long HTTP/1.1',
    'junk',
  );
  const limits = fc.constantFrom(MAX_HEAD, 48);
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(12), { minLength: 1 }), limits, (parts, sizes, limit) => {
      const bytes = Buffer.from(parts.join(''));
      const pieces: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = 1 + sizes[i % sizes.length]!;
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(readAll(pieces, limit), readAll([bytes], limit));
    }),
    { numRuns: 1000 },
  );
});

test('random bytes in random pieces never throw, and at most one bad request ends the list', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (pieces) => {
      const kinds = readAll(pieces, 40).map(({ kind }) => kind);
      assert.ok(kinds.slice(0, -1).every((kind) => kind === 'request'));
    }),
    { numRuns: 300 },
  );
});

test('a request line may be as long as the limit, and one byte more is answered 414', () => {
  const line = 'GET /2345 HTTP/1.1\r\n';
  const maxHead = 2 * line.length;
  assert.deepEqual(outline(readText(`${line}Host: x\r\n\r\n`, maxHead)), ['/2345']);
  assert.deepEqual(outline(readText(`GET /23456 HTTP/1.1\r\nHost: x\r\n\r\n`, maxHead)), [414]);
});

test('a head may be as long as the limit, and one byte more is answered 431', () => {
  const maxHead = 40;
  const head = (filler: string): string => `GET / HTTP/1.1\r\nHost: ${filler}\r\n\r\n`;
  const most = 'x'.repeat(maxHead - head('').length);
  assert.deepEqual(outline(readText(head(most), maxHead)), ['/']);
  assert.deepEqual(outline(readText(head(`${most}x`), maxHead)), [431]);
});

test('a head that is over the limit is refused before its end has come', () => {
  assert.deepEqual(outline(readText('x'.repeat(MAX_HEAD / 2))), []);
  assert.deepEqual(outline(readText('x'.repeat(MAX_HEAD / 2 + 1))), [414]);
  const fields = 'GET / HTTP/1.1\r\n'.padEnd(MAX_HEAD, 'x');
  assert.deepEqual(outline(readText(fields)), []);
  assert.deepEqual(outline(readText(`${fields}x`)), [431]);
});

test('each request has the whole limit to itself, whatever came before it', () => {
  const head = 'GET / HTTP/1.1\r\nHost: 789012\r\n\r\n';
  const maxHead = head.length;
  assert.ok(maxHead / 2 >= 'GET / HTTP/1.1\r\n'.length);
  assert.deepEqual(outline(readText(head.repeat(5), maxHead)), ['/', '/', '/', '/', '/']);
});

test('after a bad request no more is given, until the reader is reset for the next connection', () => {
  const reader = new RequestReader(MAX_HEAD);
  const bytes = Buffer.from('junk\n\nGET / HTTP/1.1\n\n');
  reader.push(bytes, bytes.length);
  assert.equal(reader.next()?.kind, 'bad-request');
  assert.equal(reader.next(), undefined);
  const good = Buffer.from('GET / HTTP/1.1\n\n');
  reader.push(good, good.length);
  assert.equal(reader.next(), undefined);
  assert.equal(reader.pending, false);
  reader.reset();
  reader.push(good, good.length);
  assert.equal(reader.next()?.kind, 'request');
});

test('reset forgets half a request', () => {
  const reader = new RequestReader(MAX_HEAD);
  reader.push(Buffer.from('GET /old HT'), 11);
  assert.equal(reader.next(), undefined);
  reader.reset();
  assert.equal(reader.pending, false);
  const bytes = Buffer.from('GET /new HTTP/1.1\n\n');
  reader.push(bytes, bytes.length);
  assert.deepEqual(outline([reader.next()!]), ['/new']);
});

test('bytes are pending as long as no request was made of them', () => {
  const reader = new RequestReader(MAX_HEAD);
  assert.equal(reader.pending, false);
  const bytes = Buffer.from('GET /1 HTTP/1.1\n\nGET /2');
  reader.push(bytes, bytes.length);
  assert.equal(reader.pending, true);
  reader.next();
  assert.equal(reader.pending, true);
  assert.equal(reader.next(), undefined);
  assert.equal(reader.pending, true);
  const rest = Buffer.from(' HTTP/1.1\n\n');
  reader.push(rest, rest.length);
  reader.next();
  assert.equal(reader.pending, false);
});

test('once it was told to keep what is left, the receive buffer may be used for something else', () => {
  const reader = new RequestReader(MAX_HEAD);
  const receiveBuffer = Buffer.from('GET /1 HTTP/1.1\n\nGET /2 HTTP/1.1\n\n');
  reader.push(receiveBuffer, receiveBuffer.length);
  assert.deepEqual(outline([reader.next()!]), ['/1']);
  reader.keep();
  receiveBuffer.fill('?');
  assert.deepEqual(outline([reader.next()!]), ['/2']);
});

test('only the bytes that were received are read, not what else lies in the buffer', () => {
  const reader = new RequestReader(MAX_HEAD);
  reader.push(Buffer.from('GET / HTTP/1.1\n\nGET /stale HTTP/1.1\n\n'), 'GET / HTTP/1.1\n'.length);
  assert.equal(reader.next(), undefined);
  reader.push(Buffer.from('\nGET /stale HTTP/1.1\n\n'), 1);
  assert.deepEqual(outline([reader.next()!]), ['/']);
  assert.equal(reader.next(), undefined);
});

test('a TLS handshake is known by its first byte: no line would ever end it', () => {
  const [hello] = readText('\x16') as [BadRequest];
  assert.deepEqual([hello.status, /http:\/\/ instead of https:\/\//.test(hello.problem)], [400, true]);
  assert.deepEqual(outline(readText('GET /1 HTTP/1.1\r\n\r\n\x16\x03\x01')), ['/1', 400]);
  assert.deepEqual(readText('G\x16'), [], 'only the first byte says so');
});
