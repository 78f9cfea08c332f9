// How many connections this machine can hold in each model, and what limits them: computed and printed before the start.
// What one connection takes was measured; docs/benchmarks.md has the commands.

import { availableParallelism, freemem } from 'node:os';
import { thisMachine } from '../../models/blocking/max-threads.js';
import { type Mode, type ModelName, modeOf, numberOf, POOL } from '../../models/options.js';
import { processIds, readProc } from '../../posix/proc.js';
import { limitOf } from '../../posix/process-limits.js';
import { count, duration, number } from '../../terminal/quantities.js';
import { memoryText } from './quantities.js';
import type { Cap } from './result.js';

/** Whether a model serves only as many connections at once as it has threads or processes. The others wait. */
export const holdsFew = (name: ModelName): boolean =>
  ['iterative', 'pool', 'processes'].includes(modeOf(name));

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
  /** Threads and processes start on all of them at once. */
  readonly cpus: number;
}

interface ConnectionCost {
  readonly descriptors: number;
  readonly bytes: number;
  readonly maps: number;
  readonly threads: number;
  /** Of a CPU. */
  readonly milliseconds: number;
  /** What the server starts for a connection. */
  readonly starts?: 'thread' | 'process';
}

const MEGABYTE = 1024 * 1024;
/** A socket, and what the loop remembers of it. */
const SOCKET: ConnectionCost = { descriptors: 1, bytes: 16 * 1024, maps: 0, threads: 0, milliseconds: 0.2 };
/** A connection thread is a whole V8, with descriptors and maps of its own. */
const THREAD: ConnectionCost = {
  descriptors: 5,
  bytes: 8.4 * MEGABYTE,
  maps: 48,
  threads: 1,
  milliseconds: 29,
  starts: 'thread',
};
/** A process is a whole Node, with threads of its own. */
const PROCESS: ConnectionCost = {
  descriptors: 1,
  bytes: 10 * MEGABYTE,
  maps: 0,
  threads: 7,
  milliseconds: 100,
  starts: 'process',
};

/** Of one connection, its client included. */
const COSTS: Record<Mode, ConnectionCost> = {
  iterative: SOCKET,
  blocking: THREAD,
  pool: THREAD,
  processes: PROCESS,
  evented: SOCKET,
  async: { ...SOCKET, bytes: 24 * 1024 },
  completion: SOCKET,
};

/** What a server has without any connection, with room for the probe and the load. */
const BASE = { descriptors: 150, maps: 1_500, threads: 50 };
/** As glibc has it (select(2)). */
const FD_SETSIZE = 1_024;
/** For all the connections of one model together. */
const MOST_MS = 60_000;

/** The smallest of what each resource bears, and of what the model itself can serve. */
export function capOf(name: ModelName, asked: number, machine: Capacity, mostMs = MOST_MS): Cap {
  const cost = COSTS[modeOf(name)];
  const each = cost.starts === undefined ? 'connection' : `connection with its ${cost.starts}`;
  const limits: [connections: number, reason: string][] = [
    [
      (machine.descriptors - BASE.descriptors) / cost.descriptors,
      `a process may open ${number(machine.descriptors)} files here (ulimit -Hn), and each ${each} takes ${cost.descriptors}`,
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
      (mostMs * machine.cpus) / cost.milliseconds,
      `each ${each} takes ${cost.milliseconds} ms of a CPU to start, and all of them may take ${duration(mostMs * 1e3)} on ${count(machine.cpus, 'CPU')}`,
    ],
    ...servedAtOnce(name),
  ];
  const [connections, reason] = limits.reduce((least, next) => (next[0] < least[0] ? next : least));
  if (connections >= asked) return { connections: asked };
  return { connections: twoDigits(connections), reason };
}

/** What the model itself bears: places for connections, of which the probe takes one. */
function servedAtOnce(name: ModelName): [connections: number, reason: string][] {
  const places = (all: number, one: string, many: string): [number, string][] => [
    [all - 1, `it has ${count(all, one, many)}, and the quick requests need one of them`],
  ];
  const mode = modeOf(name);
  if (mode === 'iterative')
    return [[0, 'it serves one connection at a time, and the quick requests need that one']];
  if (mode === 'pool') return places(numberOf(name, 'threads') ?? POOL.threads, 'thread', 'threads');
  const prefork = numberOf(name, 'prefork');
  if (prefork !== undefined) return places(prefork, 'process', 'processes');
  if (name.includes('poller=select'))
    return [[FD_SETSIZE - BASE.descriptors, `select watches only descriptors below ${number(FD_SETSIZE)}`]];
  return [];
}

/** A resource that a connection does not need sets no limit, however little of it is left. */
const bearing = (there: number, each: number): number => (each === 0 ? Infinity : there / each);

/** Reads it from /proc and from the control group (proc(5), cgroups(7)). */
export function readMachine(): Capacity {
  const { maps, cgroupThreads } = thisMachine();
  const [threads, threadsBy] = threadsLeft(cgroupThreads);
  return {
    descriptors: limitOf('Max open files')?.soft ?? Infinity,
    // Of a control group without a limit Node gives 0, or more than any machine has.
    memory: Math.min(availableMemory(), process.constrainedMemory() || Infinity),
    maps,
    threads,
    threadsBy,
    cpus: availableParallelism(),
  };
}

/** Bytes that are free without swapping, on the whole machine. */
export function availableMemory(): number {
  return Number(/^MemAvailable:\s*(\d+)/m.exec(readProc('/proc/meminfo'))?.[1] ?? freemem() / 1024) * 1024;
}

function threadsLeft(cgroupThreads: number): [number, string] {
  const running = Number(/\/(\d+) /.exec(readProc('/proc/loadavg'))?.[1] ?? 0);
  const left: [number, string][] = [
    [(numberIn('/proc/sys/kernel/threads-max') ?? Infinity) - running, 'kernel.threads-max'],
    [(numberIn('/proc/sys/kernel/pid_max') ?? Infinity) - running, 'kernel.pid_max'],
    [cgroupThreads, 'pids.max of the control group'],
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
  if (value < 1) return 0;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.floor(value / unit) * unit;
}
