// Each system call as strace(1) writes it, told while the call passes through unchanged.
// Stands beside src/posix/strace.ts, over calls that no kernel sees.

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import * as c from '../../src/posix/constants.js';
import { EpollEvents } from '../../src/posix/epoll-events.js';
import { FdSet } from '../../src/posix/fd-set.js';
import { PollFds } from '../../src/posix/poll-fds.js';
import { encodeSocketAddress, SOCKET_ADDRESS_BYTES } from '../../src/posix/socket-address.js';
import { traced } from '../../src/posix/strace.js';
import type { SystemCalls } from '../../src/posix/system-calls.js';

const { EAGAIN, EINTR, EBADF } = constants.errno;

/** Calls that all succeed with 0, but for those that a test puts in their place. */
function fake(some: Partial<SystemCalls>): SystemCalls {
  const zero = (): number => 0;
  return {
    socket: zero,
    setsockopt: zero,
    bind: zero,
    listen: zero,
    accept4: zero,
    getsockname: zero,
    recv: zero,
    send: zero,
    poll: zero,
    select: zero,
    eventfd: zero,
    read: zero,
    write: zero,
    shutdown: zero,
    close: zero,
    ioctl: zero,
    epoll_create1: zero,
    epoll_ctl: zero,
    epoll_wait: zero,
    io_uring_setup: zero,
    io_uring_enter: zero,
    io_uring_register: zero,
    clock_nanosleep: zero,
    errno: () => assert.fail('errno was asked for after a call that succeeded'),
    ...some,
  };
}

/** The line that strace would write for the one call that `make` makes. */
function line(make: (sys: SystemCalls) => number, some: Partial<SystemCalls> = {}): string {
  const lines: string[] = [];
  const sys = traced(fake(some), (name, _fd, args, result, errno) =>
    lines.push(`${name}(${args.join(', ')}) = ${result}${errno === 0 ? '' : ` errno ${errno}`}`),
  );
  make(sys);
  assert.equal(lines.length, 1);
  return lines[0]!;
}

/** A call that fills an address in, as accept4(2) and getsockname(2) do. */
const fill =
  (address: string, port: number, result: number) =>
  (_fd: number, room: Uint8Array, length: Int32Array): number => {
    const bytes = encodeSocketAddress({ address, port });
    room.set(bytes);
    length[0] = bytes.length;
    return result;
  };

const room = (): [Uint8Array, Int32Array] => [
  new Uint8Array(SOCKET_ADDRESS_BYTES),
  Int32Array.of(SOCKET_ADDRESS_BYTES),
];

test('socket names domain, type, flags and protocol', () => {
  assert.equal(
    line((sys) => sys.socket(c.AF_INET, c.SOCK_STREAM | c.SOCK_CLOEXEC | c.SOCK_NONBLOCK, c.IPPROTO_TCP), {
      socket: () => 18,
    }),
    'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_TCP) = 18',
  );
  assert.equal(
    line((sys) => sys.socket(c.AF_INET6, c.SOCK_STREAM, 0), { socket: () => 3 }),
    'socket(AF_INET6, SOCK_STREAM, 0) = 3',
  );
});

test('setsockopt names level and option, and shows a number as a number', () => {
  const one = new Uint8Array(Int32Array.of(1).buffer);
  assert.equal(
    line((sys) => sys.setsockopt(18, c.SOL_SOCKET, c.SO_REUSEADDR, one, 4)),
    'setsockopt(18, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
  );
  assert.equal(
    line((sys) => sys.setsockopt(18, c.IPPROTO_IPV6, c.IPV6_V6ONLY, new Uint8Array(4), 4)),
    'setsockopt(18, SOL_IPV6, IPV6_V6ONLY, [0], 4) = 0',
  );
  assert.equal(
    line((sys) => sys.setsockopt(18, c.IPPROTO_TCP, c.TCP_NODELAY, one, 4)),
    'setsockopt(18, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
  );
  const timeval = new Uint8Array(BigInt64Array.of(5n, 0n).buffer);
  assert.equal(
    line((sys) => sys.setsockopt(7, c.SOL_SOCKET, c.SO_RCVTIMEO, timeval, 16)),
    `setsockopt(7, SOL_SOCKET, SO_RCVTIMEO_OLD, "\\5${'\\0'.repeat(15)}", 16) = 0`,
  );
});

test('bind and listen show the address and the backlog', () => {
  const v4 = encodeSocketAddress({ address: '127.0.0.1', port: 8080 });
  assert.equal(
    line((sys) => sys.bind(18, v4, v4.length)),
    'bind(18, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
  );
  const v6 = encodeSocketAddress({ address: 'fe80::1%2', port: 80 });
  assert.equal(
    line((sys) => sys.bind(18, v6, v6.length)),
    'bind(18, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), ' +
      'inet_pton(AF_INET6, "fe80::1", &sin6_addr), sin6_scope_id=2}, 28) = 0',
  );
  assert.equal(
    line((sys) => sys.listen(18, 511)),
    'listen(18, 511) = 0',
  );
});

test('accept4 shows who connected, and how much of the room the address took', () => {
  assert.equal(
    line((sys) => sys.accept4(18, ...room(), c.SOCK_CLOEXEC | c.SOCK_NONBLOCK), {
      accept4: fill('127.0.0.1', 52356, 19),
    }),
    'accept4(18, {sa_family=AF_INET, sin_port=htons(52356), sin_addr=inet_addr("127.0.0.1")}, ' +
      '[28 => 16], SOCK_CLOEXEC|SOCK_NONBLOCK) = 19',
  );
});

test('accept4 that found nobody shows no address', () => {
  assert.equal(
    line((sys) => sys.accept4(18, ...room(), 0), { accept4: () => -1, errno: () => EAGAIN }),
    `accept4(18, ..., [28], 0) = -1 errno ${EAGAIN}`,
  );
});

test('getsockname shows the end that was asked for', () => {
  assert.equal(
    line((sys) => sys.getsockname(19, ...room()), { getsockname: fill('::1', 8080, 0) }),
    'getsockname(19, {sa_family=AF_INET6, sin6_port=htons(8080), sin6_flowinfo=htonl(0), ' +
      'inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, [28]) = 0',
  );
});

test('ioctl shows the number it was asked for, under the name strace has for it', () => {
  const ioctl = (_fd: number, _request: number, value: Int32Array): number => {
    value[0] = 7;
    return 0;
  };
  assert.equal(
    line((sys) => sys.ioctl(19, c.SIOCINQ, new Int32Array(1)), { ioctl }),
    'ioctl(19, FIONREAD, [7]) = 0',
  );
  assert.equal(
    line((sys) => sys.ioctl(19, c.SIOCOUTQ, new Int32Array(1)), { ioctl }),
    'ioctl(19, TIOCOUTQ, [7]) = 0',
  );
});

test('recv shows the first bytes that came, under the name the kernel knows it by', () => {
  const text = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const recv = (_fd: number, buffer: Uint8Array): number => {
    buffer.set(text);
    return text.length;
  };
  assert.equal(
    line((sys) => sys.recv(19, new Uint8Array(65_536), 65_536, 0), { recv }),
    'recvfrom(19, "GET / HTTP/1.1\\r\\nHost: localhost\\r"..., 65536, 0, NULL, NULL) = 35',
  );
  assert.equal(
    line((sys) => sys.recv(19, new Uint8Array(10), 10, 0)),
    'recvfrom(19, "", 10, 0, NULL, NULL) = 0',
  );
  assert.equal(
    line((sys) => sys.recv(19, new Uint8Array(10).fill(65), 10, 0), { recv: () => -1, errno: () => EAGAIN }),
    `recvfrom(19, ..., 10, 0, NULL, NULL) = -1 errno ${EAGAIN}`,
  );
});

test('send shows what was to be sent, also where less was taken or none', () => {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\n');
  for (const [result, errno] of [
    [17, ''],
    [5, ''],
    [-1, ` errno ${EAGAIN}`],
  ] as const) {
    assert.equal(
      line((sys) => sys.send(19, bytes, bytes.length, c.MSG_NOSIGNAL), {
        send: () => result,
        errno: () => EAGAIN,
      }),
      `sendto(19, "HTTP/1.1 200 OK\\r\\n", 17, MSG_NOSIGNAL, NULL, 0) = ${result}${errno}`,
    );
  }
});

test('poll names what it looks for, and of many only the first', () => {
  const fds = new PollFds(40);
  for (let i = 0; i < 40; i++) fds.set(i, 19 + i, i === 1 ? c.EPOLLIN | c.EPOLLOUT : c.POLLIN);
  assert.equal(
    line((sys) => sys.poll(fds.bytes, 2, 0)),
    'poll([{fd=19, events=POLLIN}, {fd=20, events=POLLIN|POLLOUT}], 2, 0) = 0',
  );
  assert.match(
    line((sys) => sys.poll(fds.bytes, 40, -1)),
    /^poll\(\[(\{[^}]+\}, ){32}\.\.\.\], 40, -1\) = 0$/,
  );
});

test('select tells the sets as they were given, which the kernel writes over', () => {
  const [reading, writing] = [new FdSet(), new FdSet()];
  for (const fd of [3, 31, 32]) reading.set(fd, true);
  writing.set(32, true);
  const kernel = { select: (_: number, sets: Int32Array) => sets.fill(0).length / 32 };
  assert.equal(
    line(
      (sys) => sys.select(33, reading.words, writing.words, null, Int32Array.of(1, 0, 250_000, 0)),
      kernel,
    ),
    'pselect6(33, [3 31 32], [32], NULL, {tv_sec=1, tv_nsec=250000000}, NULL) = 1',
  );
  assert.equal(
    line((sys) => sys.select(1, new FdSet().words, new FdSet().words, null, null)),
    'pselect6(1, [], [], NULL, NULL, NULL) = 0',
  );
});

test('shutdown and close name what they end', () => {
  assert.equal(
    line((sys) => sys.shutdown(19, c.SHUT_WR)),
    'shutdown(19, SHUT_WR) = 0',
  );
  assert.equal(
    line((sys) => sys.shutdown(19, c.SHUT_RDWR)),
    'shutdown(19, SHUT_RDWR) = 0',
  );
  assert.equal(
    line((sys) => sys.close(19)),
    'close(19) = 0',
  );
});

test('epoll_create1 and epoll_ctl show what is watched, and for what', () => {
  assert.equal(
    line((sys) => sys.epoll_create1(c.EPOLL_CLOEXEC), { epoll_create1: () => 17 }),
    'epoll_create1(EPOLL_CLOEXEC) = 17',
  );
  const event = new EpollEvents(1);
  event.set(0, c.EPOLLIN | c.EPOLLET, 19, 3);
  assert.equal(
    line((sys) => sys.epoll_ctl(17, c.EPOLL_CTL_ADD, 19, event.bytes)),
    `epoll_ctl(17, EPOLL_CTL_ADD, 19, {events=EPOLLIN|EPOLLET, data={u32=19, u64=${3 * 2 ** 32 + 19}}}) = 0`,
  );
  event.set(0, 0, 19, 0);
  assert.match(
    line((sys) => sys.epoll_ctl(17, c.EPOLL_CTL_MOD, 19, event.bytes)),
    /^epoll_ctl\(17, EPOLL_CTL_MOD, 19, \{events=0,/,
  );
  assert.match(
    line((sys) => sys.epoll_ctl(17, c.EPOLL_CTL_DEL, 19, event.bytes)),
    /^epoll_ctl\(17, EPOLL_CTL_DEL, 19,/,
  );
});

test('epoll_wait shows the descriptors that are ready, and only those', () => {
  const events = new EpollEvents(4);
  events.set(0, c.EPOLLIN, 18, 0);
  events.set(1, c.EPOLLOUT | c.EPOLLHUP, 19, 0);
  events.set(2, c.EPOLLIN, 99, 0);
  const wait = (sys: SystemCalls): number => sys.epoll_wait(17, events.bytes, 4, -1);
  assert.equal(
    line(wait, { epoll_wait: () => 2 }),
    'epoll_wait(17, [{events=EPOLLIN, data={u32=18, u64=18}}, ' +
      '{events=EPOLLOUT|EPOLLHUP, data={u32=19, u64=19}}], 4, -1) = 2',
  );
  assert.equal(line(wait), 'epoll_wait(17, [], 4, -1) = 0');
  assert.equal(
    line(wait, { epoll_wait: () => -1, errno: () => EINTR }),
    `epoll_wait(17, ..., 4, -1) = -1 errno ${EINTR}`,
  );
});

test('clock_nanosleep, which returns its error itself, is told like the others', () => {
  const sleep = (sys: SystemCalls): number =>
    sys.clock_nanosleep(c.CLOCK_MONOTONIC, 0, BigInt64Array.of(1n, 500_000_000n), null);
  const text = 'clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=1, tv_nsec=500000000}, NULL)';
  assert.equal(line(sleep), `${text} = 0`);
  assert.equal(line(sleep, { clock_nanosleep: () => EINTR }), `${text} = -1 errno ${EINTR}`);
  assert.equal(sleep(traced(fake({ clock_nanosleep: () => EINTR }), () => {})), EINTR);
});

test('arguments and result pass through, and the descriptor that a call is about is told', () => {
  const seen: unknown[][] = [];
  const told: [string, number][] = [];
  const keep =
    (result: number) =>
    (...args: unknown[]): number => {
      seen.push(args);
      return result;
    };
  const sys = traced(
    fake({ socket: keep(3), send: keep(7), epoll_ctl: keep(0), epoll_wait: keep(0) }),
    (name, fd) => told.push([name, fd]),
  );
  const bytes = new Uint8Array(40);
  assert.equal(sys.socket(c.AF_INET, c.SOCK_STREAM, 0), 3);
  assert.equal(sys.send(19, bytes, 10, 0), 7);
  assert.equal(sys.epoll_ctl(17, c.EPOLL_CTL_ADD, 19, bytes), 0);
  assert.equal(sys.epoll_wait(17, bytes, 1, 250), 0);
  assert.deepEqual(seen, [
    [c.AF_INET, c.SOCK_STREAM, 0],
    [19, bytes, 10, 0],
    [17, c.EPOLL_CTL_ADD, 19, bytes],
    [17, bytes, 1, 250],
  ]);
  assert.deepEqual(told, [
    ['socket', -1],
    ['sendto', 19],
    ['epoll_ctl', 19],
    ['epoll_wait', 17],
  ]);
});

test('errno is that of the call, whatever has changed it since', () => {
  let errno = EBADF;
  const told: number[] = [];
  const sys = traced(fake({ close: () => -1, errno: () => errno }), (_name, _fd, _args, _result, error) => {
    told.push(error);
    errno = EINTR;
  });
  assert.equal(sys.close(99), -1);
  assert.equal(sys.errno(), EBADF);
  assert.deepEqual(told, [EBADF]);
});

test('bytes are told in printable ASCII alone, with the escapes of C', () => {
  const sent = (bytes: Uint8Array): string =>
    line((sys) => sys.send(5, bytes, bytes.length, 0)).replace(
      /^sendto\(5, (.*), \d+, 0, NULL, 0\) = 0$/,
      '$1',
    );
  assert.equal(sent(Buffer.from('say "\\o/"\t\r\n\v\f', 'latin1')), '"say \\"\\\\o/\\"\\t\\r\\n\\v\\f"');
  assert.equal(sent(Uint8Array.of(0, 1, 0x1b, 0x7f, 0xff)), '"\\0\\1\\33\\177\\377"');
  assert.equal(sent(Buffer.from('\x017\x1b0')), '"\\0017\\0330"');
  assert.equal(sent(new Uint8Array(32).fill(65)), `"${'A'.repeat(32)}"`);
  assert.equal(sent(new Uint8Array(33).fill(65)), `"${'A'.repeat(32)}"...`);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.match(sent(bytes), /^"[ -~]*"(\.\.\.)?$/)));
});

test('the escapes mean the bytes that were sent, as a C compiler reads them', () => {
  const named: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
      const text = /"(.*)"/.exec(line((sys) => sys.send(5, bytes, bytes.length, 0)))![1]!;
      const read = [...text.matchAll(/\\([0-7]{1,3})|\\(.)|(.)/g)].map(([, octal, letter, plain]) =>
        octal !== undefined
          ? Number.parseInt(octal, 8)
          : letter !== undefined
            ? named[letter]
            : plain!.charCodeAt(0),
      );
      assert.deepEqual(read, [...bytes]);
    }),
    { numRuns: 300 },
  );
});
