// Every event, from the teller's method on a server thread through shared memory to the event that is shown.
// Stands beside src/lifecycle/teller.ts and decoder.ts, the two halves of one path.

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Request } from '../../src/http/request.js';
import { nowUs } from '../../src/lifecycle/clock.js';
import { Decoder } from '../../src/lifecycle/decoder.js';
import { type LifecycleEvent, RING_EVENTS } from '../../src/lifecycle/events.js';
import { type Detail, Reporter } from '../../src/lifecycle/reporter.js';
import { ServerMemory } from '../../src/lifecycle/server-memory.js';
import { Connection } from '../../src/net/connection.js';
import { EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT } from '../../src/posix/constants.js';
import { DESCRIBE_MASK } from '../../src/posix/readiness.js';
import { encodeSocketAddress } from '../../src/posix/socket-address.js';

const FACTS = {
  mode: 'evented',
  engine: 'system-calls',
  pid: 42,
  startedAt: '2013-01-01T00:00:00.000Z',
  monotonicUs: 1_000_000,
};
const LISTENER = encodeSocketAddress({ address: '127.0.0.1', port: 8080 });
const PEER = encodeSocketAddress({ address: '::ffff:127.0.0.1', port: 52356 });
const LOCAL = encodeSocketAddress({ address: '2001:db8::1', port: 8080 });

function open(detail: Detail = 'lifecycle', firstThread?: string) {
  const memory = ServerMemory.allocate(1);
  const shared = memory.ofThread(0);
  const decoder = new Decoder(
    shared,
    () => FACTS,
    (serial) => firstThread ?? `conn-${serial}`,
  );
  const events = (until = nowUs(), epoch = 0): LifecycleEvent[] => {
    const taken: LifecycleEvent[] = [];
    decoder.drain(until, epoch, (event) => taken.push(event));
    return taken;
  };
  return { memory, shared, report: new Reporter(memory, shared, detail), events };
}

function openConnection(): Connection {
  const connection = new Connection();
  connection.opened(7, 19);
  connection.peer.set(PEER);
  connection.local.set(LOCAL);
  return connection;
}

const asked = (method: string, target: string): Request => ({
  kind: 'request',
  headBytes: 18,
  method,
  target,
  keepAlive: false,
  hasBody: false,
  accept: '',
  version: 'HTTP/1.1',
});

/** Makes every kind of event happen once on connection 7, descriptor 19. */
function tellEverything(report: Reporter): void {
  const connection = openConnection();
  report.threadStarted(7, 4711, 1, 18_200);
  report.listening(18, LISTENER, 511);
  report.alsoListening(20, LISTENER, 511);
  report.watching(0, 18, EPOLLIN);
  const since = report.blocked('epoll_wait', 0, 17);
  report.resumed('epoll_wait', since, 0, 17, 'timer');
  report.blocked('futex', 0, -1, 'thread-start', 2);
  report.ready(0, 18, EPOLLIN | EPOLLHUP);
  report.accepted(connection);
  report.threadReused(7, 19);
  report.threadsBusy(64);
  report.aboutTo(7, 19, 'shutdown', undefined);
  report.aboutTo(0, 18, undefined, 'accept');
  report.submitted('recv', 7, 19, true, false);
  report.completed('recv', 7, 19, 78, true, 3);
  report.completed('send', 7, 19, -104, false, 0);
  report.processEnded(7, 4712, 0, constants.signals.SIGKILL);
  report.processEnded(0, 4713, 1, 0);
  report.queued(connection, 3);
  report.dequeued(7, 19, 1_500, 2, 1);
  report.queueFull(16);
  report.wouldBlock('recv', 7, 19);
  report.received(connection, 78);
  report.request(connection, asked('GET', '/sleep?ms=5'));
  report.badRequest(connection, { kind: 'bad-request', status: 400, problem: 'expected a request line.' });
  report.computeQueued(7, 19, 3);
  report.handedOver(7, 19, 2);
  report.computed(7, 19, 5_000, 32);
  report.handedBack(7, 19, 2);
  report.sent(connection, 20, 0);
  report.sent(connection, 100, 200);
  report.peerClosed(connection);
  report.reset(connection);
  report.timedOut(connection, 'send', 60);
  report.refused('no-thread');
  report.failed(connection, 'send', constants.errno.ENOBUFS);
  report.crashed(connection, new Error('boom'));
  report.leftOpen(connection);
  report.unwatched(7, 19);
  report.closed(connection, 'timed-out');
  report.threadEnded();
}

test('a mask is read back in the words of the poller', () => {
  const { shared, report } = open();
  report.watching(7, 19, EPOLLIN | EPOLLOUT);
  report.ready(7, 19, EPOLLIN | EPOLLHUP);
  const decoder = new Decoder(
    shared,
    () => FACTS,
    () => 'loop',
    DESCRIBE_MASK.poll,
  );
  const taken: LifecycleEvent[] = [];
  decoder.drain(nowUs(), 0, (event) => taken.push(event));
  assert.deepEqual(
    taken.map((event) =>
      event.event === 'watching' ? event.interest : event.event === 'ready' && event.readiness,
    ),
    ['POLLIN|POLLOUT', 'POLLIN|POLLHUP'],
  );
  assert.equal(DESCRIBE_MASK.select(EPOLLIN | EPOLLOUT), 'readfds|writefds');
  assert.equal(DESCRIBE_MASK.select(0), '0');
});

test('every event that a thread tells is read back with all it was told', () => {
  const { report, events } = open('calls', 'loop');
  tellEverything(report);
  report.call('close', 19, ['19'], -1, constants.errno.EBADF);
  const told = events();
  assert.deepEqual(new Set(told.map(({ event }) => event)), new Set(RING_EVENTS));

  const thread = { thread: 'loop', tid: 4711 };
  const on = { ...thread, connection: 7, fd: 19 };
  const resumed = told.find((event) => event.event === 'resumed')!;
  const closed = told.find((event) => event.event === 'closed')!;
  assert.deepEqual(
    told.map(({ at: _, ...rest }) => rest),
    [
      { event: 'thread-started', ...thread, connection: 7, serial: 1, tookUs: 18_200 },
      { event: 'listening', ...thread, fd: 18, backlog: 511, ...FACTS, address: '127.0.0.1', port: 8080 },
      { event: 'also-listening', ...thread, fd: 20, backlog: 511, address: '127.0.0.1', port: 8080 },
      { event: 'watching', ...thread, fd: 18, interest: 'EPOLLIN' },
      { event: 'blocked', ...thread, fd: 17, call: 'epoll_wait' },
      {
        event: 'resumed',
        ...thread,
        fd: 17,
        call: 'epoll_wait',
        waitedUs: resumed.waitedUs,
        wokenBy: 'timer',
      },
      { event: 'blocked', ...thread, call: 'futex', waitingFor: 'thread-start', threads: 2 },
      { event: 'ready', ...thread, fd: 18, readiness: 'EPOLLIN|EPOLLHUP' },
      { event: 'accepted', ...on, fourTuple: ['127.0.0.1', 52356, '2001:db8::1', 8080] },
      { event: 'thread-reused', ...on },
      { event: 'threads-busy', ...thread, threads: 64 },
      { event: 'about-to', ...on, call: 'shutdown' },
      { event: 'about-to', ...thread, fd: 18, operation: 'accept' },
      { event: 'submitted', ...on, operation: 'recv', goesOn: true },
      { event: 'completed', ...on, operation: 'recv', result: 78, goesOn: true, buffer: 3 },
      { event: 'completed', ...on, operation: 'send', result: -104, errno: 'ECONNRESET' },
      { event: 'process-ended', ...thread, connection: 7, child: 4712, signal: 'SIGKILL' },
      { event: 'process-ended', ...thread, child: 4713, status: 1 },
      { event: 'queued', ...on, place: 3 },
      { event: 'dequeued', ...on, waitedUs: 1_500, length: 2, overtook: 1 },
      { event: 'queue-full', ...thread, limit: 16 },
      { event: 'would-block', ...on, call: 'recv' },
      { event: 'received', ...on, bytes: 78 },
      { event: 'request', ...on, method: 'GET', target: '/sleep?ms=5' },
      { event: 'bad-request', ...on, status: 400, problem: 'expected a request line.' },
      { event: 'compute-queued', ...on, waiting: 3 },
      { event: 'handed-over', ...on, worker: 2 },
      { event: 'computed', ...on, tookUs: 5_000, eventfd: 32 },
      { event: 'handed-back', ...on, worker: 2 },
      { event: 'sent', ...on, bytes: 20 },
      { event: 'sent', ...on, bytes: 100, status: 200 },
      { event: 'peer-closed', ...on },
      { event: 'reset', ...on },
      { event: 'timed-out', ...on, waitingFor: 'send', seconds: 60 },
      { event: 'refused', ...thread, reason: 'no-thread' },
      { event: 'failed', ...on, call: 'send', errno: 'ENOBUFS' },
      { event: 'crashed', ...on, problem: 'Error: boom' },
      { event: 'left-open', ...on },
      { event: 'unwatched', ...on },
      {
        event: 'closed',
        ...on,
        reason: 'timed-out',
        durationUs: closed.durationUs,
        bytesIn: 78,
        bytesOut: 120,
        requests: 2,
      },
      { event: 'thread-ended', ...thread },
      { event: 'call', ...thread, fd: 19, name: 'close', arguments: ['19'], result: -1, errno: 'EBADF' },
    ],
  );
});

test('times are whole where they are lengths, never run backwards, and count from the epoch', () => {
  const { memory, report, events } = open();
  const before = nowUs();
  tellEverything(report);
  const after = nowUs();
  const epoch = memory.listeningAt;
  const told = events(after, epoch);
  const times = told.map(({ at }) => at);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(times[0]! >= before - epoch && times.at(-1)! <= after - epoch);
  assert.equal(told.find(({ event }) => event === 'listening')?.at, 0);
  for (const event of told) {
    const length =
      event.event === 'resumed' ? event.waitedUs : event.event === 'closed' ? event.durationUs : 0;
    assert.ok(Number.isInteger(length) && length >= 0 && length <= after - before, event.event);
  }
});

test('what was told after a given time stays until later', () => {
  const { report, events } = open();
  report.threadEnded();
  const first = events().at(0)!.at;
  report.threadsBusy(1);
  assert.deepEqual(events(first), []);
  assert.deepEqual(
    events().map(({ event }) => event),
    ['threads-busy'],
  );
  assert.deepEqual(events(), []);
});

test('a connection thread is called by the number it was started with', () => {
  const { report, events } = open();
  report.threadStarted(1, 100, 12, 0);
  report.threadEnded();
  report.threadStarted(2, 101, 13, 0);
  assert.deepEqual(
    events().map(({ thread, tid }) => [thread, tid]),
    [
      ['conn-12', 100],
      ['conn-12', 100],
      ['conn-13', 101],
    ],
  );
});

test('a thread whose start was not told is known by what its part says of it', () => {
  const { shared, report, events } = open();
  shared.tid = 4711;
  shared.serial = 3;
  report.threadEnded();
  assert.deepEqual(
    events().map(({ thread, tid }) => [thread, tid]),
    [['conn-3', 4711]],
  );
});

test('detail none tells that the server listens and nothing else, and totals are kept all the same', () => {
  const { shared, report, events } = open('none');
  tellEverything(report);
  assert.deepEqual(
    events().map(({ event }) => event),
    ['listening'],
  );
  assert.deepEqual(shared.totals, { connections: 1, requests: 2, bytesIn: 78, bytesOut: 120 });
});

test('totals stay exact when the ring is full and events are dropped', () => {
  const { shared, report, events } = open();
  const connection = openConnection();
  const times = 300_000;
  for (let i = 0; i < times; i++) report.received(connection, 3);
  const told = events();
  assert.ok(told.length < times, 'the ring took everything: the test needs more events');
  assert.equal(told.length + shared.ring.dropped, times);
  assert.equal(shared.totals.bytesIn, 3 * times);
  assert.equal(connection.bytesIn, 3 * times);
});

test('numbers beyond 32 bits come through', () => {
  const { report, events } = open();
  const connection = openConnection();
  report.sent(connection, 2 ** 40, 0);
  assert.equal((events()[0] as LifecycleEvent & { event: 'sent' }).bytes, 2 ** 40);
});

test('a timeout of a fraction of a second is told as it was set', () => {
  const { report, events } = open();
  report.timedOut(openConnection(), 'head', 0.4);
  assert.equal((events()[0] as LifecycleEvent & { event: 'timed-out' }).seconds, 0.4);
});

test('edge-triggered interest, the highest bit, comes through', () => {
  const { report, events } = open();
  report.watching(7, 19, EPOLLIN | EPOLLET);
  assert.equal((events()[0] as LifecycleEvent & { event: 'watching' }).interest, 'EPOLLIN|EPOLLET');
});

test('any method and target come through, of whatever length', () => {
  const { report, events } = open();
  const visible = fc.stringMatching(/^[!-~]+$/);
  fc.assert(
    fc.property(visible, visible, (method, target) => {
      report.request(openConnection(), asked(method, target));
      const [event] = events() as [LifecycleEvent & { event: 'request' }];
      assert.deepEqual([event.method, event.target], [method, target]);
    }),
  );
});

test('a system call comes through with any arguments, and whose it was', () => {
  const { shared, report, events } = open('calls');
  shared.tid = 4711;
  shared.serial = 3;
  const argument = fc.stringMatching(/^[ -~]*$/);
  fc.assert(
    fc.property(fc.array(argument), fc.nat(), fc.nat(50), (args, result, connection) => {
      report.about(connection);
      report.call('recvfrom', 5, args, result, 0);
      const { at: _, ...event } = events()[0] as LifecycleEvent & { event: 'call' };
      const whose = connection === 0 ? {} : { connection };
      assert.deepEqual(event, {
        event: 'call',
        thread: 'conn-3',
        tid: 4711,
        ...whose,
        fd: 5,
        name: 'recvfrom',
        arguments: args,
        result,
        errno: null,
      });
    }),
  );
});
