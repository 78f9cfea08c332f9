// What the threads of a server are called, in the kernel too: 15 characters at most (prctl(2), PR_SET_NAME).

import type { Mode } from './options.js';

/** The thread that listens. Each model has another name: by it `inspect` knows the model. */
export const FIRST_THREAD: Record<Mode, string> = {
  iterative: 'server',
  blocking: 'acceptor',
  pool: 'dispatch',
  processes: 'parent',
  evented: 'loop',
  async: 'async-loop',
  completion: 'ring-loop',
};

const WORKER: Partial<Record<Mode, string>> = { blocking: 'conn', pool: 'pool', processes: 'proc' };

/** What a server starts beside its first thread, counted from 1: `conn-3`, of a pool `pool-3`, a process `proc-3`. */
export const workerThreadName = (mode: Mode, serial: number): string => `${WORKER[mode]}-${serial}`;

/** Which of its kind a thread is; 0 where it is the first thread, or no server's. */
export const serialOf = (name: string): number => Number(/^(?:conn|pool|proc)-(\d+)$/.exec(name)?.[1] ?? 0);

/** Whether a thread of this name is a server's own, and none of Node's. */
export function isServerThread(name: string): boolean {
  return Object.values(FIRST_THREAD).includes(name) || serialOf(name) > 0;
}
