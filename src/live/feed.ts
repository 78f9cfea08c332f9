// What pages receive from running servers: first what happened lately, then batches of events, and now and then the exact
// totals. A page that opens later, or again, begins with the state that its first event changes.

import type { PaceControl } from '../board/playback.js';
import type { ClientsStep, NumberedStep } from '../board/step-title.js';
import type { ServerEvent } from '../board/timeline.js';
import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import { ServerState, type StateData } from '../lifecycle/state.js';

const BATCH_EVERY_MS = 50;
const BATCHES_A_SNAPSHOT = 20;
/** Of one server in one batch. Of more than these a page gets the state that they made, and their number. */
const MOST_IN_BATCH = 500;
/** Steps that a page can go back to when it comes: a server that is open to everyone may run for days. */
export const MOST_STEPS = 1000;
/** Events of one server that a page can go back to when it comes. */
const REMEMBERED = 5000;

export interface FeedServer {
  readonly name: string;
  readonly mode: string;
  /** The server's own totals, which are exact even if events were lost; undefined where they are not counted. */
  readonly totals?: () => Totals;
}

/** What a page hears. Times are in microseconds on the axis of the events. */
export type Message =
  | {
      readonly kind: 'begin';
      readonly servers: readonly Beginning[];
      readonly steps: readonly NumberedStep[];
      /** What the page can ask for: it is requested of every server. */
      readonly targets: readonly string[];
      /** The servers have stopped. */
      readonly ended: boolean;
    }
  | { readonly kind: 'events'; readonly events: readonly ServerEvent[] }
  | { readonly kind: 'step'; readonly step: NumberedStep }
  | { readonly kind: 'ended' }
  /** So many events are left out; this is the state after them. */
  | { readonly kind: 'gap'; readonly server: number; readonly events: number; readonly state: StateData }
  | {
      readonly kind: 'totals';
      readonly now: number;
      readonly totals: readonly (Totals | undefined)[];
      /** Where pages can change it. */
      readonly pace: Pick<PaceControl, 'stepping' | 'pauseMs'> | undefined;
    };

export interface Beginning {
  readonly name: string;
  readonly mode: string;
  /** Before the first of these events. */
  readonly state: StateData;
  readonly events: readonly LifecycleEvent[];
}

export type OnMessage = (message: Message) => void;

export class Feed {
  /** See `begin`. */
  readonly targets: readonly string[];
  readonly #servers: readonly ServerFeed[];
  readonly #listeners = new Set<OnMessage>();
  readonly #now: () => number;
  readonly #pace: () => PaceControl | undefined;
  /** The newest ones. */
  readonly #steps: NumberedStep[] = [];
  #stepped = 0;
  /** For the next batch, in the order in which they were taken. */
  #waiting: ServerEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #batches = 0;
  #ended = false;

  /** `now` gives the time on the axis of the events; `pace` that of the servers, where pages can change it. */
  constructor(
    servers: readonly FeedServer[],
    now: () => number,
    targets: readonly string[] = [],
    pace: () => PaceControl | undefined = () => undefined,
  ) {
    this.#servers = servers.map((server) => new ServerFeed(server));
    this.#now = now;
    this.targets = targets;
    this.#pace = pace;
  }

  get isPaced(): boolean {
    return this.#pace() !== undefined;
  }

  /** Of its servers. */
  get models(): string[] {
    return this.#servers.map(({ mode }) => mode);
  }

  /** Events of several servers come in one order where they are taken in it. */
  take(server: number, events: readonly LifecycleEvent[]): void {
    for (const event of events) if (this.#servers[server]!.take(event)) this.#waiting.push({ server, event });
  }

  /** It comes before the events that are taken after it. */
  step({ at, text }: ClientsStep): void {
    this.#flush();
    const step = { at, text, number: ++this.#stepped };
    this.#steps.push(step);
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
    this.#tell({ kind: 'step', step });
  }

  /** Whether this is a change of pace, and somebody can make it. */
  changePace(change: string | null): boolean {
    const pace = this.#pace();
    if (pace === undefined || (change !== 'faster' && change !== 'slower')) return false;
    pace[change]();
    this.#tell(this.#totals);
    return true;
  }

  /** Sends what is there, and then all that follows. Returns a function that ends that. */
  listen(listener: OnMessage): () => void {
    this.#flush(); // what waits belongs to those who are here
    listener({
      kind: 'begin',
      servers: this.#servers.map((server) => server.beginning),
      steps: this.#steps,
      targets: this.targets,
      ended: this.#ended,
    });
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#flush(), BATCH_EVERY_MS);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** The servers have stopped: the last events, for those who listen. */
  end(): void {
    if (this.#ended) return;
    this.#flush();
    this.#ended = true;
    this.#tell({ kind: 'ended' });
  }

  close(): void {
    this.end();
    clearInterval(this.#timer);
  }

  #flush(): void {
    if (this.#ended) return;
    const gaps = this.#servers.map((server, i) => server.takeGap(i));
    const events = this.#waiting.filter(({ server }) => gaps[server] === undefined);
    this.#waiting = [];
    if (events.length > 0) this.#tell({ kind: 'events', events });
    for (const gap of gaps) if (gap !== undefined) this.#tell(gap);
    if (this.#batches++ % BATCHES_A_SNAPSHOT === 0) this.#tell(this.#totals);
  }

  get #totals(): Message {
    const pace = this.#pace();
    return {
      kind: 'totals',
      now: this.#now(),
      totals: this.#servers.map((server) => server.totals),
      pace: pace && { stepping: pace.stepping, pauseMs: pace.pauseMs },
    };
  }

  #tell(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** One server's events: those that a page that comes is given, and how many wait for the next batch. */
class ServerFeed {
  readonly #server: FeedServer;
  /** After all events. */
  readonly #state = new ServerState();
  /** Before `#kept`. */
  #before = new ServerState();
  #kept: LifecycleEvent[] = [];
  #inBatch = 0;

  constructor(server: FeedServer) {
    this.#server = server;
  }

  /** Whether the next batch has room for it. */
  take(event: LifecycleEvent): boolean {
    this.#state.apply(event);
    this.#kept.push(event);
    if (this.#kept.length > 2 * REMEMBERED)
      for (const old of this.#kept.splice(0, REMEMBERED)) this.#before.apply(old);
    return ++this.#inBatch <= MOST_IN_BATCH;
  }

  get mode(): string {
    return this.#server.mode;
  }

  get beginning(): Beginning {
    const { name, mode } = this.#server;
    return { name, mode, state: this.#before.toData(), events: this.#kept };
  }

  get totals(): Totals | undefined {
    return this.#state.stopped ?? this.#server.totals?.();
  }

  /** The batch ends: what comes in the place of its events where they were too many. */
  takeGap(server: number): Message | undefined {
    const events = this.#inBatch;
    this.#inBatch = 0;
    if (events <= MOST_IN_BATCH) return undefined;
    return { kind: 'gap', server, events, state: this.#state.toData() };
  }
}
