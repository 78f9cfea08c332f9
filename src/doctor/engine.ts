// What the servers would be built on here: the system calls, of which one is made, or the portable engine.

import { EPOLL_CLOEXEC } from '../posix/constants.js';
import { SystemCallError } from '../posix/errors.js';
import { systemCallsUnavailable } from '../posix/platform.js';
import { commandLine } from '../ui/command-line.js';
import { type Check, failing, ok, problemOf, warning } from './finding.js';

export const engine: Check = async () => {
  const missing = systemCallsUnavailable();
  if (missing !== undefined) {
    const advice =
      'it serves --mode evented alone and tells less; for all of it use Linux, a virtual one will do';
    return [warning('engine', `portable, on node:net: the system calls' engine ${missing}`, advice)];
  }
  try {
    const { systemCalls } = await import('../posix/system-calls.js');
    const fd = systemCalls.epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw new SystemCallError('epoll_create1', systemCalls.errno());
    systemCalls.close(fd);
    return [ok('engine', `system calls of this kernel: epoll_create1 gave fd ${fd}`)];
  } catch (error) {
    const portable = commandLine('serve', '--engine', 'portable');
    const advice = `run \`npm ci\` again on this machine, or use \`${portable}\``;
    return [failing('engine', `no system calls: ${problemOf(error)}`, advice)];
  }
};
