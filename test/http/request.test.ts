// What a request head is read as: its request line, and the few fields that change what the server does.
// Stands beside src/http/request.ts; cutting a stream into heads is request-reader.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BadRequest, parseHead, type Request } from '../../src/http/request.js';

function parse(head: string): Request | BadRequest {
  return parseHead(Buffer.from(head, 'latin1'), 0, head.length);
}

/** The head of a GET with these lines after the request line. */
const withFields = (...fields: string[]): Request | BadRequest =>
  parse(`${['GET / HTTP/1.1', ...fields].join('\r\n')}\r\n\r\n`);

test('a head gives the method, the target as it was sent, and the version', () => {
  assert.deepEqual(parse('DELETE /a/b?c=%20&d HTTP/1.0\r\nHost: localhost\r\n\r\n'), {
    kind: 'request',
    method: 'DELETE',
    target: '/a/b?c=%20&d',
    version: 'HTTP/1.0',
    keepAlive: false,
    hasBody: false,
    accept: '',
    headBytes: 49,
  });
});

test('lines that end in a bare newline are read like those that end in CR LF', () => {
  const head = 'GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\n';
  const request = parse(head);
  assert.equal(request.kind, 'request');
  const bare = head.replaceAll('\r', '');
  assert.deepEqual(parse(bare), { ...request, headBytes: bare.length });
});

test('only the bytes of this head are looked at, whatever lies before and after it', () => {
  const before = 'POST /before HTTP/1.0\r\n\r\n';
  const head = 'GET /here HTTP/1.1\r\n\r\n';
  const bytes = Buffer.from(`${before}${head}Content-Length: 5\r\n\r\n`);
  assert.deepEqual(parseHead(bytes, before.length, before.length + head.length), parse(head));
});

const connections: [version: string, connection: string | undefined, keepAlive: boolean][] = [
  ['HTTP/1.1', undefined, true],
  ['HTTP/1.1', 'close', false],
  ['HTTP/1.1', 'keep-alive', true],
  ['HTTP/1.1', 'upgrade', true],
  ['HTTP/1.1', 'keep-alive, close', false],
  ['HTTP/1.0', undefined, false],
  ['HTTP/1.0', 'keep-alive', true],
  ['HTTP/1.0', 'TE,\tKeep-Alive ', true],
  ['HTTP/1.0', 'keep-alive, close', false],
  ['HTTP/1.0', 'upgrade', false],
];
for (const [version, connection, keepAlive] of connections) {
  const field = connection === undefined ? 'no Connection field' : JSON.stringify(connection);
  test(`${version} with ${field} ${keepAlive ? 'is kept open' : 'is closed'}`, () => {
    const line = connection === undefined ? '' : `connection:${connection}\r\n`;
    const request = parse(`GET / ${version}\r\n${line}\r\n`);
    assert.ok(request.kind === 'request');
    assert.equal(request.keepAlive, keepAlive);
  });
}

test('a body is announced by a length other than 0 or by a transfer coding, in any letter case', () => {
  for (const field of ['Content-Length: 1', 'CONTENT-LENGTH:0010', 'transfer-Encoding: chunked']) {
    const request = withFields(field);
    assert.ok(request.kind === 'request', field);
    assert.equal(request.hasBody, true, field);
  }
  for (const field of [
    'Content-Length: 0',
    'Content-Length: 000',
    'Content-Lengths: 5',
    'X: Content-Length: 5',
  ]) {
    const request = withFields(field);
    assert.ok(request.kind === 'request', field);
    assert.equal(request.hasBody, false, field);
  }
});

test('of several lengths one that is not 0 is enough for a body', () => {
  const request = withFields('Content-Length: 7', 'Content-Length: 0');
  assert.ok(request.kind === 'request');
  assert.equal(request.hasBody, true);
});

test('a length that is no whole number is a bad request', () => {
  for (const value of ['', '-1', '+1', '1.5', '0x10', '1, 1', 'ten']) {
    const request = withFields(`Content-Length: ${value}`);
    assert.ok(request.kind === 'bad-request', value);
    assert.equal(request.status, 400);
    assert.match(request.problem, /Content-Length/);
  }
});

test('an HTTP/1 version newer than 1.1 is served as 1.1', () => {
  const request = parse('GET / HTTP/1.9\r\n\r\n');
  assert.ok(request.kind === 'request');
  assert.equal(request.version, 'HTTP/1.1');
});

test('another major version is answered 505', () => {
  for (const version of ['HTTP/2.0', 'HTTP/0.9', 'HTTP/3.1']) {
    const request = parse(`GET / ${version}\r\n\r\n`);
    assert.ok(request.kind === 'bad-request', version);
    assert.equal(request.status, 505);
  }
});

const badLines = [
  'GET',
  'GET /',
  'GET / ',
  'GET  / HTTP/1.1',
  'GET /  HTTP/1.1',
  'GET / HTTP/1.1 ',
  ' GET / HTTP/1.1',
  'GET\t/ HTTP/1.1',
  'G(T / HTTP/1.1',
  'GET /caf\xe9 HTTP/1.1',
  'GET /\x1b[2J HTTP/1.1',
  'GET /\x7f HTTP/1.1',
  'GET / http/1.1',
  'GET / HTTP/1',
  'GET / HTTP/1.11',
  'GET / HTTP/1.1\r',
  '\x16\x03\x01\x02',
];
for (const line of badLines) {
  test(`the line ${JSON.stringify(line)} is no request line`, () => {
    const request = parse(`${line}\r\n\r\n`);
    assert.ok(request.kind === 'bad-request');
    assert.equal(request.status, 400);
    assert.match(request.problem, /request line/);
  });
}

test('a header line needs a name made of token characters, and the colon right after it', () => {
  for (const line of ['Host', 'Host : x', ': x', ' folded', 'H(st: x', '\r']) {
    const request = withFields('Host: x', line);
    assert.ok(request.kind === 'bad-request', JSON.stringify(line));
    assert.equal(request.status, 400);
    assert.match(request.problem, /name and colon/);
  }
});

test('a control character in a header value is a bad request; a tab and bytes above 127 are not', () => {
  for (const control of ['\0', '\x1b', '\x7f', '\r']) {
    const request = withFields(`X: a${control}b`);
    assert.ok(request.kind === 'bad-request', JSON.stringify(control));
    assert.match(request.problem, /control character/);
  }
  assert.equal(withFields('X: a\tb', 'Y: caf\xe9').kind, 'request');
});

test('a bad request is told in a sentence that says what was expected, without a byte of what was sent', () => {
  for (const head of [
    '<b>hello</b>\n\n',
    'GET / HTTP/1.1\n<b>hello\n\n',
    'GET / HTTP/1.1\nX: <b>hello\x07\n\n',
  ]) {
    const request = parse(head);
    assert.ok(request.kind === 'bad-request');
    assert.match(request.problem, /^[A-Z][^<>\n]*\.$/);
    assert.doesNotMatch(request.problem, /hello/);
  }
});

test('any method of token characters and any visible target are given back as they were sent', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
  const visible = fc.stringMatching(/^[!-~]+$/);
  fc.assert(
    fc.property(token, visible, (method, target) => {
      const request = parse(`${method} ${target} HTTP/1.1\r\n\r\n`);
      assert.ok(request.kind === 'request');
      assert.deepEqual([request.method, request.target], [method, target]);
    }),
  );
});

test('whatever bytes come before the empty line, the outcome is a request or a bad request, never an error', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.constantFrom('GET / HTTP/1.1\r\n', 'Content-Length:', 'Connection: ', ': ', '\r', ' '),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const head = pieces.join('').replaceAll(/(\r?\n)+/g, '\n');
      const { kind } = parse(`${head}\n\n`);
      assert.ok(kind === 'request' || kind === 'bad-request');
    }),
    { numRuns: 300 },
  );
});

test('Accept is kept as it was sent, and several are one list', () => {
  const accept = (...fields: string[]): string | undefined => {
    const request = withFields(...fields);
    return request.kind === 'request' ? request.accept.replaceAll(' ', '') : undefined;
  };
  assert.equal(accept('Host: me'), '');
  assert.equal(accept('ACCEPT: text/html, */*;q=0.8'), 'text/html,*/*;q=0.8');
  assert.equal(accept('Accept: text/html', 'Host: me', 'accept: */*;q=0.1'), 'text/html,*/*;q=0.1');
  assert.equal(accept('Accept-Encoding: gzip', 'X-Accept: text/html'), '');
});
