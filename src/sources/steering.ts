// What a user can do to a running server: change its pace, stop its threads before each step, and let one make it.
// Runs on the main thread, and writes words in the memory that the threads share.

import type { ServerMemory } from '../lifecycle/server-memory.js';
import { formatPace, type Pace } from '../models/options.js';

/** Milliseconds before each step. */
const PAUSES = [0, 50, 100, 200, 500, 1000];

/** The next shorter pause, and the next longer one. A negative one is a factor's, which neither is. */
export const pauseBefore = (ms: number): number => PAUSES.findLast((each) => each < ms) ?? 0;
export const pauseAfter = (ms: number): number => PAUSES.find((each) => each > Math.max(0, ms)) ?? ms;

export class Steering {
  readonly #memory: ServerMemory;
  readonly #pace: Pace;
  readonly #onChange: (pace: string) => void;

  /** `pace` is what the server begins with; `onChange` gets each other one, as `pace-changed` has it. */
  constructor(memory: ServerMemory, pace: Pace | undefined, onChange: (pace: string) => void) {
    this.#memory = memory;
    this.#pace = pace ?? { ms: 0 };
    this.#onChange = onChange;
    memory.pauseMs = 'ms' in this.#pace ? this.#pace.ms : -1;
  }

  get stepping(): boolean {
    return this.#memory.stepping;
  }

  /** Before each step, in milliseconds; -1 where it is the factor of `--pace`. */
  get pauseMs(): number {
    return this.#memory.pauseMs;
  }

  get #paceNow(): string {
    return formatPace(this.pauseMs < 0 ? this.#pace : { ms: this.pauseMs });
  }

  faster(): void {
    this.pauseFor(pauseBefore(this.pauseMs));
  }

  slower(): void {
    this.pauseFor(pauseAfter(this.pauseMs));
  }

  /** Before each step from now on. */
  pauseFor(milliseconds: number): void {
    if (milliseconds === this.pauseMs) return;
    this.#memory.pauseMs = milliseconds;
    if (!this.stepping) this.#onChange(this.#paceNow);
  }

  /** Every thread stops before its next step. */
  stopBeforeSteps(): void {
    this.#memory.stepping = true;
    this.#onChange('step');
  }

  /** The threads go on by themselves, at the pace that was chosen. */
  goOn(): void {
    this.#memory.stepping = false;
    this.#onChange(this.#paceNow);
  }

  /** Lets one thread that has stopped make its step. */
  step(tid: number): void {
    this.#memory.withTid(tid)?.allowStep();
  }
}
