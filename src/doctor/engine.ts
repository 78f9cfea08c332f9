// What the servers would be built on here: the system calls, of which one is made, or the portable engine.

import { EPOLL_CLOEXEC } from '../posix/constants.js';
import { SystemCallError } from '../posix/errors.js';
import { systemCallsUnavailable } from '../posix/platform.js';
import { commandLine } from '../terminal/command-line.js';
import { type Check, failing, ok, problemOf } from './finding.js';

export const engine: Check = async () => {
  const missing = systemCallsUnavailable();
  if (missing !== undefined) {
    const advice =
      'only serve --mode evented, connect and compare --modes evented run here, on node:net; for the rest use Linux, in a virtual machine for example';
    return [failing('engine', `no system calls: the engine for them ${missing}`, advice)];
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
