// strace's lines, taken apart: lines that strace 6.1 wrote, each with something that a careless reader would trip over.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bytesOf,
  descriptorsIn,
  fourTupleIn,
  localAddressOf,
  socketAddressOf,
  splitArguments,
} from '../../../src/sources/strace/arguments.js';
import { CallReader, type Traced } from '../../../src/sources/strace/calls.js';
import { parseBeginning, parseLine } from '../../../src/sources/strace/line.js';
import { askedFor, epollEvents, found } from '../../../src/sources/strace/waits.js';

const RECV =
  '8993  1795670537.597357 recvfrom(4<TCP:[127.0.0.1:9302->127.0.0.1:35906]>, "GET / HTTP/1.0\\r\\n\\r\\n", 4096, 0, NULL, NULL) = 18 <0.293036>';

describe('a line of strace', () => {
  it('is a call with its time, its result and how long it took', () => {
    assert.deepEqual(parseLine(RECV), {
      tid: 8993,
      at: 1795670537597357,
      kind: 'call',
      name: 'recvfrom',
      args: '4<TCP:[127.0.0.1:9302->127.0.0.1:35906]>, "GET / HTTP/1.0\\r\\n\\r\\n", 4096, 0, NULL, NULL',
      result: 18,
      errno: undefined,
      detail: '',
      tookUs: 293036,
    });
  });

  const outcomes: [behind: string, result: number | undefined, errno: string | undefined, detail: RegExp][] =
    [
      [
        'accept(3, NULL, NULL) = 4<TCP:[127.0.0.1:1->127.0.0.1:2]> <0.000010>',
        4,
        undefined,
        /^<TCP:\[.*->.*\]>$/,
      ],
      [
        'accept4(3, 0x7ffc, [16], 0) = -1 EAGAIN (Resource temporarily unavailable) <0.000012>',
        -1,
        'EAGAIN',
        /./,
      ],
      [
        'accept(3, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.7>',
        undefined,
        'ERESTARTSYS',
        /./,
      ],
      ['exit(0)         = ?', undefined, undefined, /^$/],
      ['poll([{fd=3, events=POLLIN}], 1, 500) = 0 (Timeout) <0.502124>', 0, undefined, /Timeout/],
      ['recvfrom(4, ") = 5 <0.1>", 8, 0, NULL, NULL) = 8 <0.000010>', 8, undefined, /^$/],
      [
        'fcntl(0</dev/null<char 1:3>>, F_GETFL) = 0x8000 (flags O_RDONLY) <0.000215>',
        0x8000,
        undefined,
        /flags/,
      ],
    ];
  for (const [text, result, errno, detail] of outcomes) {
    it(`ends as it says: ${text}`, () => {
      const line = parseLine(`1 1795670537.000001 ${text}`);
      assert.ok(line?.kind === 'call');
      assert.equal(line.result, result);
      assert.equal(line.errno, errno);
      assert.match(line.detail, detail);
    });
  }

  it('is a signal, or the end of a thread', () => {
    assert.deepEqual(parseLine('7 1.000000 --- SIGINT {si_signo=SIGINT, si_code=SI_USER} ---'), {
      tid: 7,
      at: 1e6,
      kind: 'signal',
      signal: 'SIGINT',
    });
    assert.deepEqual(parseLine('7 1.000000 +++ killed by SIGKILL +++'), {
      tid: 7,
      at: 1e6,
      kind: 'ended',
      how: 'killed by SIGKILL',
    });
  });

  it('may be only begun, while the thread sleeps', () => {
    const begun = parseBeginning('8821  1795670537.125491 accept(3<TCP:[127.0.0.1:9302]>, ');
    assert.equal(begun?.name, 'accept');
    assert.equal(parseBeginning(RECV), undefined);
    assert.equal(parseBeginning('8821  17956705'), undefined);
  });

  it('is nothing where it is not strace’s', () => {
    assert.equal(parseLine('strace: Process 12 attached'), undefined);
  });
});

describe('the arguments', () => {
  it('are cut at commas outside of strings, brackets and descriptors', () => {
    assert.deepEqual(
      splitArguments('5<UNIX-STREAM:[1->2,"/run/a,b"]>, "a, \\"b", [{iov_base="x", iov_len=1}], 0'),
      ['5<UNIX-STREAM:[1->2,"/run/a,b"]>', '"a, \\"b"', '[{iov_base="x", iov_len=1}]', '0'],
    );
  });

  it('name a connection by its 4-tuple, the client first, and IPv4 in IPv6 as IPv4', () => {
    assert.deepEqual(fourTupleIn('TCP:[127.0.0.1:8080->127.0.0.2:50000]'), [
      '127.0.0.2',
      50000,
      '127.0.0.1',
      8080,
    ]);
    assert.deepEqual(fourTupleIn('TCPv6:[[::1]:8080->[::1]:50000]'), ['::1', 50000, '::1', 8080]);
    assert.deepEqual(fourTupleIn('TCPv6:[[::ffff:127.0.0.1]:8080->[::ffff:127.0.0.1]:50000]'), [
      '127.0.0.1',
      50000,
      '127.0.0.1',
      8080,
    ]);
    assert.equal(fourTupleIn('TCP:[91793915]'), undefined);
  });

  it('name a listener by its address', () => {
    assert.deepEqual(localAddressOf('TCPv6:[[::]:8080]'), { address: '::', port: 8080 });
    assert.equal(localAddressOf('TCP:[127.0.0.1:8080->127.0.0.2:50000]'), undefined);
    assert.equal(localAddressOf('TCP:[91793915]'), undefined);
  });

  it('carry addresses', () => {
    assert.deepEqual(
      socketAddressOf('{sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, "::1", &sin6_addr)}'),
      { address: '::1', port: 80 },
    );
  });

  it('carry bytes, all or cut', () => {
    assert.deepEqual(bytesOf('"GET\\r\\n\\0\\377\\"x", 4'), { bytes: 'GET\r\n\0\xff"x', whole: true });
    assert.deepEqual(bytesOf('"GET"..., 4'), { bytes: 'GET', whole: false });
    assert.equal(bytesOf('NULL'), undefined);
  });

  it('carry lists of descriptors', () => {
    assert.deepEqual(
      descriptorsIn('[3<TCP:[127.0.0.1:1]> 14<TCP:[127.0.0.1:1->127.0.0.1:2]>]').map(({ fd }) => fd),
      [3, 14],
    );
  });
});

describe('a poller’s call', () => {
  it('says what is watched, and what was found', () => {
    const poll = '[{fd=3<TCP:[127.0.0.1:1]>, events=POLLIN}, {fd=4, events=POLLIN|POLLOUT}], 2, 500';
    assert.deepEqual(askedFor('poll', poll), [
      { fd: 3, events: 'POLLIN' },
      { fd: 4, events: 'POLLIN|POLLOUT' },
    ]);
    assert.deepEqual(found('poll', '([{fd=4, revents=POLLOUT}])'), [{ fd: 4, events: 'POLLOUT' }]);
    const select =
      '6, [3<TCP:[127.0.0.1:1]> 5<TCP:[127.0.0.1:1->127.0.0.1:2]>], [5<TCP:[127.0.0.1:1->127.0.0.1:2]>], NULL, {tv_sec=1, tv_nsec=0}, NULL';
    assert.deepEqual(askedFor('select', select), [
      { fd: 3, events: 'readfds' },
      { fd: 5, events: 'readfds|writefds' },
    ]);
    assert.deepEqual(found('select', '(in [3 5], out [5], left {tv_sec=0, tv_nsec=1})'), [
      { fd: 3, events: 'readfds' },
      { fd: 5, events: 'readfds|writefds' },
    ]);
  });

  it('has epoll’s events in the spelling of old and new strace', () => {
    const wanted = [{ events: 'EPOLLIN|EPOLLET', data: '94249061323584' }];
    assert.deepEqual(
      epollEvents('[{events=EPOLLIN|EPOLLET, data={u32=298980160, u64=94249061323584}}], 1'),
      wanted,
    );
    assert.deepEqual(epollEvents('[{EPOLLIN|EPOLLET, {u32=298980160, u64=94249061323584}}], 1'), wanted);
  });
});

describe('calls that strace cut in two', () => {
  const lines = [
    '8855  1795670537.137581 recvfrom(5<TCP:[127.0.0.1:9302->127.0.0.1:35888]>,  <unfinished ...>',
    '8821  1795670537.137590 accept(3<TCP:[127.0.0.1:9302]>, NULL, NULL <unfinished ...>',
    '8855  1795670537.137635 <... recvfrom resumed>"GET / HTTP/1.1\\r\\n", 4096, 0, NULL, NULL) = 16 <0.000035>',
    '17996 1795670613.628621 <... epoll_pwait resumed> <unfinished ...>) = ?',
  ];

  /** However the text is cut into pieces. */
  const readIn = (bytes: number): Traced[] => {
    const reader = new CallReader();
    const text = `${lines.join('\n')}\n`;
    return Array.from({ length: Math.ceil(text.length / bytes) }, (_, i) => [
      ...reader.take(text.slice(i * bytes, (i + 1) * bytes)),
    ]).flat();
  };

  it('are joined, whatever pieces the text comes in', () => {
    const whole = readIn(10_000);
    const call = whole[2];
    assert.ok(call?.kind === 'call');
    assert.equal(call.at, 1795670537137581);
    assert.equal(call.until, 1795670537137616);
    assert.match(call.args, /^5<TCP:.*>,\s+"GET \/ HTTP\/1\.1\\r\\n", 4096/);
    for (const bytes of [1, 7, 100]) assert.deepEqual(readIn(bytes), whole);
  });

  it('are known while threads are in them', () => {
    const reader = new CallReader();
    assert.equal([...reader.take(`${lines.slice(0, 3).join('\n')}\n9 2.000000 poll([{fd=3, eve`)].length, 3);
    assert.deepEqual(
      [...reader.inCalls(true)].map(({ name }) => name),
      ['accept', 'poll'],
    );
    assert.deepEqual(
      [...reader.inCalls(false)].map(({ name }) => name),
      ['accept'],
    );
  });
});
