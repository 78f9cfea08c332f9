// What the threads of a server are called, in the kernel too: 15 characters at most (prctl(2), PR_SET_NAME).

import type { Mode } from './options.js';

/** The thread that listens. Each model has another name: by it `inspect` knows the model. */
export const FIRST_THREAD: Record<Mode, string> = {
  iterative: 'server',
  blocking: 'acceptor',
  evented: 'loop',
  async: 'async-loop',
  completion: 'ring-loop',
};

/** Whether a thread of this name is a server's own, and none of Node's. */
export function isServerThread(name: string): boolean {
  return Object.values(FIRST_THREAD).includes(name) || /^conn-\d+$/.test(name);
}
