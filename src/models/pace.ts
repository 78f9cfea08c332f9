// `--pace`, and the keys of a board: slows a server down until a person can follow it, or stops it before each step.
// Its threads pause, for real. calls.ts says what a step is: a call that takes, moves, watches or ends a connection.

import type { Operation, StepCall } from '../lifecycle/events.js';
import type { Reporter } from '../lifecycle/reporter.js';
import type { ServerMemory, ThreadMemory } from '../lifecycle/server-memory.js';
import { threadCpuMs } from '../posix/system-calls.js';
import { LONGEST_PAUSE_MS, type Pace } from './options.js';

/** One thread's pauses. How long they are, the main thread may change at any time. */
export class Pacer {
  readonly #factor: number | undefined;
  readonly #memory: ServerMemory;
  readonly #shared: ThreadMemory;
  readonly #report: Reporter;
  /** The CPU time of this thread after its last pause, in milliseconds. */
  #wentOnAt: number | undefined;

  constructor(pace: Pace | undefined, memory: ServerMemory, shared: ThreadMemory, report: Reporter) {
    this.#factor = pace !== undefined && 'factor' in pace ? pace.factor : undefined;
    this.#memory = memory;
    this.#shared = shared;
    this.#report = report;
  }

  /** Before this call, or before this operation is submitted. Whether the thread slept. */
  pause(id: number, fd: number, call?: StepCall, operation?: Operation): boolean {
    if (this.#memory.listener < 0) return false; // the listener could not be opened, and that is reported next
    const paused = !this.#memory.stepping && this.#sleep();
    const stopped = this.#memory.stepping && this.#stop(id, fd, call, operation);
    if (this.#factor !== undefined) this.#wentOnAt = threadCpuMs();
    return paused || stopped;
  }

  /** A sleep on the word that a stop changes. It ends at once when the server stops, and then there is no other. */
  #sleep(): boolean {
    const milliseconds = this.#pauseMs();
    if (milliseconds > 0) this.#memory.sleepUntilStop(milliseconds);
    return milliseconds > 0;
  }

  /**
   * With a factor, the pause is the thread's work since its last pause, `factor` times, less the once that it has already
   * taken. Its work is its CPU time, in the kernel too. A thread that sleeps, or has no CPU, does nothing that could be
   * slowed. There is no pause before a thread's first step: until then it only started.
   */
  #pauseMs(): number {
    const milliseconds = this.#memory.pauseMs;
    if (milliseconds >= 0 || this.#factor === undefined) return milliseconds;
    if (this.#wentOnAt === undefined) return 0;
    return Math.min(LONGEST_PAUSE_MS, (threadCpuMs() - this.#wentOnAt) * (this.#factor - 1));
  }

  /** Sleeps until the user lets this thread make its step, or all threads go on, or the server stops. */
  #stop(id: number, fd: number, call?: StepCall, operation?: Operation): boolean {
    const allowed = this.#shared.stepsAllowed; // before anyone can know that the thread has stopped
    if (this.#memory.stopping) return false;
    this.#report.aboutTo(id, fd, call, operation);
    while (this.#memory.stepping && !this.#memory.stopping && this.#shared.stepsAllowed === allowed)
      this.#shared.sleepUntilAllowed(allowed);
    return true;
  }
}
