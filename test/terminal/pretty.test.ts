// The lines that a person reads: steady columns, one colour for each connection, and nothing that can't be seen.
// Stands beside src/terminal/pretty.ts, with what frame.ts puts above and below.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import type { FutexReason, LifecycleEvent } from '../../src/lifecycle/events.js';
import { ENGINES, MODES, type ServeOptions } from '../../src/models/options.js';
import type { OwnAddress } from '../../src/net/own-addresses.js';
import { CONNECTION_COLOURS } from '../../src/terminal/connection-colours.js';
import { urlsForOthers } from '../../src/terminal/invitation.js';
import { PrettyLines } from '../../src/terminal/pretty.js';
import { whatHappened } from '../../src/terminal/words.js';

const options: ServeOptions = {
  mode: 'blocking',
  engine: 'system-calls',
  address: '127.0.0.1',
  port: 8080,
  backlog: 511,
  keepOpen: false,
  keepAlive: false,
  maxThreads: 64,
  spareThreads: 64,
  minSpareThreads: 0,
  pool: { threads: 4, queueLimit: 16, queueOrder: 'fifo', whenFull: 'wait' },
  processes: { most: 1, prefork: 0 },
  poller: 'epoll',
  edgeTriggered: false,
  loops: 1,
  workers: 0,
  limits: {
    headTimeout: 60,
    idleTimeout: 60,
    sendTimeout: 60,
    maxHead: 16_384,
    maxConnections: 10,
    maxMs: 1_000,
    maxBytes: 1_000,
  },
  detail: 'lifecycle',
};

const common = { at: 1_250_000, thread: 'conn-1', tid: 4711 };
const on = { ...common, connection: 1, fd: 19 };

const plain = (columns?: number): PrettyLines => new PrettyLines(new Chalk({ level: 0 }), columns, options);
const coloured = (): PrettyLines => new PrettyLines(new Chalk({ level: 2 }), undefined, options);

/** What the one line for an event says after its columns. */
function says(event: LifecycleEvent): string {
  const [line, ...more] = plain().lines([event]) as [string];
  assert.deepEqual(more, []);
  return /^ +[-\d.]+ .{16}(.*)\n$/.exec(line)![1]!;
}

const listening: LifecycleEvent = {
  ...common,
  at: 0,
  event: 'listening',
  thread: 'acceptor',
  fd: 18,
  mode: 'blocking',
  engine: 'system-calls',
  address: '127.0.0.1',
  port: 8080,
  pid: 42,
  backlog: 511,
  startedAt: '2013-01-01T00:00:00.000Z',
  monotonicUs: 1_000_000,
};

test('a line is time, connection, thread and what happened, in steady columns', () => {
  assert.deepEqual(
    plain().lines([
      { ...on, event: 'accepted', thread: 'acceptor', fourTuple: ['127.0.0.1', 52356, '127.0.0.1', 8080] },
      { ...common, at: 12_000_001, event: 'thread-ended', thread: 'conn-12' },
    ]),
    [
      '   1.250000 #1    acceptor  accepted (127.0.0.1, 52356, 127.0.0.1, 8080) fd 19\n',
      '  12.000001       conn-12   thread ended\n',
    ],
  );
});

test('above the lines stands once what runs here, how to reach it and how to stop it', () => {
  const started: LifecycleEvent = {
    ...common,
    at: -900,
    event: 'thread-started',
    serial: 0,
    tookUs: 900,
  };
  const lines = plain().lines([started, listening]);
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^evented-demo, blocking server/);
  assert.ok(lines[0]!.includes('http://127.0.0.1:8080/'));
  assert.ok(lines[0]!.includes('pid 42'));
  assert.ok(lines[0]!.includes('at most 64'));
  assert.match(lines[0]!, /\n {4}seconds conn {2}thread {4}what happened\n$/);
  assert.match(lines[2]!, / listening on port 8080: fd 18, backlog 511\n$/);
});

for (const mode of MODES)
  for (const engine of ENGINES)
    test(`the header of ${mode} on ${engine} fits 80 columns`, () => {
      const server = { ...options, mode, engine, keepOpen: true, edgeTriggered: true };
      const lowered = ['--timeout 15', '--max-connections 1000', '--max-ms 1000', '--max-bytes 10000000'];
      for (const address of ['127.0.0.1', '192.168.100.200', 'fe80::1%eth0']) {
        const on: LifecycleEvent = { ...listening, mode, engine, address, port: 65_535, pid: 4_194_304 };
        const lines = new PrettyLines(new Chalk({ level: 0 }), 80, server, { lowered });
        for (const row of lines.lines([on])[0]!.split('\n')) assert.ok(row.length <= 80, row);
      }
    });

test('a server that is slowed down says so above and below its lines, each in one line of 80 columns', () => {
  for (const [pace, text] of [
    [{ ms: 5000 }, 'pauses 5000 ms before each step'],
    [{ factor: 100_000 }, 'each step 100000 times as long'],
  ] as const) {
    const [header] = new PrettyLines(new Chalk({ level: 0 }), 80, { ...options, pace }).lines([
      listening,
    ]) as [string];
    const line = header.split('\n').find((each) => each.startsWith('  pace '))!;
    assert.equal(line, `  pace     ${text}: durations are not the server's own`);
    assert.ok(line.length <= 80);
  }
  assert.doesNotMatch(plain().lines([listening])[0]!, /pace/);
});

test('a server on one address of this machine tells others what to open, with a picture of it', () => {
  const draw = (url: string): string[] => [`<${url}>`];
  const lines = (address: string): string[] =>
    new PrettyLines(new Chalk({ level: 0 }), 80, options, { drawUrl: draw })
      .lines([{ ...listening, address }])[0]!
      .split('\n');
  const open = lines('192.0.2.7');
  assert.ok(open.includes('  class    http://192.0.2.7:8080/connection'));
  assert.deepEqual(open.slice(open.indexOf('  stop     Ctrl-C') + 1, -2), [
    '',
    '<http://192.0.2.7:8080/connection>',
  ]);
  for (const address of ['127.0.0.1', '127.0.0.2', '::1']) {
    assert.ok(
      lines(address).includes(
        '  class    this machine only; use --host 0.0.0.0 to let other machines connect',
      ),
    );
    assert.ok(!lines(address).some((line) => line.includes('<')), address);
  }
});

test('a server on every address tells the likeliest first, and IPv6 where it takes that', () => {
  const own: OwnAddress[] = [
    { address: '192.0.2.7', family: 'IPv4', on: 'eth0' },
    { address: '2001:db8::7', family: 'IPv6', on: 'eth0' },
    ...[1, 2, 3, 4].map((n): OwnAddress => ({ address: `172.17.0.${n}`, family: 'IPv4', on: 'docker0' })),
  ];
  assert.deepEqual(urlsForOthers('::', 80, own).slice(0, 2), [
    'http://192.0.2.7:80/connection',
    'http://[2001:db8::7]:80/connection',
  ]);
  assert.ok(!urlsForOthers('0.0.0.0', 80, own).some((each) => each.includes('[')));
  assert.equal(urlsForOthers('0.0.0.0', 80, own).length, 4);
});

test('an IPv6 address stands in brackets where it is part of a URL', () => {
  const [header] = plain().lines([{ ...listening, address: '2001:db8::1' }]) as [string];
  assert.ok(header.includes('curl http://[2001:db8::1]:8080/connection'));
});

test('a sleep too short to see is left out, and a longer one is told from both its ends', () => {
  const sleep = (thread: string, waitedUs: number): LifecycleEvent[] => [
    { ...on, thread, event: 'blocked', call: 'recv' },
    { ...on, thread, event: 'resumed', call: 'recv', waitedUs },
  ];
  assert.deepEqual(plain().lines(sleep('conn-1', 999)), []);
  const lines = plain().lines(sleep('conn-1', 1000));
  assert.match(lines[0]!, / asleep in recv on fd 19 until the client sends\n$/);
  assert.match(lines[1]!, / awake from recv after 1\.00 ms\n$/);
});

test('a call that took long without a sleep is not told as one', () => {
  const [blocked, resumed]: LifecycleEvent[] = [
    { ...on, event: 'blocked', call: 'send' },
    { ...on, event: 'resumed', call: 'send', waitedUs: 21_384, slept: false },
  ];
  assert.deepEqual(plain().lines([blocked!, resumed!]), []);
  assert.equal(says(resumed!), 'back from send after 21.4 ms: no CPU was free');
});

test('each thread has its own sleep: a short one hides only its own two lines', () => {
  const blocked = (thread: string): LifecycleEvent => ({ ...on, thread, event: 'blocked', call: 'recv' });
  const lines = plain().lines([
    blocked('conn-1'),
    blocked('conn-2'),
    { ...on, thread: 'conn-1', event: 'resumed', call: 'recv', waitedUs: 10 },
  ]);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /conn-2 +asleep/);
});

test('a thread that is still asleep is told to be', () => {
  assert.equal(
    says({ ...common, event: 'blocked', call: 'accept4', fd: 18 }),
    'asleep in accept4 on fd 18 until a client connects',
  );
  const nap = { ...common, connection: 1, event: 'blocked', call: 'clock_nanosleep' } as const;
  assert.equal(says(nap), 'asleep in clock_nanosleep for as long as the request asked');
  const futex = { ...common, event: 'blocked', call: 'futex' } as const;
  assert.equal(says({ ...futex, waitingFor: 'work' }), 'asleep in futex until it is given work');
});

test('an acceptor that sleeps for a thread says whether one is starting or all are busy', () => {
  const asleep = (waitingFor: FutexReason, threads: number): string =>
    says({ ...common, thread: 'acceptor', event: 'blocked', call: 'futex', waitingFor, threads });
  assert.equal(asleep('thread-start', 1), 'asleep in futex until the new thread has started');
  assert.equal(asleep('thread-start', 2), 'asleep in futex until one of 2 new threads has started');
  assert.equal(asleep('free-thread', 1), 'asleep in futex until the one busy thread is free');
  assert.equal(asleep('free-thread', 512), 'asleep in futex until one of 512 busy threads is free');
});

test('a sleep that brought nothing says what ended it', () => {
  const resumed = { ...common, event: 'resumed', call: 'epoll_wait', fd: 5, waitedUs: 11_900_000 } as const;
  assert.equal(says(resumed), 'awake from epoll_wait after 11.9 s');
  assert.equal(says({ ...resumed, wokenBy: 'timer' }), 'awake from epoll_wait after 11.9 s: a timer was due');
  assert.equal(says({ ...resumed, wokenBy: 'signal' }), 'awake from epoll_wait after 11.9 s: a signal came');
  assert.equal(says({ ...resumed, wokenBy: 'stop' }), 'awake from epoll_wait after 11.9 s: the server stops');
});

test('what a thread watches a socket for is named, and nothing is called nothing', () => {
  const watching = (interest: string): string => says({ ...on, event: 'watching', interest });
  assert.equal(watching('EPOLLIN'), 'watches fd 19 for EPOLLIN');
  assert.equal(watching('EPOLLIN|EPOLLET'), 'watches fd 19 for EPOLLIN|EPOLLET');
  assert.equal(watching('0'), 'stops watching fd 19 for now');
  assert.equal(watching('EPOLLET'), 'stops watching fd 19 for now');
});

test('a close tells how long the connection lasted, what passed, and why it ended where that is not the reply', () => {
  const closed = {
    ...on,
    event: 'closed',
    durationUs: 1500,
    bytesIn: 78,
    bytesOut: 120,
    requests: 1,
  } as const;
  assert.equal(says({ ...closed, reason: 'replied' }), 'closed fd 19 after 1.50 ms: 78 bytes in, 120 out');
  assert.equal(
    says({ ...closed, reason: 'timed-out' }),
    'closed fd 19 after 1.50 ms: 78 bytes in, 120 out (timed-out)',
  );
  assert.equal(
    says({ ...closed, reason: 'peer-closed' }),
    'closed fd 19 after 1.50 ms: 78 bytes in, 120 out (peer-closed)',
  );
});

test('a client that closed without a byte is told of as that, and nothing is guessed of who it was', () => {
  const silent = { ...on, event: 'closed', durationUs: 3100, bytesIn: 0, bytesOut: 0, requests: 0 } as const;
  assert.equal(
    says({ ...silent, reason: 'peer-closed' }),
    'closed fd 19 after 3.10 ms: the client sent nothing',
  );
  assert.doesNotMatch(says({ ...silent, reason: 'stopping' }), /sent nothing/);
});

test('troubles are told in words', () => {
  assert.equal(
    says({ ...on, event: 'timed-out', waitingFor: 'head', seconds: 60 }),
    'timed out: no complete request after 60 s',
  );
  assert.equal(
    says({ ...on, event: 'timed-out', waitingFor: 'send', seconds: 60 }),
    'timed out: the client read nothing for 60 s',
  );
  assert.equal(
    says({ ...common, event: 'refused', reason: 'out-of-descriptors' }),
    'cannot accept: out of file descriptors; raise `ulimit -n`',
  );
  assert.equal(
    says({ ...on, event: 'refused', reason: 'out-of-watches' }),
    'refused: this user may watch no more sockets with epoll (ENOSPC); raise fs.epoll.max_user_watches with `sysctl`',
  );
  assert.match(says({ ...common, event: 'refused', reason: 'no-thread' }), /refuses to start another thread/);
  assert.match(says({ ...common, event: 'threads-busy', threads: 1 }), /^the one thread is busy/);
  assert.match(says({ ...common, event: 'threads-busy', threads: 64 }), /^all 64 threads are busy/);
  const parent = { ...common, thread: 'parent' } as const;
  assert.match(says({ ...parent, event: 'threads-busy', threads: 1 }), /^the one process is busy/);
  assert.match(says({ ...parent, event: 'threads-busy', threads: 2 }), /^all 2 processes are busy/);
  const waits = {
    ...parent,
    event: 'blocked',
    call: 'futex',
    waitingFor: 'free-thread',
    threads: 2,
  } as const;
  assert.equal(says(waits), 'asleep in futex until one of 2 busy processes is free');
  assert.equal(whatHappened(waits, true), 'asleep in futex: all processes busy');
  assert.equal(says({ ...on, event: 'failed', call: 'send', errno: 'ENOBUFS' }), 'send failed: ENOBUFS');
  assert.equal(
    says({ ...common, event: 'events-dropped', count: 1200 }),
    '1,200 events not shown: they came too fast',
  );
});

test('what came and went is told in its own words', () => {
  assert.equal(
    says({ ...common, event: 'thread-started', connection: 1, serial: 1, tookUs: 18_200 }),
    'thread started in 18.2 ms, tid 4711',
  );
  assert.equal(says({ ...on, event: 'thread-reused' }), 'an idle thread takes the connection, tid 4711');
  assert.equal(says({ ...on, event: 'ready', readiness: 'EPOLLIN' }), 'ready: fd 19 EPOLLIN');
  assert.equal(says({ ...on, event: 'unwatched' }), 'stops watching fd 19');
  assert.match(says({ ...on, event: 'would-block', call: 'send' }), /^send on fd 19 would block: ./);
  assert.equal(says({ ...on, event: 'received', bytes: 1 }), 'received 1 byte');
  assert.equal(says({ ...on, event: 'sent', bytes: 2048 }), 'sent 2,048 bytes');
  assert.equal(
    says({ ...on, event: 'sent', bytes: 112, status: 200 }),
    'sent 112 bytes: 200 OK, the reply is complete',
  );
  assert.equal(says({ ...on, event: 'request', method: 'GET', target: '/' }), 'request GET /');
  assert.equal(
    says({ ...on, event: 'bad-request', status: 400, problem: 'expected more.' }),
    'bad request: expected more.',
  );
  assert.equal(says({ ...on, event: 'peer-closed' }), 'the client has closed its side');
  assert.equal(says({ ...on, event: 'reset' }), 'the client has reset the connection');
  assert.equal(says({ ...on, event: 'left-open' }), 'fd 19 is left open: no close');
});

test('a system call reads as strace prints it', () => {
  const call = { ...on, event: 'call', name: 'close', arguments: ['19'] } as const;
  assert.equal(says({ ...call, result: 0, errno: null }), 'close(19) = 0');
  assert.equal(says({ ...call, result: -1, errno: 'EBADF' }), 'close(19) = -1 EBADF');
});

test('what a client sent can tell the terminal nothing', () => {
  assert.equal(
    says({ ...on, event: 'request', method: 'G\u009bT', target: '/\u001b[2J' }),
    'request G\\u009bT /\\u001b[2J',
  );
});

test('on a terminal a long line goes on in its column, for three rows at most', () => {
  const target = `/${'x'.repeat(5000)}`;
  const request: LifecycleEvent = { ...on, event: 'request', method: 'GET', target };
  const [line] = plain(80).lines([request]) as [string];
  const rows = line.trimEnd().split('\n');
  assert.equal(rows.length, 3);
  for (const row of rows) assert.ok(row.length <= 80);
  assert.match(rows[1]!, /^ {30}x+$/);
  assert.match(rows[2]!, /^ {30}x+\.\.\.$/);
  const [narrow] = plain(10).lines([request]) as [string];
  assert.match(narrow, / request GET\n {30}\/x+\n {30}x+\.\.\.\n$/);
});

test('on a terminal a system call goes on below its first row, and its result is always shown', () => {
  const flags = Array.from({ length: 40 }, (_, i) => `SOME_FLAG_${i}`);
  const call: LifecycleEvent = { ...on, event: 'call', name: 'f', arguments: flags, result: 7, errno: null };
  const [line] = plain(80).lines([call]) as [string];
  const rows = line.trimEnd().split('\n');
  assert.equal(rows.length, 4);
  for (const row of rows) assert.ok(row.length <= 80, row);
  for (const row of rows.slice(0, -1)) assert.match(row, /^ .*FLAG_\d+,$/);
  assert.match(rows[1]!, /^ {30}SOME_FLAG_/);
  assert.match(rows.at(-1)!, /FLAG_\d+, \.\.\.\) = 7$/);
});

test('a file gets a long line whole', () => {
  const target = `/${'x'.repeat(5000)}`;
  assert.ok(
    plain()
      .lines([{ ...on, event: 'request', method: 'GET', target }])[0]!
      .includes(target),
  );
});

test('what happened before the server listened has no time: the clock starts there', () => {
  const started: LifecycleEvent = { ...common, at: -900, event: 'thread-started', serial: 0, tookUs: 900 };
  const [, first, second] = plain().lines([started, listening]) as [string, string, string];
  assert.match(first, /^ {12} {6}conn-1 {4}thread started in 900 us/);
  assert.match(second, /^ {3}0\.000000 /);
});

test('what is sent in a row on one connection is one line, with its bytes added up', () => {
  const other = { ...on, connection: 2 };
  const lines = plain().lines([
    { ...on, event: 'sent', bytes: 65_536 },
    { ...on, event: 'sent', bytes: 65_536 },
    { ...on, event: 'sent', bytes: 10 },
    { ...other, event: 'sent', bytes: 5 },
    { ...other, event: 'received', bytes: 7 },
  ]);
  assert.deepEqual(
    lines.map((line) => line.slice(28).trimEnd()),
    ['sent 131,082 bytes in 3 calls', 'sent 5 bytes', 'received 7 bytes'],
  );
});

test('what a busy loop is told again and again is one line', () => {
  const told: LifecycleEvent = { ...on, event: 'ready', readiness: 'EPOLLOUT' };
  const lines = plain().lines([
    told,
    told,
    told,
    { ...told, readiness: 'EPOLLIN' },
    { ...told, connection: 2, fd: 20 },
  ]);
  assert.deepEqual(
    lines.map((line) => line.slice(28).trimEnd()),
    ['ready: fd 19 EPOLLOUT, 3 times in a row', 'ready: fd 19 EPOLLIN', 'ready: fd 20 EPOLLOUT'],
  );
});

test('what the kernel says of a watched server reads as what it means for clients', () => {
  const queue = { ...common, event: 'accept-queue', fd: 3, limit: 1 } as const;
  assert.equal(says({ ...queue, length: 0, overflows: 0 }), 'no client waits in the accept queue of fd 3');
  assert.equal(says({ ...queue, length: 1, overflows: 0 }), '1 client waits in the accept queue of fd 3');
  assert.equal(
    says({ ...queue, length: 2, overflows: 8 }),
    '2 clients wait in the accept queue of fd 3, which is full; the kernel has dropped 8 attempts to connect',
  );
  assert.equal(
    says({ ...on, event: 'unread', bytes: 1 }),
    '1 byte waits in the kernel; nobody has received it',
  );
  assert.equal(
    says({ ...on, event: 'close-wait' }),
    'the client has closed, the server has not (CLOSE-WAIT)',
  );
  assert.equal(says({ ...on, event: 'sent', bytes: 10, asked: 2000 }), 'sent 10 of 2,000 bytes');
});

test('of two replies sent one after the other, each has its line', () => {
  const lines = plain().lines([
    { ...on, event: 'sent', bytes: 100 },
    { ...on, event: 'sent', bytes: 12, status: 200 },
    { ...on, event: 'sent', bytes: 90, status: 404 },
  ]);
  assert.deepEqual(
    lines.map((line) => line.slice(28).trimEnd()),
    [
      'sent 112 bytes in 2 calls: 200 OK, the reply is complete',
      'sent 90 bytes: 404 Not Found, the reply is complete',
    ],
  );
});

test('a line that fits is not cut', () => {
  const request: LifecycleEvent = { ...on, event: 'request', method: 'GET', target: '/short' };
  assert.deepEqual(plain(80).lines([request]), plain().lines([request]));
});

/** The number of the colour that a connection's line has. */
function colourOf(
  lines: PrettyLines,
  connection: number,
  event: object = { event: 'received', bytes: 5 },
): string {
  const [line] = lines.lines([{ ...on, connection, ...event } as LifecycleEvent]) as [string];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  return /\u001b\[38;5;(\d+)m #/.exec(line)![1]!;
}

test('a connection has one colour in all its lines, dim ones too', () => {
  const lines = coloured();
  const colour = colourOf(lines, 1);
  for (const event of [
    { event: 'sent', bytes: 500 },
    { event: 'blocked', call: 'recv' },
    { event: 'would-block', call: 'recv' },
    { event: 'watching', interest: 'EPOLLIN' },
  ])
    assert.equal(colourOf(lines, 1, event), colour, event.event);
});

test('connections that are shown at the same time have different colours, whatever their numbers', () => {
  const lines = coloured();
  const colours = CONNECTION_COLOURS.length;
  const kept = colourOf(lines, 5);
  for (let other = 6; other < 200; other++) {
    assert.notEqual(colourOf(lines, other), kept, `#${other}`);
    assert.equal(colourOf(lines, 5), kept, `#5 beside #${other}`);
  }
  const visible = Array.from({ length: colours }, (_, i) => colourOf(lines, 21 + i * 8));
  assert.equal(new Set(visible).size, colours);
});

test('in colour the words are the same', () => {
  const events: LifecycleEvent[] = [
    listening,
    { ...on, event: 'blocked', call: 'recv' },
    { ...on, event: 'reset' },
    { ...common, event: 'thread-ended' },
  ];
  const lines = coloured().lines(events);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  const stripped = lines.map((line) => line.replaceAll(/\u001b\[[\d;]*m/g, ''));
  assert.notDeepEqual(lines, stripped);
  assert.deepEqual(stripped, plain().lines(events));
});

test('a process that a signal has ended is red, one that ended by itself is not', () => {
  const red = (end: object): boolean => {
    const [line] = coloured().lines([
      { ...common, event: 'process-ended', child: 99, ...end } as LifecycleEvent,
    ]);
    return line!.includes('\u001b[31m');
  };
  assert.deepEqual([{ signal: 'SIGKILL' }, { status: 1 }, {}].map(red), [true, false, false]);
});

test('the totals of a server with processes count those', () => {
  const totals = { connections: 3, requests: 3, bytesIn: 0, bytesOut: 0, peakConnections: 2, peakThreads: 3 };
  const stopped = { ...common, ...totals, event: 'stopped', leftOpen: 0, eventsDropped: 0 } as const;
  assert.match(
    plain()
      .lines([{ ...listening, mode: 'processes' }, stopped])
      .at(-1)!,
    / once, on 3 processes$/m,
  );
});

test('at the end stand the totals, and what was left open or dropped only where there was any', () => {
  const stopped: LifecycleEvent & { event: 'stopped' } = {
    ...common,
    at: 2_500_000,
    event: 'stopped',
    connections: 3,
    requests: 1,
    bytesIn: 1234,
    bytesOut: 1,
    peakConnections: 2,
    peakThreads: 1,
    leftOpen: 0,
    eventsDropped: 0,
  };
  assert.deepEqual(plain().lines([stopped]), [
    '\nstopped after 2.50 s\n' +
      '  3 connections, 1 request; 1,234 bytes in, 1 byte out\n' +
      '  at most 2 connections at once, on 1 thread\n',
  ]);
  assert.match(
    plain().lines([{ ...stopped, leftOpen: 1 }])[0]!,
    /\n {2}1 connection left open: the kernel closes it /,
  );
  assert.match(
    plain().lines([{ ...stopped, leftOpen: 2 }])[0]!,
    /\n {2}2 connections left open: the kernel closes them /,
  );
  assert.match(
    plain().lines([{ ...stopped, eventsDropped: 9 }])[0]!,
    /\n {2}9 events came too fast to be shown/,
  );
  assert.match(
    plain().lines([{ ...stopped, pace: '200ms' }])[0]!,
    /\n {2}slowed down by --pace 200ms: durations are not the server's own\n$/,
  );
});
