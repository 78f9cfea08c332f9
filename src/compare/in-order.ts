// What all servers did, in one order of time, with the steps of the clients between it. A server's events come a moment after
// they happened, so they are told a moment later too.

import { nowUs } from '../lifecycle/clock.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import type { ScenarioStep } from './comparison.js';
import type { Observer } from './observer.js';

/** So long after a moment all events have come that happened before it. */
const WAIT_US = 150_000;
const TELL_EVERY_MS = 50;

export interface ModeEvent {
  readonly mode: ServerName;
  readonly event: LifecycleEvent;
}

/** The moment up to which everything is known; `zeroUs` is the common clock at 0 of the axis. */
export const knownTo = (zeroUs: number): number => nowUs() - zeroUs - WAIT_US;

export class InOrder {
  readonly #observer: Pick<Observer, 'onEvent' | 'onStep'>;
  #timer: NodeJS.Timeout | undefined;
  #events: ModeEvent[] = [];
  #steps: ScenarioStep[] = [];

  constructor(observer: Pick<Observer, 'onEvent' | 'onStep'>) {
    this.#observer = observer;
  }

  /** Tells the observer from now on. */
  begin(zeroUs: number): void {
    this.#timer = setInterval(() => this.tellUntil(knownTo(zeroUs)), TELL_EVERY_MS);
  }

  addEvents(mode: ServerName, events: readonly LifecycleEvent[]): void {
    for (const event of events) this.#events.push({ mode, event });
  }

  addStep(step: ScenarioStep): void {
    this.#steps.push(step);
  }

  /** Tells what is left: no more will come. */
  end(): void {
    clearInterval(this.#timer);
    this.tellUntil(Number.POSITIVE_INFINITY);
  }

  /** For whoever has no clock that goes on by itself. */
  tellUntil(until: number): void {
    const steps = this.#steps.filter(({ at }) => at <= until);
    this.#steps = this.#steps.slice(steps.length);
    for (const step of steps) {
      this.#tellEventsUntil(step.at);
      this.#observer.onStep?.(step);
    }
    this.#tellEventsUntil(until);
  }

  #tellEventsUntil(until: number): void {
    const taken = this.#events.filter(({ event }) => event.at < until);
    this.#events = this.#events.filter(({ event }) => event.at >= until);
    taken.sort((a, b) => a.event.at - b.event.at); // each server's came in order, but not those of all
    for (const { mode, event } of taken) this.#observer.onEvent?.(mode, event);
  }
}
