// The processes and threads that strace follows, each with its descriptors, and a name by which events tell them apart.

import { DescriptorTable } from './files.js';

export interface TracedProcess {
  readonly pid: number;
  readonly table: DescriptorTable;
  readonly threads: Set<number>;
  /** Whether it is the one that was started, or attached to. */
  readonly isFirst: boolean;
  readonly startedAt: number;
  /** Whether it or one that it descends from has listened or accepted: the shell that started a server does not serve. */
  serves: boolean;
}

export interface TracedThread {
  readonly tid: number;
  /** `server` is the first; then `thread-1`, and `child-1` for the first thread of another process. */
  readonly name: string;
  /** 0 for the first. */
  readonly serial: number;
  readonly process: TracedProcess;
  readonly startedAt: number;
}

export class Processes {
  readonly #threads = new Map<number, TracedThread>();
  #serial = 0;
  #serving = 0;

  thread(tid: number): TracedThread | undefined {
    return this.#threads.get(tid);
  }

  get hasBegun(): boolean {
    return this.#serial > 0;
  }

  /** How many threads the server has now. */
  get serving(): number {
    return this.#serving;
  }

  /** Its threads count from now on, and those of its children. */
  serves(process: TracedProcess): void {
    if (process.serves) return;
    process.serves = true;
    this.#serving += process.threads.size;
  }

  /** Every process that runs. */
  get all(): TracedProcess[] {
    return [...new Set([...this.#threads.values()].map(({ process }) => process))];
  }

  first(tid: number, at: number): TracedThread {
    const isFirst = this.#serial === 0;
    return this.#add(tid, at, {
      pid: tid,
      table: new DescriptorTable(),
      threads: new Set(),
      isFirst,
      startedAt: at,
      serves: false,
    });
  }

  /** `flags`: the arguments of clone(2) or clone3(2). Without any it is fork(2). */
  born(tid: number, parent: TracedThread, flags: string, at: number): TracedThread {
    if (flags.includes('CLONE_THREAD')) return this.#add(tid, at, parent.process);
    const { table } = parent.process;
    return this.#add(tid, at, {
      pid: tid,
      table: flags.includes('CLONE_FILES') ? table : table.copy(),
      threads: new Set(),
      isFirst: false,
      startedAt: at,
      serves: parent.process.serves,
    });
  }

  /** Gives the process, if this was its last thread and no other process has its descriptors. */
  ended({ tid, process }: TracedThread): TracedProcess | undefined {
    this.#threads.delete(tid);
    process.threads.delete(tid);
    if (process.serves) this.#serving--;
    if (process.threads.size > 0) return undefined;
    const isShared = [...this.#threads.values()].some((each) => each.process.table === process.table);
    return isShared ? undefined : process;
  }

  #add(tid: number, at: number, process: TracedProcess): TracedThread {
    const serial = this.#serial++;
    const isLeader = process.pid === tid;
    const name = serial === 0 ? 'server' : `${isLeader ? 'child' : 'thread'}-${serial}`;
    const thread = { tid, name, serial, process, startedAt: at };
    process.threads.add(tid);
    if (process.serves) this.#serving++;
    this.#threads.set(tid, thread);
    return thread;
  }
}
