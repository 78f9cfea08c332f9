// `--pace`: slows a server down until a person can follow it. Its threads pause, for real, before each of their steps.
// What a step is, calls.ts says: a call that takes, moves, watches or ends a connection, whatever the model.

import type { ServerMemory } from '../lifecycle/server-memory.js';
import { threadCpuMs } from '../posix/system-calls.js';
import { LONGEST_PAUSE_MS, type Pace } from './options.js';

/** One thread's pauses. */
export class Pacer {
  readonly #pace: Pace;
  readonly #memory: ServerMemory;
  /** The CPU time of this thread when it last went on, in milliseconds. */
  #wentOnAt: number | undefined;

  constructor(pace: Pace, memory: ServerMemory) {
    this.#pace = pace;
    this.#memory = memory;
  }

  /** A sleep on the word that a stop changes: it ends at once when the server is to stop, and then there is no other. */
  pause(): void {
    if (this.#memory.listener < 0) return; // it could not open its listener, and is about to say so
    const milliseconds = this.#pauseMs();
    if (milliseconds > 0) this.#memory.sleepUntilStop(milliseconds);
    if ('factor' in this.#pace) this.#wentOnAt = threadCpuMs();
  }

  /**
   * By a factor, the thread's work since its last pause is taken that many times: it has had its time once already.
   * Its work is its CPU time, in the kernel too; while it sleeps in a call, or another has its CPU, it does nothing
   * that could be slowed. A thread's first step has no pause: what it did until then was to start.
   */
  #pauseMs(): number {
    if ('ms' in this.#pace) return this.#pace.ms;
    if (this.#wentOnAt === undefined) return 0;
    return Math.min(LONGEST_PAUSE_MS, (threadCpuMs() - this.#wentOnAt) * (this.#pace.factor - 1));
  }
}
