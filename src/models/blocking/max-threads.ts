// How many connection threads this machine can bear: the default of --max-threads, and what it comes from.
// For `serve`, and for the doctor, who explains it.

import { totalmem } from 'node:os';
import { readProc } from '../../posix/proc.js';
import { limitOf, threadsLeftInCgroup } from '../../posix/process-limits.js';

/** What a connection thread takes, in bytes and in memory maps: measured, see docs/benchmarks.md. */
const THREAD_BYTES = 8 * 1024 * 1024;
const THREAD_MAPS = 48;
/** No more than anyone needs to see. */
const ENOUGH = 512;

export interface ThreadLimits {
  /** Bytes: of the machine, or as many as its control group may have. */
  readonly memory: number;
  /** Memory maps a process may have: vm.max_map_count. */
  readonly maps: number;
  /** Threads that are left in the control group; Infinity where nothing limits them. */
  readonly cgroupThreads: number;
  /** Threads that this user may have: ulimit -u; Infinity for root, who has no such limit (getrlimit(2)). */
  readonly userThreads: number;
}

/** The most threads that one thing allows. */
export interface Bound {
  readonly by: 'memory' | 'vm.max_map_count' | 'pids.max' | 'ulimit -u' | 'enough';
  readonly most: number;
}

/** The least of the bounds, and at least one. */
export function defaultMaxThreads(machine: ThreadLimits = thisMachine()): number {
  return Math.max(1, Math.min(...threadBounds(machine).map((bound) => bound.most)));
}

/** A quarter of the memory, half of all else: what runs here beside the server needs some too. */
export function threadBounds({ memory, maps, cgroupThreads, userThreads }: ThreadLimits): Bound[] {
  return [
    { by: 'enough', most: ENOUGH },
    { by: 'memory', most: Math.floor(memory / 4 / THREAD_BYTES) },
    { by: 'vm.max_map_count', most: Math.floor(maps / 2 / THREAD_MAPS) },
    { by: 'pids.max', most: Math.floor(cgroupThreads / 2) },
    { by: 'ulimit -u', most: Math.floor(userThreads / 2) },
  ];
}

export function thisMachine(): ThreadLimits {
  const limited = process.constrainedMemory() || Number.POSITIVE_INFINITY; // 0: not known
  return {
    memory: Math.min(totalmem(), limited),
    maps: Number(readProc('/proc/sys/vm/max_map_count')) || 65_530, // not Linux: the kernel's usual limit will do
    cgroupThreads: threadsLeftInCgroup(),
    userThreads:
      process.getuid?.() === 0
        ? Number.POSITIVE_INFINITY
        : (limitOf('Max processes')?.soft ?? Number.POSITIVE_INFINITY),
  };
}
