// What a block of a lesson needs, by `needs=`: programs, and io_uring, which a kernel can refuse.
// Where something is missing, the step skips the block and says so.

import { spawnSync } from 'node:child_process';
import { systemCallsUnavailable } from '../posix/platform.js';

const IO_URING = 'io_uring';
const unavailable = systemCallsUnavailable();
/** Asking the kernel needs system calls: where there are none, koffi cannot even be loaded. */
const ioUringUnavailable =
  unavailable === undefined
    ? (await import('../posix/io-uring-probe.js')).ioUringUnavailable
    : () => `io_uring ${unavailable}`;

/** Why these needs are not met, without the full stop; undefined where they are. */
export function unmet(needs: readonly string[], whyNoRing = ioUringUnavailable): string | undefined {
  const missing = needs.filter((need) => need !== IO_URING && !isInstalled(need));
  const reasons = [
    missing.length > 0
      ? `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not installed`
      : undefined,
    needs.includes(IO_URING) ? whyNoRing() : undefined,
  ].filter((reason) => reason !== undefined);
  return reasons.length > 0 ? reasons.join('; ') : undefined;
}

function isInstalled(tool: string): boolean {
  return spawnSync('bash', ['-c', 'command -v -- "$1"', 'bash', tool], { stdio: 'ignore' }).status === 0;
}
