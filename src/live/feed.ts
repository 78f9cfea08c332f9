// What pages receive from running servers: first what happened lately, then batches of events, and now and then the exact
// totals. A page that opens later, or again, begins with the state that its first event changes.

import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import { ServerState, type StateData } from '../lifecycle/state.js';

const BATCH_EVERY_MS = 50;
const BATCHES_A_SNAPSHOT = 20;
/** Of one server in one batch. Of more than these a page gets the state that they made, and their number. */
const MOST_IN_BATCH = 500;
/** Events of one server that a page can go back to when it comes. */
const REMEMBERED = 5000;

export interface FeedServer {
  readonly name: string;
  readonly mode: string;
  /** The server's own totals, which are exact even if events were lost; undefined where they are not counted. */
  readonly totals?: () => Totals;
}

/** What a page receives. Times are in microseconds on the axis of the events. */
export type Message =
  | { readonly kind: 'begin'; readonly servers: readonly Beginning[] }
  | { readonly kind: 'events'; readonly server: number; readonly events: readonly LifecycleEvent[] }
  /** So many events are left out; this is the state after them. */
  | { readonly kind: 'gap'; readonly server: number; readonly events: number; readonly state: StateData }
  | { readonly kind: 'totals'; readonly now: number; readonly totals: readonly (Totals | undefined)[] };

export interface Beginning {
  readonly name: string;
  readonly mode: string;
  /** Before the first of these events. */
  readonly state: StateData;
  readonly events: readonly LifecycleEvent[];
}

export type Listener = (message: Message) => void;

export class Feed {
  readonly #servers: readonly ServerFeed[];
  readonly #listeners = new Set<Listener>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #batches = 0;

  /** `now` gives the time on the axis of the events. */
  constructor(servers: readonly FeedServer[], now: () => number) {
    this.#servers = servers.map((server) => new ServerFeed(server));
    this.#now = now;
  }

  take(server: number, events: readonly LifecycleEvent[]): void {
    this.#servers[server]!.take(events);
  }

  /** Sends what is there, and then all that follows. Returns a function that ends that. */
  listen(listener: Listener): () => void {
    this.#flush(); // what waits belongs to those who are here
    listener({ kind: 'begin', servers: this.#servers.map((server) => server.beginning) });
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#flush(), BATCH_EVERY_MS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** The last events, for those who listen. */
  close(): void {
    clearInterval(this.#timer);
    this.#flush();
  }

  #flush(): void {
    this.#servers.forEach((server, i) => {
      const message = server.batch(i);
      if (message !== undefined) this.#tell(message);
    });
    if (this.#batches++ % BATCHES_A_SNAPSHOT === 0)
      this.#tell({ kind: 'totals', now: this.#now(), totals: this.#servers.map((server) => server.totals) });
  }

  #tell(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** One server's events: those for a page that opens, and those that wait for the next batch. */
class ServerFeed {
  readonly #server: FeedServer;
  /** After all events. */
  readonly #state = new ServerState();
  /** Before `#kept`. */
  #before = new ServerState();
  #kept: LifecycleEvent[] = [];
  #waiting: LifecycleEvent[] = [];
  #leftOut = 0;

  constructor(server: FeedServer) {
    this.#server = server;
  }

  take(events: readonly LifecycleEvent[]): void {
    for (const event of events) {
      this.#state.apply(event);
      this.#kept.push(event);
      if (this.#waiting.length < MOST_IN_BATCH) this.#waiting.push(event);
      else this.#leftOut++;
    }
    if (this.#kept.length <= 2 * REMEMBERED) return;
    for (const event of this.#kept.splice(0, this.#kept.length - REMEMBERED)) this.#before.apply(event);
  }

  get beginning(): Beginning {
    const { name, mode } = this.#server;
    return { name, mode, state: this.#before.toData(), events: this.#kept };
  }

  get totals(): Totals | undefined {
    return this.#state.stopped ?? this.#server.totals?.();
  }

  batch(server: number): Message | undefined {
    const [events, leftOut] = [this.#waiting, this.#leftOut];
    this.#waiting = [];
    this.#leftOut = 0;
    if (leftOut > 0)
      return { kind: 'gap', server, events: events.length + leftOut, state: this.#state.toData() };
    return events.length === 0 ? undefined : { kind: 'events', server, events };
  }
}
