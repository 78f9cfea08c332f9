// The system calls, each written as strace(1) writes it. `--detail calls` puts this between a server and the kernel.
// A test compares its output with strace's.

import * as c from './constants.js';
import { readEpollEvent } from './epoll-events.js';
import { describeEpollMask, flags } from './epoll-mask.js';
import * as io from './io-uring.js';
import { DESCRIBE_MASK } from './readiness.js';
import { decodeSocketAddress, formatIPv6, isMappedIPv4 } from './socket-address.js';
import type { SystemCalls } from './system-calls.js';

/** Called after each call with its kernel name, its arguments in strace's spelling, its result, and its errno or 0. */
export type OnCall = (
  name: string,
  fd: number,
  args: readonly string[],
  result: number,
  errno: number,
) => void;

/** A number is written as decimal digits. */
type Argument = string | number;

export function traced(calls: SystemCalls, onCall: OnCall): SystemCalls {
  let lastErrno = 0;

  /** Keeps errno at once: code that runs before the server reads it may change it. */
  function report(name: string, fd: number, result: number, args: (ok: boolean) => Argument[]): number {
    lastErrno = result < 0 ? calls.errno() : 0;
    onCall(name, fd, args(result >= 0).map(String), result, lastErrno);
    return result;
  }

  return {
    socket: (domain, type, protocol) =>
      report('socket', NO_FD, calls.socket(domain, type, protocol), () => [
        DOMAINS[domain] ?? domain,
        socketType(type),
        protocol === c.IPPROTO_TCP ? 'IPPROTO_TCP' : protocol,
      ]),
    setsockopt: (fd, level, option, value, length) =>
      report('setsockopt', fd, calls.setsockopt(fd, level, option, value, length), () => [
        fd,
        OPTIONS[level]?.name ?? level,
        OPTIONS[level]?.options[option] ?? option,
        optionValue(value),
        length,
      ]),
    bind: (fd, address, length) =>
      report('bind', fd, calls.bind(fd, address, length), () => [fd, socketAddress(address), length]),
    listen: (fd, backlog) => report('listen', fd, calls.listen(fd, backlog), () => [fd, backlog]),
    accept4: (fd, address, length, how) => {
      const room = length[0]!;
      const result = calls.accept4(fd, address, length, how);
      return report('accept4', fd, result, (ok) => [
        fd,
        ...addressOut(ok, address, room, length),
        flags(how, SOCKET_FLAGS),
      ]);
    },
    getsockname: (fd, address, length) => {
      const room = length[0]!;
      const result = calls.getsockname(fd, address, length);
      return report('getsockname', fd, result, (ok) => [fd, ...addressOut(ok, address, room, length)]);
    },
    recv: (fd, buffer, length, how) => {
      const result = calls.recv(fd, buffer, length, how);
      return report('recvfrom', fd, result, (ok) => [
        fd,
        ok ? bytes(buffer, result) : POINTER,
        length,
        flags(how, MESSAGE_FLAGS),
        'NULL',
        'NULL',
      ]);
    },
    send: (fd, buffer, length, how) =>
      report('sendto', fd, calls.send(fd, buffer, length, how), () => [
        fd,
        bytes(buffer, length),
        length,
        flags(how, MESSAGE_FLAGS),
        'NULL',
        0,
      ]),
    poll: (fds, count, timeout) =>
      report('poll', NO_FD, calls.poll(fds, count, timeout), () => [pollFds(fds, count), count, timeout]),
    select: (nfds, readfds, writefds, exceptfds, timeout) => {
      // The kernel writes over all of them.
      const given = [fdSet(readfds, nfds), fdSet(writefds, nfds), 'NULL', timespecOf(timeout)];
      const ready = calls.select(nfds, readfds, writefds, exceptfds, timeout);
      return report('pselect6', NO_FD, ready, () => [nfds, ...given, 'NULL']);
    },
    shutdown: (fd, how) => report('shutdown', fd, calls.shutdown(fd, how), () => [fd, SHUTDOWNS[how] ?? how]),
    close: (fd) => report('close', fd, calls.close(fd), () => [fd]),
    ioctl: (fd, request, value) =>
      report('ioctl', fd, calls.ioctl(fd, request, value), (ok) => [
        fd,
        REQUESTS[request] ?? request,
        ok ? `[${value[0]}]` : POINTER,
      ]),
    eventfd: (count, how) =>
      report('eventfd2', NO_FD, calls.eventfd(count, how), () => [count, flags(how, EVENTFD_FLAGS)]),
    read: (fd, number, length) => {
      const result = calls.read(fd, number, length);
      return report('read', fd, result, (ok) => [fd, ok ? eightBytes(number) : POINTER, length]);
    },
    write: (fd, number, length) =>
      report('write', fd, calls.write(fd, number, length), () => [fd, eightBytes(number), length]),
    epoll_create1: (how) =>
      report('epoll_create1', NO_FD, calls.epoll_create1(how), () => [
        how === c.EPOLL_CLOEXEC ? 'EPOLL_CLOEXEC' : how,
      ]),
    epoll_ctl: (epfd, operation, fd, event) =>
      report('epoll_ctl', fd, calls.epoll_ctl(epfd, operation, fd, event), () => [
        epfd,
        EPOLL_OPERATIONS[operation] ?? operation,
        fd,
        epollEvent(event, 0),
      ]),
    epoll_wait: (epfd, events, maxEvents, timeout) => {
      const ready = calls.epoll_wait(epfd, events, maxEvents, timeout);
      return report('epoll_wait', epfd, ready, (ok) => [
        epfd,
        ok ? `[${Array.from({ length: ready }, (_, i) => epollEvent(events, i)).join(', ')}]` : POINTER,
        maxEvents,
        timeout,
      ]);
    },
    io_uring_setup: (entries, params) =>
      report('io_uring_setup', NO_FD, calls.io_uring_setup(entries, params), () => [
        entries,
        ringParams(params),
      ]),
    io_uring_enter: (ring, toSubmit, minComplete, how, argument, size) =>
      report(
        'io_uring_enter',
        ring,
        calls.io_uring_enter(ring, toSubmit, minComplete, how, argument, size),
        () => [
          ring,
          toSubmit,
          minComplete,
          flags(how, ENTER_FLAGS),
          argument === null ? 'NULL' : POINTER,
          size,
        ],
      ),
    io_uring_register: (ring, operation, argument, count) =>
      report(
        'io_uring_register',
        ring,
        calls.io_uring_register(ring, operation, argument, count),
        () => [ring, 'IORING_REGISTER_PBUF_RING', bufferRing(argument), count], // its one use here
      ),
    clock_nanosleep: (clock, how, request, remaining) => {
      const error = calls.clock_nanosleep(clock, how, request, remaining);
      onCall(
        'clock_nanosleep',
        NO_FD,
        ['CLOCK_MONOTONIC', `${how}`, `{tv_sec=${request[0]}, tv_nsec=${request[1]}}`, 'NULL'],
        error === 0 ? 0 : -1,
        error,
      );
      return error;
    },
    errno: () => lastErrno,
  };
}

const NO_FD = -1;

/** A buffer that the kernel did not fill: strace prints its address, which says nothing to a reader. */
const POINTER = '...';

const DOMAINS: Record<number, string> = { [c.AF_INET]: 'AF_INET', [c.AF_INET6]: 'AF_INET6' };
const SHUTDOWNS: Record<number, string> = {
  [c.SHUT_RD]: 'SHUT_RD',
  [c.SHUT_WR]: 'SHUT_WR',
  [c.SHUT_RDWR]: 'SHUT_RDWR',
};
const EPOLL_OPERATIONS: Record<number, string> = {
  [c.EPOLL_CTL_ADD]: 'EPOLL_CTL_ADD',
  [c.EPOLL_CTL_DEL]: 'EPOLL_CTL_DEL',
  [c.EPOLL_CTL_MOD]: 'EPOLL_CTL_MOD',
};
/** Each has a second name, of terminals, and strace knows it by that (ioctl_tty(2)). */
const REQUESTS: Record<number, string> = { [c.SIOCINQ]: 'FIONREAD', [c.SIOCOUTQ]: 'TIOCOUTQ' };
const OPTIONS: Record<number, { name: string; options: Record<number, string> }> = {
  [c.SOL_SOCKET]: {
    name: 'SOL_SOCKET',
    options: {
      [c.SO_REUSEADDR]: 'SO_REUSEADDR',
      [c.SO_LINGER]: 'SO_LINGER',
      [c.SO_REUSEPORT]: 'SO_REUSEPORT',
      [c.SO_RCVTIMEO]: 'SO_RCVTIMEO_OLD',
      [c.SO_SNDTIMEO]: 'SO_SNDTIMEO_OLD',
    },
  },
  [c.IPPROTO_TCP]: { name: 'SOL_TCP', options: { [c.TCP_NODELAY]: 'TCP_NODELAY' } },
  [c.IPPROTO_IPV6]: { name: 'SOL_IPV6', options: { [c.IPV6_V6ONLY]: 'IPV6_V6ONLY' } },
};
const named = <N extends string>(numbers: Readonly<Record<N, number>>, ...names: N[]) =>
  names.map((name) => [name, numbers[name]] as const);
// In the order in which strace writes them.
const ENTER_FLAGS = named(io, 'IORING_ENTER_GETEVENTS', 'IORING_ENTER_EXT_ARG');
const SETUP_FLAGS = named(
  io,
  'IORING_SETUP_CQSIZE',
  'IORING_SETUP_SUBMIT_ALL',
  'IORING_SETUP_SINGLE_ISSUER',
  'IORING_SETUP_DEFER_TASKRUN',
);
const SOCKET_FLAGS = named(c, 'SOCK_CLOEXEC', 'SOCK_NONBLOCK');
const EVENTFD_FLAGS = named(c, 'EFD_CLOEXEC', 'EFD_NONBLOCK');
const MESSAGE_FLAGS = named(c, 'MSG_PEEK', 'MSG_DONTWAIT', 'MSG_NOSIGNAL');

function socketType(type: number): string {
  const how = type & ~c.SOCK_STREAM;
  return how === 0 ? 'SOCK_STREAM' : `SOCK_STREAM|${flags(how, SOCKET_FLAGS)}`;
}

function socketAddress(raw: Uint8Array): string {
  const { address, port } = decodeSocketAddress(raw);
  if (raw[0] === c.AF_INET)
    return `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${address}")}`;
  const view = new DataView(raw.buffer, raw.byteOffset);
  return (
    `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_flowinfo=htonl(${view.getUint32(4)}), ` +
    `inet_pton(AF_INET6, "${isMappedIPv4(raw, 8) ? `::ffff:${address}` : formatIPv6(raw, 8)}", &sin6_addr), sin6_scope_id=${view.getUint32(24, true)}}`
  );
}

function addressOut(ok: boolean, address: Uint8Array, room: number, length: Int32Array): string[] {
  const used = length[0]!;
  return [ok ? socketAddress(address) : POINTER, used === room ? `[${room}]` : `[${room} => ${used}]`];
}

/** A number, a struct linger, or a struct timeval. */
function optionValue(value: Uint8Array): string {
  const view = new DataView(value.buffer, value.byteOffset);
  if (value.length === 4) return `[${view.getInt32(0, true)}]`;
  if (value.length === 8) return `{l_onoff=${view.getInt32(0, true)}, l_linger=${view.getInt32(4, true)}}`;
  return bytes(value, value.length);
}

/** `[{fd=21, events=POLLIN}, {fd=22, events=0}]`. Of a long array strace prints the first ones. */
function pollFds(raw: Uint8Array, count: number): string {
  const view = new DataView(raw.buffer, raw.byteOffset);
  const entry = (_: unknown, i: number): string =>
    `{fd=${view.getInt32(i * 8, true)}, events=${DESCRIBE_MASK.poll(view.getInt16(i * 8 + 4, true))}}`;
  const shown = Array.from({ length: Math.min(count, SHOWN_ENTRIES) }, entry);
  return `[${[...shown, ...(count > SHOWN_ENTRIES ? ['...'] : [])].join(', ')}]`;
}

/** `[21 22]` */
function fdSet(words: Int32Array, nfds: number): string {
  const members = Array.from({ length: nfds }, (_, fd) => fd).filter(
    (fd) => (words[fd >> 5]! >> (fd & 31)) & 1,
  );
  return `[${members.join(' ')}]`;
}

/** The C library makes a struct timespec of a struct timeval. */
function timespecOf(timeval: Int32Array | null): string {
  return timeval === null ? 'NULL' : `{tv_sec=${timeval[0]}, tv_nsec=${timeval[2]! * 1000}}`;
}

function epollEvent(raw: Uint8Array, index: number): string {
  const { events, fd, data } = readEpollEvent(raw, index);
  return `{events=${describeEpollMask(events)}, data={u32=${fd}, u64=${data}}}`;
}

const eightBytes = (number: BigUint64Array): string => bytes(new Uint8Array(number.buffer), 8);

/** What was asked for, and how long the two queues are. Where in their memory each thing lies is left out. */
function ringParams(params: Uint8Array): string {
  const words = new Int32Array(params.buffer);
  const { PARAMS } = io;
  return (
    `{flags=${flags(words[PARAMS.flags]!, SETUP_FLAGS)}, sq_entries=${words[PARAMS.sqEntries]}, ` +
    `cq_entries=${words[PARAMS.cqEntries]}, ...}`
  );
}

function bufferRing(argument: Uint8Array): string {
  const view = new DataView(argument.buffer);
  const { PBUF_RING } = io;
  const entries = view.getUint32(PBUF_RING.entries, true);
  return `{ring_addr=${POINTER}, ring_entries=${entries}, bgid=${view.getUint16(PBUF_RING.group, true)}}`;
}

const ESCAPES: Record<number, string> = {
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};
const SHOWN_BYTES = 32;
const SHOWN_ENTRIES = 32;

/** The first bytes as a C string: what is not printable ASCII is escaped, so nothing the network sent comes out raw. */
function bytes(buffer: Uint8Array, length: number): string {
  const shown = Math.min(length, SHOWN_BYTES);
  let text = '';
  for (let i = 0; i < shown; i++) {
    const byte = buffer[i]!;
    const next = i + 1 < shown ? buffer[i + 1]! : 0;
    if (ESCAPES[byte] !== undefined) text += ESCAPES[byte];
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(next >= 0x30 && next <= 0x37 ? 3 : 1, '0')}`;
  }
  return `"${text}"${length > shown ? '...' : ''}`;
}
