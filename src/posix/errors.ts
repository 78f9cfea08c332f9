// What a failed system call says: ordinary outcomes as predicates with a name, the rest as a SystemCallError.
// Used after each call that returned -1.

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const e = constants.errno;

/** A non-blocking call had nothing to do, or a blocking one reached its SO_RCVTIMEO or SO_SNDTIMEO (socket(7)). */
export const wouldBlock = (errno: number): boolean => errno === e.EAGAIN;

/** A signal came in while the call slept: nothing is wrong, call again (signal(7)). */
export const interrupted = (errno: number): boolean => errno === e.EINTR;

/** The other side has torn the connection down (RFC 9293, reset), or its machine can no longer be reached. */
export const peerReset = (errno: number): boolean =>
  errno === e.ECONNRESET ||
  errno === e.EPIPE ||
  errno === e.ETIMEDOUT ||
  errno === e.EHOSTUNREACH ||
  errno === e.ENETUNREACH ||
  errno === e.ENOTCONN;

/** No descriptor, or no kernel memory, for one more socket: it passes when a connection is closed (accept(2)). */
export const outOfResources = (errno: number): boolean =>
  errno === e.EMFILE || errno === e.ENFILE || errno === e.ENOBUFS || errno === e.ENOMEM;

/** accept(2) on a listener that shutdown(2) has woken: the server is to stop. */
export const notListening = (errno: number): boolean => errno === e.EINVAL || errno === e.EBADF;

/** The name of an error number, as errno(3) lists it: 11 is EAGAIN. */
export function errorName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `error ${errno}`;
}

/** What an error number means, in the words of Node's own table. */
export function errorText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
}

/** A system call failed in a way that its caller can't pass over. */
export class SystemCallError extends Error {
  readonly call: string;
  readonly errno: number;
  readonly code: string;

  constructor(call: string, errno: number) {
    super(`${call}: ${errorName(errno)} (${errorText(errno)})`);
    this.name = 'SystemCallError';
    this.call = call;
    this.errno = errno;
    this.code = errorName(errno);
  }
}
