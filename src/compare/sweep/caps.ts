// How many connections this machine can hold in each model, and what limits them: computed and printed before the start.
// What one connection takes was measured; docs/benchmarks.md has the commands.

import { freemem } from 'node:os';
import { type Mode, type ModelName, modeOf } from '../../models/options.js';
import { processIds, readProc } from '../../posix/proc.js';
import { limitOf, threadsLeftInCgroup } from '../../posix/process-limits.js';
import { count, number } from '../../terminal/quantities.js';
import { memoryText } from './quantities.js';
import type { Cap } from './result.js';

/** The iterative model serves one connection at a time, others as many as they have threads or processes. */
export type ManyMode = Exclude<ModelName, FewMode>;
type FewMode = 'iterative' | 'pool' | 'processes';

export const holdsMany = (name: ModelName): name is ManyMode => modeOf(name) in COSTS;

/** What is there for a server and its clients, as this process finds it. */
export interface Capacity {
  /** Open files of one process, RLIMIT_NOFILE: Node raises the soft limit to the hard one when it starts. */
  readonly descriptors: number;
  /** Bytes that are free without swapping. */
  readonly memory: number;
  /** Memory maps of one process, vm.max_map_count. */
  readonly maps: number;
  /** Threads that may still be started, by the limit that leaves the fewest. */
  readonly threads: number;
  /** The name of that limit. */
  readonly threadsBy: string;
}

interface Cost {
  readonly descriptors: number;
  readonly bytes: number;
  readonly maps: number;
  readonly threads: number;
  readonly milliseconds: number;
}

/** Of one connection, its client included. A connection thread is a whole V8, with descriptors and maps of its own. */
const COSTS: Record<Exclude<Mode, FewMode>, Cost> = {
  blocking: { descriptors: 5, bytes: 8.4 * 1024 * 1024, maps: 48, threads: 1, milliseconds: 29 },
  evented: { descriptors: 1, bytes: 16 * 1024, maps: 0, threads: 0, milliseconds: 0.2 },
  async: { descriptors: 1, bytes: 24 * 1024, maps: 0, threads: 0, milliseconds: 0.2 },
  completion: { descriptors: 1, bytes: 16 * 1024, maps: 0, threads: 0, milliseconds: 0.2 },
};

/** What a server has without any connection, with room for the probe and the load. */
const BASE = { descriptors: 150, maps: 1_500, threads: 50 };
/** For all the connections of one model together. */
const MOST_MS = 60_000;

/** The smallest number that a resource allows. */
export function capOf(mode: ManyMode, asked: number, machine: Capacity): Cap {
  const cost = COSTS[modeOf(mode) as Exclude<Mode, FewMode>];
  const each = cost.threads === 0 ? 'connection' : 'connection with its thread';
  const limits: [connections: number, reason: string][] = [
    [
      (machine.descriptors - BASE.descriptors) / cost.descriptors,
      `a process may open ${number(machine.descriptors)} files here, and each ${each} takes ${cost.descriptors}`,
    ],
    [
      machine.memory / 2 / cost.bytes,
      `half of the memory that is free is ${memoryText(machine.memory / 2)}, and each ${each} takes ${memoryText(cost.bytes)}`,
    ],
    [
      bearing(machine.maps - BASE.maps, cost.maps),
      `a process may have ${number(machine.maps)} memory maps here (vm.max_map_count), and each ${each} takes ${cost.maps}`,
    ],
    [
      bearing(machine.threads - BASE.threads, cost.threads),
      `${machine.threadsBy} leaves ${count(machine.threads, 'thread')} to start here`,
    ],
    [
      MOST_MS / cost.milliseconds,
      `each ${each} takes ${cost.milliseconds} ms to start, and a sweep gives them a minute`,
    ],
  ];
  const [connections, reason] = limits.reduce((least, next) => (next[0] < least[0] ? next : least));
  if (connections >= asked) return { connections: asked };
  return { connections: twoDigits(Math.max(1, connections)), reason };
}

/** A resource that a connection does not need sets no limit, however little of it is left. */
const bearing = (there: number, each: number): number => (each === 0 ? Infinity : there / each);

/** Reads it from /proc and from the control group (proc(5), cgroups(7)). */
export function readMachine(): Capacity {
  const [threads, threadsBy] = threadsLeft();
  return {
    descriptors: limitOf('Max open files')?.soft ?? Infinity,
    // Of a control group without a limit Node gives 0, or more than any machine has.
    memory: Math.min(availableMemory(), process.constrainedMemory() || Infinity),
    maps: numberIn('/proc/sys/vm/max_map_count') ?? 65_530,
    threads,
    threadsBy,
  };
}

/** Bytes that are free without swapping, on the whole machine. */
export function availableMemory(): number {
  return Number(/^MemAvailable:\s*(\d+)/m.exec(readProc('/proc/meminfo'))?.[1] ?? freemem() / 1024) * 1024;
}

function threadsLeft(): [number, string] {
  const running = Number(/\/(\d+) /.exec(readProc('/proc/loadavg'))?.[1] ?? 0);
  const left: [number, string][] = [
    [(numberIn('/proc/sys/kernel/threads-max') ?? Infinity) - running, 'kernel.threads-max'],
    [(numberIn('/proc/sys/kernel/pid_max') ?? Infinity) - running, 'kernel.pid_max'],
    [threadsLeftInCgroup(), 'pids.max of the control group'],
  ];
  // setrlimit(2): the limit does not hold for root.
  if (process.getuid?.() !== 0)
    left.push([(limitOf('Max processes')?.soft ?? Infinity) - threadsOfUser(), 'ulimit -u']);
  return left.reduce((least, next) => (next[0] < least[0] ? next : least));
}

function threadsOfUser(): number {
  const user = process.getuid?.();
  return processIds()
    .map((pid) => readProc(`/proc/${pid}/status`))
    .filter((status) => Number(/^Uid:\s*(\d+)/m.exec(status)?.[1]) === user)
    .reduce((sum, status) => sum + Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 0), 0);
}

function numberIn(file: string): number | undefined {
  const text = readProc(file).trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Rounded down to two digits: more digits would look more exact than the estimate is. */
function twoDigits(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.floor(value / unit) * unit;
}
