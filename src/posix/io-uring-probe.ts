// Whether this kernel lets this process use io_uring, found by trying, and if not why.
// serve uses it to refuse, and doctor reports it.

import { constants, release } from 'node:os';
import { errorName } from './errors.js';
import { IORING_SETUP_DEFER_TASKRUN, IORING_SETUP_SINGLE_ISSUER, PARAMS } from './io-uring.js';
import { readProc } from './proc.js';
import { systemCalls } from './system-calls.js';

const { EPERM, EACCES, ENOSYS, EINVAL } = constants.errno;
/** Since then a socket can be asked for its peer and its unread bytes (SOCKET_URING_OP_GETSOCKOPT, SOCKET_URING_OP_SIOCINQ). */
const OLDEST_LINUX = [6, 7] as const;

/** The reason, for the end of a sentence that begins with what needs it; undefined where there is none. */
export function ioUringUnavailable(): string | undefined {
  const params = new Int32Array(PARAMS.words);
  params[PARAMS.flags] = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  const ring = systemCalls.io_uring_setup(1, new Uint8Array(params.buffer));
  if (ring < 0)
    return explainRefusal(systemCalls.errno(), readProc('/proc/sys/kernel/io_uring_disabled').trim());
  systemCalls.close(ring);
  return tooOld(release());
}

/** Why io_uring_setup(2) failed. `disabled` is the sysctl kernel.io_uring_disabled; '' where the kernel has none. */
export function explainRefusal(errno: number, disabled: string): string {
  if (errno === EPERM && disabled === '2')
    return 'io_uring is switched off here: kernel.io_uring_disabled is 2';
  if (errno === EPERM && disabled === '1')
    return 'io_uring is for privileged users only here: kernel.io_uring_disabled is 1';
  if (errno === EPERM || errno === EACCES)
    return `io_uring is not permitted here (${errorName(errno)}), as in many containers`;
  if (errno === ENOSYS) return 'this kernel has no io_uring (ENOSYS)';
  if (errno === EINVAL) return tooOld(release()) ?? `this kernel does not know all of it (EINVAL)`;
  return `io_uring_setup failed: ${errorName(errno)}`;
}

/** `found` as uname(2) has it: 6.1.0-18-amd64. */
export function tooOld(found: string): string | undefined {
  const [major = 0, minor = 0] = found.split('.').map((part) => Number.parseInt(part, 10));
  const [wanted, minorWanted] = OLDEST_LINUX;
  if (major > wanted || (major === wanted && minor >= minorWanted)) return undefined;
  return `it needs Linux ${OLDEST_LINUX.join('.')} or later, and this is ${found}`;
}
