// Adds `advice` to the events of a server. Each rule speaks once: a second time teaches nothing.
// Without I/O; live-adviser.ts lets time pass where no event comes.

import type { EventOf, LifecycleEvent } from '../lifecycle/events.js';
import { ServerState } from '../lifecycle/state.js';
import type { Advice, Rule } from './rule.js';
import { RULES } from './rules.js';

/** How often the rules look at the time, in microseconds of the events. */
const EVERY_US = 250_000;

export class Adviser {
  readonly #state = new ServerState();
  /** Those that have found nothing yet. */
  readonly #rules = new Map<string, Rule>(Object.entries(RULES).map(([name, make]) => [name, make()]));
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** The same events, each followed by the advice that it gives rise to. Nothing comes behind `stopped`. */
  take(events: readonly LifecycleEvent[]): LifecycleEvent[] {
    return events.flatMap((event): LifecycleEvent[] => {
      this.#state.apply(event);
      const isTime = event.event === 'stopped' || event.at - this.#lookedAt >= EVERY_US;
      const found = [
        ...this.#ask(event.at, (rule) => rule.take?.(event, this.#state)),
        ...(isTime ? this.timePassed(event.at) : []),
      ];
      return event.event === 'stopped' ? [...found, event] : [event, ...found];
    });
  }

  timePassed(at: number): EventOf<'advice'>[] {
    this.#lookedAt = Math.max(this.#lookedAt, at);
    return this.#ask(at, (rule) => rule.timePassed?.(at, this.#state));
  }

  #ask(at: number, judge: (rule: Rule) => Advice | undefined): EventOf<'advice'>[] {
    const advice: EventOf<'advice'>[] = [];
    for (const [name, rule] of this.#rules) {
      const finding = judge(rule);
      if (finding === undefined) continue;
      this.#rules.delete(name);
      advice.push({
        at: Math.round(at),
        thread: 'main',
        tid: process.pid,
        event: 'advice',
        rule: name,
        ...finding,
      });
    }
    return advice;
  }
}
