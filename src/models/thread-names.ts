// What the threads of a server are called, in the kernel too: 15 characters at most (prctl(2), PR_SET_NAME).

import { MODES, type Mode, type ServeOptions } from './options.js';

/** The thread that listens. Each model has another name: by it `inspect` knows the model. */
const FIRST_THREAD: Record<Mode, string> = {
  iterative: 'server',
  blocking: 'acceptor',
  pool: 'dispatch',
  processes: 'parent',
  evented: 'loop',
  async: 'async-loop',
  completion: 'ring-loop',
};

const WORKER: Partial<Record<Mode, string>> = { blocking: 'conn', pool: 'pool', processes: 'proc' };

/**
 * Of the thread with this place in the server's memory. `serial` counts, from 1, those that are started to serve connections:
 * `conn-3`, of a pool `pool-3`, a process `proc-3`. It is 0 for the others.
 */
export function threadName(
  { mode, loops, workers }: Pick<ServeOptions, 'mode' | 'loops' | 'workers'>,
  index: number,
  serial: number,
): string {
  if (serial > 0) return `${WORKER[mode]}-${serial}`;
  if (index >= loops && workers > 0) return `compute-${index - loops + 1}`;
  if (loops > 1) return `loop-${index + 1}`;
  return index === 0 ? FIRST_THREAD[mode] : 'main'; // which has a part of its own where it starts processes
}

/** The names of a model's threads, without their numbers. */
export const threadKinds = (mode: Mode): string[] => [
  FIRST_THREAD[mode],
  ...(WORKER[mode] === undefined ? [] : [WORKER[mode]]),
  ...(mode === 'evented' ? ['compute'] : []),
];

/** Which of its kind a thread is; 0 where it is the only one, or no server's. */
export const serialOf = (name: string): number =>
  Number(/^(?:conn|pool|proc|loop|compute)-(\d+)$/.exec(name)?.[1] ?? 0);

/** Whether a thread of this name is a server's own, and none of Node's. */
export function isServerThread(name: string): boolean {
  return Object.values(FIRST_THREAD).includes(name) || serialOf(name) > 0;
}

/** The model whose server has threads with these names. */
export function modeOfThreads(names: ReadonlySet<string>): Mode | undefined {
  if (names.has('loop-1')) return 'evented';
  return MODES.find((mode) => names.has(FIRST_THREAD[mode]));
}
