// `--pace`: slows a server down until a person can follow it. Its threads pause, for real, before each of their steps.
// calls.ts says what a step is: a call that takes, moves, watches or ends a connection, in every model.

import type { ServerMemory } from '../lifecycle/server-memory.js';
import { threadCpuMs } from '../posix/system-calls.js';
import { LONGEST_PAUSE_MS, type Pace } from './options.js';

/** One thread's pauses. */
export class Pacer {
  readonly #pace: Pace;
  readonly #memory: ServerMemory;
  /** The CPU time of this thread after its last pause, in milliseconds. */
  #wentOnAt: number | undefined;

  constructor(pace: Pace, memory: ServerMemory) {
    this.#pace = pace;
    this.#memory = memory;
  }

  /** A sleep on the word that a stop changes. It ends at once when the server stops, and then there is no other. */
  pause(): void {
    if (this.#memory.listener < 0) return; // the listener could not be opened, and that is reported next
    const milliseconds = this.#pauseMs();
    if (milliseconds > 0) this.#memory.sleepUntilStop(milliseconds);
    if ('factor' in this.#pace) this.#wentOnAt = threadCpuMs();
  }

  /**
   * With a factor, the pause is the thread's work since its last pause, `factor` times, less the once that it has already
   * taken. Its work is its CPU time, in the kernel too. A thread that sleeps, or has no CPU, does nothing that could be
   * slowed. There is no pause before a thread's first step: until then it only started.
   */
  #pauseMs(): number {
    if ('ms' in this.#pace) return this.#pace.ms;
    if (this.#wentOnAt === undefined) return 0;
    return Math.min(LONGEST_PAUSE_MS, (threadCpuMs() - this.#wentOnAt) * (this.#pace.factor - 1));
  }
}
