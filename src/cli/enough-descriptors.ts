// Whether this process may open as many descriptors as a command will need (getrlimit(2), RLIMIT_NOFILE).
// Checked before anything starts: later, a shortage could hit anything.

import { limitOf } from '../posix/process-limits.js';
import { CliError } from './errors.js';

/** `otherwise`: what else would help, as the end of a sentence, given the limit. */
export function needDescriptors(
  needed: number,
  what: string,
  otherwise: (limit: number) => string = () => '',
): void {
  const limit = limitOf('Max open files')?.soft;
  if (limit === undefined || needed <= limit) return;
  throw new CliError(
    `Too few file descriptors for ${what}: the limit is ${limit}, and ${needed} are needed. ` +
      `Raise it with \`ulimit -n ${needed}\`${otherwise(limit)}.`,
  );
}
