// `--pace`: slows a server down until a person can follow it. Its threads pause, for real, before each of their steps.
// Beside posix/strace.ts the only thing that may stand between a server and the kernel; without the flag nothing does.

import type { CloseReason } from '../lifecycle/events.js';
import type { ServerMemory } from '../lifecycle/server-memory.js';
import { Teller } from '../lifecycle/teller.js';
import type { Connection } from '../net/connection.js';
import { type SystemCalls, threadCpuMs } from '../posix/system-calls.js';
import { LONGEST_PAUSE_MS, type Pace } from './options.js';

/**
 * What a step is, for every model: a call that takes, moves, watches or ends a connection. So the rule knows nothing of
 * threads and loops, and a model that makes more of these calls takes longer, as it should. Opening the listener and
 * asking the kernel for an address or setting a timeout on a socket are no steps: nobody is told of them. Nor are the
 * sleep that a request asked for and a thread's wait for work: those are slow enough to see.
 */
const STEPS = ['accept4', 'recv', 'send', 'shutdown', 'close', 'epoll_ctl', 'epoll_wait'] as const;

/** One thread's pauses. */
export class Pacer {
  readonly #pace: Pace;
  readonly #memory: ServerMemory;
  /** A step has begun, and has had its pause. */
  #inStep = false;
  /** The CPU time of this thread when it last went on, in milliseconds. */
  #wentOnAt: number | undefined;

  constructor(pace: Pace, memory: ServerMemory) {
    this.#pace = pace;
    this.#memory = memory;
  }

  /** The pause comes before all that is told of a step, so that none is told as a sleep in a call. */
  beginStep(): void {
    this.#pause();
    this.#inStep = true;
  }

  endStep(): void {
    this.#inStep = false;
  }

  /** The same calls, each with its pause. Nothing runs between a call and its errno. */
  slowDown(calls: SystemCalls): SystemCalls {
    const slow =
      <A extends unknown[]>(call: (...args: A) => number) =>
      (...args: A): number => {
        if (!this.#inStep) this.#pause();
        return call(...args);
      };
    const paced = STEPS.map((name) => [name, slow(calls[name] as (...args: unknown[]) => number)]);
    return { ...calls, ...Object.fromEntries(paced) };
  }

  /** A sleep on the word that a stop changes: it ends at once when the server is to stop, and then there is no other. */
  #pause(): void {
    if (this.#memory.listeningAt === 0) return; // it could not open its listener, and is about to say so
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

/** Lets the pause of a step come before what is told or counted ahead of its call. */
export class PacedTeller extends Teller {
  readonly #pacer: Pacer;

  constructor(pacer: Pacer, ...rest: ConstructorParameters<typeof Teller>) {
    super(...rest);
    this.#pacer = pacer;
  }

  override blocked(...[call, ...rest]: Parameters<Teller['blocked']>): number {
    if (call !== 'futex' && call !== 'clock_nanosleep') this.#pacer.beginStep();
    this.countSleeps(); // the pause was one
    return super.blocked(call, ...rest);
  }

  override resumed(...about: Parameters<Teller['resumed']>): void {
    this.#pacer.endStep();
    super.resumed(...about);
  }

  override closing(): void {
    this.#pacer.beginStep();
    super.closing();
  }

  override closed(connection: Connection, reason: CloseReason): void {
    this.#pacer.endStep();
    super.closed(connection, reason);
  }
}
