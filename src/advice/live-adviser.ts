// An adviser beside a server that runs: a server that hangs makes no calls, and yet there is something to say.

import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { Adviser } from './adviser.js';

const EVERY_MS = 250;
/** Events come so late at most, in microseconds: advice must not come before what it is about. */
const LATE_US = 100_000;

export class LiveAdviser {
  readonly #adviser = new Adviser();
  readonly #onEvents: (events: readonly LifecycleEvent[]) => void;
  readonly #timer: NodeJS.Timeout;
  /** The common clock at `at` 0. */
  #zeroUs: number | undefined;

  constructor(onEvents: (events: readonly LifecycleEvent[]) => void) {
    this.#onEvents = onEvents;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  readonly take = (events: readonly LifecycleEvent[]): void => {
    this.#zeroUs ??= events.find((event) => event.event === 'listening')?.monotonicUs;
    this.#onEvents(this.#adviser.take(events));
  };

  /** When the server has ended. */
  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#zeroUs === undefined) return;
    const advice = this.#adviser.timePassed(nowUs() - this.#zeroUs - LATE_US);
    if (advice.length > 0) this.#onEvents(advice);
  }
}
