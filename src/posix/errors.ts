// What a failed system call says: ordinary outcomes as predicates with a name, the rest as a SystemCallError.
// The predicates take what a call of models/calls.ts returned: a result, or -errno.

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const e = constants.errno;

/** A non-blocking call had nothing to do, or a blocking one reached its SO_RCVTIMEO or SO_SNDTIMEO (socket(7)). */
export const wouldBlock = (result: number): boolean => result === -e.EAGAIN;

/** A signal came in while the call slept: nothing is wrong, call again (signal(7)). */
export const interrupted = (result: number): boolean => result === -e.EINTR;

/** The other side has reset the connection (RFC 9293), or its machine can no longer be reached. */
export const peerReset = (result: number): boolean =>
  result === -e.ECONNRESET ||
  result === -e.EPIPE ||
  result === -e.ETIMEDOUT ||
  result === -e.EHOSTUNREACH ||
  result === -e.ENETUNREACH ||
  result === -e.ENOTCONN;

/**
 * What the kernel has too little of to accept or watch one more socket, if that is why the call failed. It passes when
 * other sockets are closed (accept(2), epoll_ctl(2)).
 */
export function shortageOf(result: number) {
  switch (-result) {
    case e.EMFILE:
    case e.ENFILE:
      return 'out-of-descriptors';
    case e.ENOBUFS:
    case e.ENOMEM:
      return 'out-of-memory';
    case e.ENOSPC:
      return 'out-of-watches';
    default:
      return undefined;
  }
}

/** An operation in flight was cancelled, or the one before it in its chain has failed (io_uring_enter(2)). */
export const cancelled = (result: number): boolean => result === -e.ECANCELED;

/** Every buffer that the kernel was given to receive into is full (io_uring_enter(2), IOSQE_BUFFER_SELECT). */
export const outOfBuffers = (result: number): boolean => result === -e.ENOBUFS;

/** The time limit of a wait is over (io_uring_enter(2)). */
export const timeIsOver = (result: number): boolean => result === -e.ETIME;

/** The completion queue must be emptied first (io_uring_enter(2)). */
export const completionsFirst = (result: number): boolean => result === -e.EBUSY || result === -e.EAGAIN;

/** accept(2) on a listener that shutdown(2) has woken: the server stops. */
export const notListening = (result: number): boolean => result === -e.EINVAL || result === -e.EBADF;

/** The name of an error number, as errno(3) lists it: 11 is EAGAIN. */
export function errorName(errno: number): string {
  const known =
    getSystemErrorMap().get(-errno)?.[0] ?? Object.entries(e).find(([, number]) => number === errno)?.[0];
  return known ?? `error ${errno}`;
}

/** A system call failed in a way that its caller cannot ignore. */
export class SystemCallError extends Error {
  readonly call: string;
  readonly errno: number;
  readonly code: string;

  constructor(call: string, errno: number) {
    const meaning = getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
    super(`${call}: ${errorName(errno)} (${meaning})`);
    this.name = 'SystemCallError';
    this.call = call;
    this.errno = errno;
    this.code = errorName(errno);
  }
}

/** By its name: the bundle of a thread and the faults of `serve --mystery` have a copy of the class each. */
export const isSystemCallError = (thrown: unknown): thrown is SystemCallError =>
  thrown instanceof Error && thrown.name === 'SystemCallError';
