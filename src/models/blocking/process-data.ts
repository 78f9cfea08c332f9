// What the parent, the main thread and a child process agree on: the parts of their memory, and what a child is given.

import type { ThreadData } from '../server-thread.js';

/** The parts of the memory: the first is the parent's, then the main thread's, then one for each process. */
export const MAIN_PART = 1;
export const FIRST_PROCESS_PART = 2;

/** The descriptors that a child is started with, by their numbers there: its connection or the listener, the memory. */
export const SOCKET_FD = 3;
export const MEMORY_FD = 4;
/** The environment variable with its data, as JSON. */
export const DATA = 'EVENTED_DEMO_PROCESS';

/** What the parent asks the main thread for, which starts the processes and hears of their ends. */
export interface StartProcess {
  /** Of the memory. */
  readonly part: number;
  /** Whether it accepts for itself: then it is given the listener, otherwise the connection in its part. */
  readonly accepts: boolean;
}

export interface ProcessData extends ThreadData {
  /** The process id of its parent. */
  readonly parent: number;
  readonly accepts: boolean;
}
