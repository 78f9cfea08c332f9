// Whether this process may open as many descriptors as a command is going to need (getrlimit(2), RLIMIT_NOFILE).
// Asked before anything is started: in the midst of it a shortage could hit anything.

import { limitOf } from '../posix/process-limits.js';
import { CliError } from './errors.js';

/** `otherwise`: what else would help, as a clause; from the limit. */
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
