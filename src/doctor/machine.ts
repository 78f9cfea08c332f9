// What the program runs on: Node, the system calls, memory, and descriptors.

import { freemem, totalmem } from 'node:os';
import { thisMachine } from '../models/blocking/max-threads.js';
import { EPOLL_CLOEXEC } from '../posix/constants.js';
import { SystemCallError } from '../posix/errors.js';
import { systemCallsUnavailable, systemName } from '../posix/platform.js';
import { type Limit, limitOf } from '../posix/process-limits.js';
import { RUNTIME, RUNTIME_AND_VERSION } from '../posix/runtime.js';
import { commandLine } from '../terminal/command-line.js';
import { type Finding, failing, type MachineCheck, ok, problemOf, warning } from './finding.js';

const OLDEST_NODE = 20;

export const node: MachineCheck = async () => {
  const on = `on ${systemName()}, ${process.arch}`;
  if (RUNTIME !== 'Node')
    return [
      warning(
        'node',
        `not Node, but ${RUNTIME_AND_VERSION} ${on}`,
        'run it with Node: nothing else is tested',
      ),
    ];
  const found = `${process.version} ${on}`;
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST_NODE) return [ok('node', found)];
  return [failing('node', found, `install Node ${OLDEST_NODE} or later: https://nodejs.org/`)];
};

export const engine: MachineCheck = async () => {
  const missing = systemCallsUnavailable();
  if (missing !== undefined) {
    const advice =
      'serve --mode evented, connect and compare --modes evented work here, on node:net; for the rest use Linux, such as in a virtual machine';
    return [failing('engine', `no system calls: the engine that makes them ${missing}`, advice)];
  }
  try {
    const { systemCalls } = await import('../posix/system-calls.js');
    const fd = systemCalls.epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw new SystemCallError('epoll_create1', systemCalls.errno());
    systemCalls.close(fd);
    return [ok('engine', `the kernel's system calls work: epoll_create1 returned fd ${fd}`)];
  } catch (error) {
    const portable = commandLine('serve', '--engine', 'portable');
    const advice = `run \`npm ci\` again on this machine, or use \`${portable}\``;
    return [failing('engine', `no system calls: ${problemOf(error)}`, advice)];
  }
};

/** Not even tried where there are no system calls: the engine says so. */
export const ioUring: MachineCheck = async () => {
  if (systemCallsUnavailable() !== undefined) return [];
  try {
    const { ioUringUnavailable } = await import('../posix/io-uring-probe.js');
    const reason = ioUringUnavailable();
    if (reason === undefined) return [ok('io_uring', 'this kernel gave a ring: --mode completion runs')];
    return [warning('io_uring', `${reason}: --mode completion does not run`, 'use the other modes')];
  } catch {
    return [];
  }
};

const MIB = 1024 ** 2;
/** About 30 connection threads at 8 MiB each, and as much again for Node, the clients and a browser. */
const LITTLE_MEMORY = 512 * MIB;

export const memory: MachineCheck = async () => [
  explainMemory({ total: totalmem(), usable: thisMachine().memory, free: freemem() }),
];

/** In bytes. `usable` is the machine's total, or as much of it as the control group allows. */
export function explainMemory({ total, usable, free }: Record<'total' | 'usable' | 'free', number>): Finding {
  const limited = usable < total ? `, the limit of this control group on a machine of ${size(total)}` : '';
  const found = `${size(usable)}${limited}; ${size(free)} ${limited ? 'of the machine' : 'of it'} free`;
  if (Math.min(usable, free) >= LITTLE_MEMORY) return ok('memory', found);
  return warning('memory', found, 'close other programs, or give this machine more memory');
}

function size(bytes: number): string {
  const mib = bytes / MIB;
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}

/** What a server has open before the first connection, and some more. */
const OWN_DESCRIPTORS = 40;
/** Fewer connections than these may be too few for a class of browsers, or for any class. */
const FEW_CONNECTIONS = 1_000;
const TOO_FEW_CONNECTIONS = 50;

export const descriptors: MachineCheck = async () => {
  const limit = limitOf('Max open files');
  return limit === undefined ? [] : [explainDescriptors(limit)];
};

export function explainDescriptors({ soft, hard }: Limit): Finding {
  const room = Math.max(0, soft - OWN_DESCRIPTORS);
  const found =
    `ulimit -n is ${text(soft)}, hard limit ${text(hard)} (Node raises it to that): ` +
    `room for about ${text(room)} connections; serve takes at most 16,384 by default`;
  if (room >= FEW_CONNECTIONS) return ok('descriptors', found);
  const advice = 'raise the hard limit: ulimit -Hn as root, or nofile in /etc/security/limits.conf';
  return room < TOO_FEW_CONNECTIONS
    ? failing('descriptors', found, advice)
    : warning('descriptors', found, advice);
}

const text = (value: number): string => (value === Infinity ? 'unlimited' : value.toLocaleString('en'));
