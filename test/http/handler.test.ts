// What each path of the program's contract answers, and what becomes of the connection afterwards.
// Stands beside src/http/handler.ts; no socket is opened here, for the handler does no I/O.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionFacts } from '../../src/http/connection-page.js';
import { createHandler } from '../../src/http/handler.js';
import type { Reply } from '../../src/http/reply.js';
import type { Request } from '../../src/http/request.js';

const MOST = { maxMs: 2_000, maxBytes: 3_000_000 };

const facts: ConnectionFacts = {
  mode: 'evented',
  model: 'evented:poller=poll',
  loops: 1,
  fourTuple: ['127.0.0.1', 52356, '127.0.0.1', 8080],
  connection: 3,
  fd: 19,
  thread: 'loop',
  tid: 4711,
};

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

function ask(target: string, overrides: Partial<Request> = {}, keepAlive = false): Reply {
  const request: Request = {
    kind: 'request',
    headBytes: 18,
    method: 'GET',
    target,
    keepAlive: true,
    hasBody: false,
    accept: '',
    version: 'HTTP/1.1',
    ...overrides,
  };
  return createHandler({ keepAlive, ...MOST })(request, () => facts);
}

const text = (reply: Reply): string => Buffer.from(reply.bytes).toString();
const body = (reply: Reply): string => text(reply).split('\r\n\r\n')[1]!;

test('/ answers Hello, world! to every version, with or without a query', () => {
  for (const version of ['HTTP/1.0', 'HTTP/1.1'] as const) {
    for (const target of ['/', '/?a=b']) {
      const reply = ask(target, { version });
      assert.deepEqual([reply.status, body(reply)], [200, 'Hello, world!']);
    }
  }
});

test('/ gives a connection that stays open the same body, and does not announce a close', () => {
  const reply = ask('/', {}, true);
  assert.equal(body(reply), 'Hello, world!');
  assert.equal(reply.afterwards, 'keep');
  assert.doesNotMatch(text(reply), /Connection:/);
  assert.match(text(ask('/')), /\r\nConnection: close\r\n/);
});

test("/connection tells the connection's own facts", () => {
  assert.equal(
    body(ask('/connection')),
    '4-tuple     (127.0.0.1, 52356, 127.0.0.1, 8080)\n' +
      'connection  3\n' +
      'fd          19\n' +
      'thread      loop (tid 4711)\n' +
      'model       evented:poller=poll\n',
  );
});

test('/connection is a page for a client that prefers HTML, and text for any other', () => {
  for (const [accept, type] of [
    [BROWSER, 'text/html'],
    ['*/*', 'text/plain'],
    ['', 'text/plain'],
  ] as const) {
    const head = text(ask('/connection', { accept })).split('\r\n\r\n')[0]!;
    assert.ok(head.includes(`\r\nContent-Type: ${type}; charset=utf-8\r\n`), accept);
    assert.ok(head.includes('\r\nVary: Accept\r\n'), accept);
    assert.ok(head.includes('\r\nCache-Control: no-store\r\n'), accept);
  }
});

test('no other path looks at Accept', () => {
  for (const target of ['/', '/sleep?ms=1', '/nowhere']) {
    assert.equal(text(ask(target, { accept: BROWSER })), text(ask(target)));
  }
});

test('no facts are gathered where no reply needs them', () => {
  const handler = createHandler({ keepAlive: false, ...MOST });
  const request = {
    kind: 'request',
    headBytes: 18,
    method: 'GET',
    keepAlive: true,
    hasBody: false,
    accept: '',
    version: 'HTTP/1.1',
  } as const;
  for (const target of ['/', '/sleep?ms=1', '/nowhere']) {
    handler({ ...request, target }, () => assert.fail(`${target} asked for the facts`));
  }
});

test('/sleep, /compute and /bytes pass on how much they were asked for', () => {
  const sleep = ask('/sleep?ms=250');
  assert.deepEqual([sleep.status, sleep.sleepMs, body(sleep)], [200, 250, 'Slept 250 ms.\n']);
  const compute = ask('/compute?ms=30');
  assert.deepEqual([compute.status, compute.computeMs, body(compute)], [200, 30, 'Computed 30 ms.\n']);
  const bytes = ask('/bytes?count=100000');
  assert.deepEqual([bytes.status, bytes.fillerBytes, body(bytes)], [200, 100_000, '']);
  assert.match(text(bytes), /\r\nContent-Length: 100000\r\n/);
});

test('amounts go from 0 to a limit, and anything else is answered 400 with what to send', () => {
  for (const [path, name, most] of [
    ['/sleep', 'ms', MOST.maxMs],
    ['/compute', 'ms', MOST.maxMs],
    ['/bytes', 'count', MOST.maxBytes],
  ] as const) {
    for (const value of ['0', `${most}`, `${most}&${name}=x`, '%31']) {
      assert.equal(ask(`${path}?${name}=${value}`).status, 200, value);
    }
    for (const value of [`${most + 1}`, '', '-1', '+1', '1.5', '1e3', '0x1', 'x', '9'.repeat(30)]) {
      const reply = ask(`${path}?${name}=${value}`);
      assert.equal(reply.status, 400, value);
      assert.equal(body(reply), `The query must have ${name}=N, with N a whole number from 0 to ${most}.\n`);
      assert.deepEqual([reply.sleepMs, reply.computeMs, reply.fillerBytes], [0, 0, 0]);
    }
    assert.equal(ask(path).status, 400);
    assert.equal(ask(`${path}?other=1`).status, 400);
  }
});

test('another path is answered 404, with the paths there are', () => {
  for (const target of ['/nowhere', '/connection/', '//', '*', '/Sleep?ms=1', '/?/sleep']) {
    assert.equal(ask(target).status, target === '/?/sleep' ? 200 : 404, target);
  }
  for (const path of ['/connection', '/sleep', '/compute', '/bytes'])
    assert.ok(body(ask('/x')).includes(path));
});

test('a target in the absolute form means its path', () => {
  assert.equal(body(ask('http://localhost:8080/')), 'Hello, world!');
  assert.equal(body(ask('HTTP://localhost')), 'Hello, world!');
  assert.equal(body(ask('http://localhost?x=/sleep')), 'Hello, world!');
  assert.equal(ask('https://127.0.0.1/sleep?ms=5').sleepMs, 5);
  assert.equal(ask('ftp://localhost/').status, 404);
});

test('HEAD is answered like GET, without the body', () => {
  for (const target of ['/', '/connection', '/bytes?count=500', '/nowhere']) {
    const get = ask(target);
    const head = ask(target, { method: 'HEAD' });
    assert.equal(head.status, get.status);
    assert.equal(text(head), `${text(get).split('\r\n\r\n')[0]}\r\n\r\n`);
    assert.equal(head.fillerBytes, 0);
  }
});

test('another method is answered 405, with the methods there are', () => {
  for (const method of ['POST', 'DELETE', 'get', 'CONNECT']) {
    const reply = ask('/', { method });
    assert.equal(reply.status, 405);
    assert.match(text(reply), /\r\nAllow: GET, HEAD\r\n/);
  }
});

test('a connection is kept open only where both the server and the client would have it', () => {
  for (const target of ['/', '/connection', '/nowhere']) {
    assert.equal(ask(target, { keepAlive: true }, true).afterwards, 'keep');
    assert.equal(ask(target, { keepAlive: false }, true).afterwards, 'close');
    assert.equal(ask(target, { keepAlive: true }, false).afterwards, 'close');
  }
  const old = ask('/', { keepAlive: true, version: 'HTTP/1.0' }, true);
  assert.equal(old.afterwards, 'keep');
  assert.match(text(old), /\r\nConnection: keep-alive\r\n/);
});

test('a request with a body is answered, and the connection then lingers until the body was read', () => {
  for (const keepAlive of [true, false]) {
    const reply = ask('/', { hasBody: true }, keepAlive);
    assert.deepEqual([reply.status, reply.afterwards, body(reply)], [200, 'linger', 'Hello, world!']);
    assert.match(text(reply), /\r\nConnection: close\r\n/);
  }
});

test('a bad request is answered with its status and its problem, and the connection lingers', () => {
  const handler = createHandler({ keepAlive: true, ...MOST });
  for (const status of [400, 414, 431, 505] as const) {
    const reply = handler({ kind: 'bad-request', status, problem: 'expected better.' }, () => facts);
    assert.deepEqual([reply.status, body(reply), reply.afterwards], [status, 'expected better.\n', 'linger']);
    assert.match(text(reply), /\r\nConnection: close\r\n/);
  }
});
