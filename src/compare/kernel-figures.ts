// What the kernel says a server has used: memory of its processes, CPU time and context switches of its own threads.
// Their names distinguish them from Node's (proc(5)).

import { childProcesses } from '../inspect/threads.js';
import { isServerThread } from '../models/thread-names.js';
import { listProc, readProc, statFields } from '../posix/proc.js';

/** USER_HZ, the same on every Linux that the program runs on (time(7)). */
const TICK_SECONDS = 0.01;

interface ThreadFigures {
  readonly cpuSeconds: number;
  readonly voluntary: number;
  readonly involuntary: number;
}

export interface KernelFigures {
  readonly threads: number;
  readonly memory: number;
  readonly cpuSeconds: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

export class KernelWatch {
  readonly #pid: number;
  readonly #isOurs: boolean;
  /** By tid; a thread that has ended keeps its last figures here. */
  readonly #threads = new Map<string, ThreadFigures>();

  /** `isOurs`: some of its threads and children are Node's and do not count. */
  constructor(pid: number, isOurs = true) {
    this.#pid = pid;
    this.#isOurs = isOurs;
  }

  /** Undefined when the process is gone. */
  look(): KernelFigures | undefined {
    const memory = field(readProc(`/proc/${this.#pid}/status`), 'VmRSS') * 1024;
    if (memory === 0) return undefined;
    let threads = 0;
    const children = this.#isOurs ? childProcesses(this.#pid) : descendants(this.#pid);
    const tasks = [this.#pid, ...children].flatMap((pid) =>
      listProc(`/proc/${pid}/task`).map((tid) => [tid, `/proc/${pid}/task/${tid}`] as const),
    );
    for (const [tid, task] of tasks) {
      if (this.#isOurs && !isServerThread(readProc(`${task}/comm`).trim())) continue;
      threads++;
      const figures = threadFigures(task);
      if (figures !== undefined) this.#threads.set(tid, figures);
    }
    const sum = (of: (each: ThreadFigures) => number): number =>
      [...this.#threads.values()].reduce((total, each) => total + of(each), 0);
    return {
      threads,
      memory: memory + children.reduce((total, child) => total + ownMemory(child), 0),
      cpuSeconds: sum((each) => each.cpuSeconds),
      voluntarySwitches: sum((each) => each.voluntary),
      involuntarySwitches: sum((each) => each.involuntary),
    };
  }
}

function descendants(pid: number): number[] {
  const children = listProc(`/proc/${pid}/task`)
    .flatMap((tid) => readProc(`/proc/${pid}/task/${tid}/children`).split(' '))
    .map(Number)
    .filter((child) => child > 0);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Bytes that a child process takes beside the server: what it shares is divided among those that share it (PSS). */
const ownMemory = (pid: number): number => field(readProc(`/proc/${pid}/smaps_rollup`), 'Pss') * 1024;

function threadFigures(task: string): ThreadFigures | undefined {
  const status = readProc(`${task}/status`);
  if (status === '') return undefined;
  return {
    cpuSeconds: cpuSeconds(task),
    voluntary: field(status, 'voluntary_ctxt_switches'),
    involuntary: field(status, 'nonvoluntary_ctxt_switches'),
  };
}

/** schedstat counts nanoseconds, stat ticks of ten milliseconds; not every kernel has the first. */
function cpuSeconds(task: string): number {
  const ran = Number(readProc(`${task}/schedstat`).split(' ')[0]);
  if (ran > 0) return ran / 1e9;
  const fields = statFields(readProc(`${task}/stat`)); // utime and stime are 14 and 15 of the whole line
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_SECONDS;
}

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
