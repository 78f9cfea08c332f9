// The protocol of one connection, without a socket: the same bytes in any pieces, and a clock that the test moves.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHandler } from '../../src/http/handler.js';
import { Session } from '../../src/http/session.js';

interface Rules {
  keepAlive?: boolean;
  keepOpen?: boolean;
  headTimeout?: number;
  idleTimeout?: number;
  sendTimeout?: number;
}

/** A session, the clock it looks at, and what it was asked and answered so far. */
function open({
  keepAlive = false,
  keepOpen = false,
  headTimeout = 10,
  idleTimeout = 20,
  sendTimeout = 30,
}: Rules = {}) {
  const clock = { now: 1_000 };
  const limits = { headTimeout, idleTimeout, sendTimeout, maxHead: 1_000 };
  const handle = createHandler({ keepAlive, maxMs: 1_000, maxBytes: 1_000_000 });
  const session = new Session({ keepOpen, limits }, handle, clock);
  session.open();
  const receive = (text: string): void => {
    const bytes = Buffer.from(text);
    session.received(bytes, bytes.length);
  };
  return { session, clock, receive };
}

/** Takes the reply out, a few bytes at a time. */
function takeReply(session: Session, most = 1_000): string {
  let text = '';
  while (!session.outbox.empty) {
    const piece = session.outbox.chunk.subarray(0, most);
    text += Buffer.from(piece).toString('latin1');
    session.sent(piece.length);
  }
  return text;
}

const describeNothing = (): never => assert.fail('nobody asked for /connection');

/** Asks and answers all that has come; gives what was asked, and what becomes of the connection. */
function serve(session: Session): string[] {
  const story: string[] = [];
  while (session.next()) {
    const request = session.request!;
    story.push(request.kind === 'request' ? request.target : `${request.status}`);
    session.answer(describeNothing);
    story.push(takeReply(session).slice(9, 12));
    const next = session.afterwards();
    story.push(next);
    if (next !== 'keep') break;
  }
  return story;
}

const REQUEST = 'GET / HTTP/1.1\r\n\r\n';

describe('the same bytes in any pieces', () => {
  const cases: [name: string, bytes: string, keepAlive: boolean][] = [
    ['one request', REQUEST, false],
    [
      'requests that are pipelined',
      `\r\nGET /a HTTP/1.1\r\nA: b\r\n\r\n\r\n${REQUEST}GET /bytes?count=3 HTTP/1.1\n\n`,
      true,
    ],
    ['a request with a body', 'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', true],
    ['no request', 'hello\r\n\r\n', true],
  ];
  for (const [name, bytes, keepAlive] of cases) {
    it(`${name}: in two pieces and in single bytes as in one`, () => {
      const story = (pieces: readonly string[]): string[] => {
        const { session, receive } = open({ keepAlive });
        const told: string[] = [];
        for (const piece of pieces) {
          if (['linger', 'close'].includes(told.at(-1)!)) break;
          receive(piece);
          told.push(...serve(session));
        }
        return told.map((each) => (each === 'close' ? 'linger' : each)); // only a look at the socket tells them apart
      };
      const whole = story([bytes]);
      assert.ok(whole.length > 0);
      for (let i = 1; i < bytes.length; i++)
        assert.deepEqual(story([bytes.slice(0, i), bytes.slice(i)]), whole, `${i}`);
      assert.deepEqual(story([...bytes]), whole);
    });
  }

  it('a reply comes out the same however little of it is taken at a time', () => {
    const replies = [1, 7, 100_000].map((most) => {
      const { session, receive } = open();
      receive('GET /bytes?count=200 HTTP/1.1\r\n\r\n');
      assert.ok(session.next());
      session.answer(describeNothing);
      return takeReply(session, most);
    });
    assert.equal(new Set(replies).size, 1);
    assert.match(replies[0]!, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n[0-9a-zA-Z+\n]{200}$/s);
  });
});

describe('what becomes of the connection', () => {
  const next = (request: string, rules: Rules = {}, more = ''): string => {
    const { session, receive } = open(rules);
    receive(request + more);
    assert.ok(session.next());
    session.answer(describeNothing);
    takeReply(session);
    return session.afterwards();
  };
  it('is closed, or kept where both sides want it', () => {
    assert.equal(next(REQUEST), 'close');
    assert.equal(next(REQUEST, { keepAlive: true }), 'keep');
    assert.equal(next('GET / HTTP/1.1\r\nConnection: close\r\n\r\n', { keepAlive: true }), 'close');
  });
  it('lingers where more has come, or may come', () => {
    assert.equal(next(REQUEST, {}, 'GET'), 'linger');
    assert.equal(next('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n'), 'linger');
    assert.equal(next('no request\r\n\r\n'), 'linger');
    assert.equal(next('GET /bytes?count=70000 HTTP/1.1\r\n\r\n'), 'linger', 'a long reply takes long');
  });
  it('is left open with --keep-open, unless a next request is awaited', () => {
    assert.equal(next(REQUEST, { keepOpen: true }), 'leave-open');
    assert.equal(next('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n', { keepOpen: true }), 'leave-open');
    assert.equal(next(REQUEST, { keepOpen: true, keepAlive: true }), 'keep');
  });
  it('has a reason', () => {
    for (const [request, reason] of [
      [REQUEST, 'replied'],
      ['POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n', 'replied'],
      ['no request\r\n\r\n', 'bad-request'],
    ] as const) {
      const { session, receive } = open();
      receive(request);
      serve(session);
      assert.equal(session.reason, reason);
    }
  });
});

describe('how long a client may take', () => {
  it('a time begins when somebody first waits, not before', () => {
    const { session, clock } = open();
    clock.now += 60_000; // the server was busy
    assert.equal(session.patience, 10_000);
    assert.equal(session.deadline, clock.now + 10_000);
  });

  it('a head has its time from its first byte on, however often a byte of it comes', () => {
    const { session, clock, receive } = open();
    assert.equal(session.patience, 10_000);
    clock.now += 9_000;
    for (let second = 0; second < 10; second++) {
      receive('G');
      assert.equal(session.next(), false);
      assert.deepEqual([session.patience, session.overdue], [10_000 - 1_000 * second, false]);
      clock.now += 1_000;
    }
    assert.deepEqual([session.awaiting, session.overdue], ['head', true]);
  });

  it('an empty line is no byte of a head, and prolongs nothing', () => {
    for (const line of ['\r\n', '\n']) {
      const { session, clock, receive } = open();
      assert.equal(session.deadline, clock.now + 10_000);
      for (let second = 0; second < 10; second++) {
        receive(line);
        assert.equal(session.next(), false);
        assert.deepEqual([session.patience, session.overdue], [10_000 - 1_000 * second, false]);
        clock.now += 1_000;
      }
      assert.deepEqual([session.awaiting, session.overdue], ['head', true]);
    }
  });

  it('who has waited as long as it was told has waited to the end, without a look at the clock', () => {
    const { session } = open();
    assert.equal(session.patience, 10_000);
    assert.equal(session.overdue, true);
  });

  it('between two requests a client may be idle, and an empty line does not prolong that', () => {
    const { session, clock, receive } = open({ keepAlive: true });
    receive(REQUEST);
    assert.equal(serve(session).at(-1), 'keep');
    assert.deepEqual([session.awaiting, session.deadline], ['idle', clock.now + 20_000]);
    clock.now += 19_000;
    receive('\r\n');
    assert.equal(session.next(), false);
    assert.deepEqual([session.awaiting, session.patience], ['idle', 1_000]);
    receive('GET');
    assert.equal(session.next(), false);
    assert.deepEqual([session.awaiting, session.patience], ['head', 10_000]);
  });

  it('a part of a next request that came with the last one is a head', () => {
    const { session, receive } = open({ keepAlive: true });
    receive(`${REQUEST}GET`);
    serve(session);
    assert.equal(session.awaiting, 'head');
  });

  it('a client that takes some of its reply is slow, one that takes nothing is stuck', () => {
    const { session, clock, receive } = open();
    receive('GET /bytes?count=500000 HTTP/1.1\r\n\r\n');
    session.next();
    session.answer(describeNothing);
    session.sent(session.outbox.chunk.length);
    const head = session.outbox.chunk.length;
    session.sent(head);
    session.unsent(head); // the client has taken the head of the reply
    assert.deepEqual([session.awaiting, session.overdue, session.patience], ['send', false, 30_000]);
    for (let held = head - 1_000; held > 0; held -= 1_000) {
      clock.now += 29_000;
      session.unsent(held);
      assert.equal(session.overdue, false, `${held} bytes are still held`);
    }
    clock.now += 29_999;
    session.unsent(head % 1_000);
    assert.equal(session.overdue, false);
    clock.now += 1;
    session.unsent(head % 1_000);
    assert.equal(session.overdue, true);
  });

  it('a linger counts from its beginning, though nobody has looked at the clock until something comes', () => {
    const { session, clock } = open();
    session.linger();
    assert.equal(session.patience, 2_000); // as a timer asks
    clock.now += 1_800;
    session.dropped(1);
    assert.deepEqual([session.lingeredEnough, session.patience], [false, 200]);
    clock.now += 200;
    assert.equal(session.lingeredEnough, true);
  });

  it('a linger lasts two seconds in all, or 64 MiB', () => {
    const { session, clock, receive } = open();
    receive('no request\r\n\r\n');
    assert.equal(serve(session).at(-1), 'linger');
    assert.equal(session.lingeredEnough, false);
    clock.now += 1_900;
    session.dropped(1);
    assert.deepEqual([session.awaiting, session.patience, session.lingeredEnough], ['linger', 100, false]);
    clock.now += 100;
    assert.equal(session.lingeredEnough, true);
    session.linger();
    session.dropped(64 * 1024 * 1024);
    assert.equal(session.lingeredEnough, true);
  });

  it('0 is no limit', () => {
    const { session, clock } = open({ headTimeout: 0 });
    clock.now += 1e9;
    assert.deepEqual([session.deadline, session.overdue], [Number.POSITIVE_INFINITY, false]);
  });

  it('the next connection begins anew', () => {
    const { session, clock, receive } = open();
    receive('GET / HT');
    session.next();
    assert.equal(session.patience, 10_000);
    clock.now += 11_000;
    session.open();
    assert.equal(session.patience, 10_000);
    receive(REQUEST);
    assert.deepEqual(serve(session), ['/', '200', 'close']);
  });
});
