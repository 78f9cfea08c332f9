// What all servers did, in one order of time, and the steps of the clients between it. A server's events come a moment after
// they happened, so whatever shows them waits a moment too.

import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import type { ScenarioStep } from './comparison.js';

/** So long after a moment all events have come that happened before it. */
const WAIT_US = 150_000;

export interface ModeEvent {
  readonly mode: ServerName;
  readonly event: LifecycleEvent;
}

/** Events in the order of time, and the step that follows them; the last stretch has none. */
export interface Stretch {
  readonly events: readonly ModeEvent[];
  readonly step?: ScenarioStep;
}

export class InOrder {
  #events: ModeEvent[] = [];
  #steps: ScenarioStep[] = [];
  /** The common clock at 0 of the time axis; before the clients begin there is none. */
  zeroUs = Number.POSITIVE_INFINITY;

  addEvents(mode: ServerName, events: readonly LifecycleEvent[]): void {
    for (const event of events) this.#events.push({ mode, event });
  }

  addStep(step: ScenarioStep): void {
    this.#steps.push(step);
  }

  /** Events that came so far are not shown. */
  forgetEvents(): void {
    this.#events = [];
  }

  /** The moment up to which everything is known. */
  get knownTo(): number {
    return nowUs() - this.zeroUs - WAIT_US;
  }

  /** What happened before this moment; the rest stays. */
  takeUntil(until: number): Stretch[] {
    const steps = this.#steps.filter(({ at }) => at <= until);
    this.#steps = this.#steps.slice(steps.length);
    return [
      ...steps.map((step) => ({ events: this.#takeEvents(step.at), step })),
      { events: this.#takeEvents(until) },
    ];
  }

  #takeEvents(until: number): ModeEvent[] {
    const taken = this.#events.filter(({ event }) => event.at < until);
    this.#events = this.#events.filter(({ event }) => event.at >= until);
    return taken.sort((a, b) => a.event.at - b.event.at); // each server's came in order, but not those of all
  }
}
