// What several servers did, in one order: their events as they came, and the state of each at any point of that order.
// A point is a number of events. To go a step back is to take one event away.

import type { LifecycleEvent } from '../lifecycle/events.js';
import { firstLater } from '../lifecycle/first-later.js';
import type { ServerState } from '../lifecycle/state.js';
import { StateHistory } from '../lifecycle/state-history.js';

/** Events that are remembered, of all servers together. */
const MOST_EVENTS = 200_000;

/** An event, and whose it is. */
export interface ServerEvent {
  readonly server: number;
  readonly event: LifecycleEvent;
}

export class Timeline {
  readonly #servers: readonly StateHistory[];
  /** Whose each remembered event is. */
  #order: number[] = [];
  /** And when it happened; where an event comes after a later one, when that one did. */
  #times: number[] = [];
  #forgotten = 0;
  /** The number of events of each server among the first `#at` ones. */
  #at = 0;
  readonly #counts: number[];

  constructor(servers: number) {
    this.#servers = Array.from({ length: servers }, () => new StateHistory(MOST_EVENTS));
    this.#counts = this.#servers.map(() => 0);
  }

  add(server: number, event: LifecycleEvent): void {
    this.#servers[server]!.add(event);
    this.#order.push(server);
    this.#times.push(Math.max(event.at, this.#times.at(-1) ?? Number.NEGATIVE_INFINITY));
    if (this.#order.length <= MOST_EVENTS * 1.25) return;
    // Not before the histories have forgotten them too, so that every point from `first` on can be shown.
    const gone = this.#order.length - MOST_EVENTS;
    this.goTo(Math.max(this.#at, this.first + gone));
    this.#order = this.#order.slice(gone);
    this.#times = this.#times.slice(gone);
    this.#forgotten += gone;
  }

  /** Some events of a server are not known; this is its state after them. */
  jump(server: number, state: ServerState): void {
    this.#servers[server]!.jump(state);
  }

  /** The point after the last event that is not later than this moment. */
  pointAt(time: number): number {
    return this.#forgotten + firstLater(this.#times, time, Number);
  }

  /** When the first and the last remembered event happened; undefined where there is none. */
  get span(): { readonly from: number; readonly to: number } | undefined {
    const [from, to] = [this.#times[0], this.#times.at(-1)];
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  get length(): number {
    return this.#forgotten + this.#order.length;
  }

  /** The earliest point that can be shown. */
  get first(): number {
    return this.#forgotten;
  }

  /** The point that is shown, from `first` to `length`. */
  get at(): number {
    return this.#at;
  }

  goTo(point: number): void {
    const wanted = Math.min(Math.max(point, this.first), this.length);
    for (; this.#at < wanted; this.#at++) this.#counts[this.#order[this.#at - this.#forgotten]!]!++;
    for (; this.#at > wanted; this.#at--) this.#counts[this.#order[this.#at - 1 - this.#forgotten]!]!--;
  }

  stateOf(server: number): ServerState {
    return this.#servers[server]!.after(this.#counts[server]!);
  }

  /** The events from one point to a later one, this one included; those that are forgotten are left out. */
  between(from: number, to: number): ServerEvent[] {
    const at = this.#at;
    const found: ServerEvent[] = [];
    for (let point = Math.max(from, this.first) + 1; point <= to; point++) {
      this.goTo(point);
      found.push(this.last!);
    }
    this.goTo(at);
    return found;
  }

  /** The last events of a server before this point. */
  recentOf(server: number, most: number): LifecycleEvent[] {
    return this.#servers[server]!.lastOf(this.#counts[server]!, most);
  }

  /** The event that brought us here, and whose it is; undefined at the beginning. */
  get last(): ServerEvent | undefined {
    const server = this.#order[this.#at - 1 - this.#forgotten];
    if (server === undefined) return undefined;
    const [event] = this.recentOf(server, 1);
    return event && { server, event };
  }
}
