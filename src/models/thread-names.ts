// What the threads of a server are called, in the kernel too: 15 characters at most (prctl(2), PR_SET_NAME).

import { MODES, type Mode, type ServeOptions } from './options.js';

/** The thread that listens. Each model has another name: by it `inspect` knows the model. */
export const FIRST_THREAD: Record<Mode, string> = {
  iterative: 'server',
  blocking: 'acceptor',
  evented: 'loop',
  async: 'async-loop',
};

/** Of the thread with this place in the server's memory; `serial` counts connection threads as they were started. */
export function threadName(
  { mode, loops, workers }: Pick<ServeOptions, 'mode' | 'loops' | 'workers'>,
  index: number,
  serial: number,
): string {
  if (index >= loops && workers > 0) return `compute-${index - loops + 1}`;
  if (loops > 1) return `loop-${index + 1}`;
  return index === 0 ? FIRST_THREAD[mode] : `conn-${serial}`;
}

/** Whether a thread of this name is a server's own, and none of Node's. */
export function isServerThread(name: string): boolean {
  return Object.values(FIRST_THREAD).includes(name) || /^(conn|loop|compute)-\d+$/.test(name);
}

/** The model whose server has threads with these names. */
export function modeOfThreads(names: ReadonlySet<string>): Mode | undefined {
  if (names.has('loop-1')) return 'evented';
  return MODES.find((mode) => names.has(FIRST_THREAD[mode]));
}
