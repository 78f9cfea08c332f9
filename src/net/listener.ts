// The listener: the one socket that never carries a byte of a request. The kernel completes handshakes on it and
// queues the connections until accept(2) fetches them. Opened by the thread that will accept.

import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../posix/constants.js';
import { SystemCallError } from '../posix/errors.js';
import { encodeSocketAddress, isWildcard, SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import type { SystemCalls } from '../posix/system-calls.js';

export interface Listener {
  /** Connections count from 1: this one is none. */
  readonly id: 0;
  readonly fd: number;
  /** The address it is bound to, a sockaddr: with the port that the kernel chose where 0 was asked for. */
  readonly address: Uint8Array;
  /** Bound to "any address": each connection must then be asked which of this machine's addresses it came to. */
  readonly wildcard: boolean;
}

/**
 * socket, bind, listen: after this the kernel takes connections, whether anyone accepts them or not (listen(2)).
 * `flags` is SOCK_NONBLOCK or 0. Several listeners may have one port (SO_REUSEPORT, socket(7)): a `first` one, and each
 * `next`. Throws a SystemCallError: EADDRINUSE, EADDRNOTAVAIL, EACCES and others, see bind(2).
 */
export function openListener(
  sys: SystemCalls,
  { address, port, backlog }: { address: string; port: number; backlog: number },
  flags: number,
  reusePort?: 'first' | 'next',
): Listener {
  const name = encodeSocketAddress({ address, port });
  const ipv6 = name[0] === AF_INET6;
  const fd = sys.socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, IPPROTO_TCP);
  if (fd < 0) throw new SystemCallError('socket', sys.errno());

  const check = (call: string, result: number): void => {
    if (result === 0) return;
    const errno = sys.errno();
    sys.close(fd);
    throw new SystemCallError(call, errno);
  };
  const set = (level: number, option: number, value: number): void =>
    check('setsockopt', sys.setsockopt(fd, level, option, new Uint8Array(Int32Array.of(value).buffer), 4));
  // Allow bind right after a stop, while connections of the last run are still in TIME_WAIT (socket(7)).
  set(SOL_SOCKET, SO_REUSEADDR, 1);
  // Send each reply at once. Every accepted socket inherits this from the listener. Without it several small replies in
  // a row would wait for the client's acknowledgements (Nagle's algorithm, RFC 896; tcp(7)).
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // `::` takes IPv4 too; it comes as ::ffff:192.0.2.1 (ipv6(7)).
  if (ipv6) set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (reusePort === 'next') set(SOL_SOCKET, SO_REUSEPORT, 1);
  check('bind', sys.bind(fd, name, name.length));
  // Not before it is bound: otherwise another server of this kind would share its port with us, and nobody would notice.
  if (reusePort === 'first') set(SOL_SOCKET, SO_REUSEPORT, 1);
  check('listen', sys.listen(fd, backlog));
  return listenerOn(sys, fd);
}

/** A listener that is open already. */
export function listenerOn(sys: SystemCalls, fd: number): Listener {
  const bound = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const result = sys.getsockname(fd, bound, new Int32Array([SOCKET_ADDRESS_BYTES]));
  if (result < 0) throw new SystemCallError('getsockname', sys.errno());
  return { id: 0, fd, address: bound, wildcard: isWildcard(bound) };
}
