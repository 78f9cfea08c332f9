// What one server did during one step of a scenario, computed from its events by the reducer: with each connection, and
// how many threads and connections were doing the same at once.

import { type EventOf, type LifecycleEvent, type SleepCall, wasKilled } from '../../lifecycle/events.js';
import { type Activity, ServerState, type Watcher } from '../../lifecycle/state.js';
import type { FourTuple } from '../../net/four-tuple.js';
import type { ClientMoment } from '../../sources/recording-entry.js';
import { isTrouble, whatHappened } from '../../terminal/words.js';
import { type Interval, mostAtOnce } from '../intervals.js';

/** A sleep or a wait that is shorter than this, in microseconds, is left out: nobody could see it. */
const SHORTEST_SLEEP_US = 1000;
const SHORTEST_WAIT_US = 5000;

/** What happened to one connection during the step. */
export interface Piece {
  readonly id: number;
  /** Where it was accepted during the step. */
  readonly accepted?: { readonly fourTuple: FourTuple; readonly fd: number; readonly at: number };
  /** How long it waited in the accept queue, in microseconds; unknown until its client has reported. */
  readonly waitedUs?: number;
  /** The thread or process that serves it alone: how long its start took, undefined for an idle one. */
  readonly server?: {
    readonly kind: 'thread' | 'process';
    readonly name: string;
    readonly tookUs: number | undefined;
  };
  /** Where a loop watches it. */
  readonly watched?: EventOf<'watching'>;
  readonly request: string | undefined;
  readonly requests: number;
  readonly statuses: readonly number[];
  readonly received: Transfers;
  readonly sent: Transfers;
  /** How often a thread slept in this call for this connection. */
  readonly slept: ReadonlyMap<SleepCall, number>;
  /** How often the poller reported it as ready. */
  readonly ready: number;
  /** The longest time in which a thread worked for its request without a sleep, in microseconds. */
  readonly worked: { readonly us: number; readonly thread: string };
  readonly peerClosed: boolean;
  readonly closed?: EventOf<'closed'>;
  readonly trouble: readonly string[];
}

/** Reads of a connection, or sends. */
export interface Transfers {
  readonly calls: number;
  readonly bytes: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Building = Mutable<Omit<Piece, 'slept'>> & { readonly slept: Map<SleepCall, number> };

/** How many at once, at the most. */
export interface AtOnce {
  /** Threads, by the call that they slept in. */
  readonly asleep: ReadonlyMap<SleepCall, number>;
  /** Connections whose request asked the server to wait, and which a loop keeps a timer for. */
  readonly timers: number;
  /** Connections that the kernel had connected and the server had not accepted. */
  readonly queued: number;
}

export class ServerStep {
  /** At the end of what was taken so far, of this step and of those before it. */
  readonly #state = new ServerState();
  /** By the client's port: when it was connected, and when the server accepted it. */
  readonly #connectedAt = new Map<number, number>();
  readonly #acceptedAt = new Map<number, number>();
  #from = Number.NEGATIVE_INFINITY;
  #pieces = new Map<number, Building>();
  #asleep = new Map<SleepCall, Interval[]>();
  #timers: Interval[] = [];
  #killed: string[] = [];
  #missingBefore = 0;
  #stopping = false;

  /** The stop is no part of the scenario: what comes after it is left out. */
  take(event: LifecycleEvent): void {
    this.#stopping ||= event.event === 'stopped' || (event.event === 'resumed' && event.wokenBy === 'stop');
    if (this.#stopping) return;
    this.#state.apply(event, this.#watcher);
    if (wasKilled(event)) this.#killed.push(whatHappened(event, true));
    if ('connection' in event && event.connection) this.#note(this.#piece(event.connection), event);
  }

  /** The clients' side, which alone knows how long a connection waited to be accepted. */
  takeMoments(moments: readonly ClientMoment[]): void {
    for (const { event, at, fourTuple } of moments) {
      if (event === 'connected' && fourTuple !== undefined) this.#connectedAt.set(fourTuple[1], at);
    }
  }

  /** What comes from now on belongs to the next step, which began at this time. */
  next(at: number): void {
    this.#from = at;
    this.#pieces = new Map();
    this.#asleep = new Map();
    this.#timers = [];
    this.#killed = [];
    this.#missingBefore = this.#state.counts.eventsMissing;
  }

  /** Connections to which something happened, in the order of their ids. */
  get pieces(): Piece[] {
    return [...this.#pieces.values()]
      .filter(isNews)
      .sort((a, b) => a.id - b.id)
      .map((piece) => ({ ...piece, ...this.#waited(piece) }));
  }

  /** What still lasts counts until this time. */
  atOnce(until: number): AtOnce {
    const asleep = new Map([...this.#asleep].map(([call, intervals]) => [call, [...intervals]]));
    for (const { activity } of this.#state.threads.values()) this.#addSleep(asleep, activity, until);
    const timers = [...this.#timers];
    for (const { stage, since } of this.#state.connections.values())
      if (stage === 'sleeping' && this.#hasLoop) timers.push({ from: since, to: until });
    return {
      asleep: new Map([...asleep].map(([call, intervals]) => [call, mostAtOnce(intervals)])),
      timers: mostAtOnce(timers),
      queued: mostAtOnce(this.#queued(until)),
    };
  }

  /** Processes of the server that a signal has ended. */
  get killed(): readonly string[] {
    return this.#killed;
  }

  /** Events that never came, because there were too many. */
  get eventsMissing(): number {
    return this.#state.counts.eventsMissing - this.#missingBefore;
  }

  readonly #watcher: Watcher = {
    activityEnded: ({ activity, name, tid }, to) => {
      this.#addSleep(this.#asleep, activity, to);
      const { connection, doing, call, since } = activity;
      if (connection === undefined) return;
      const piece = this.#piece(connection);
      if (doing === 'asleep') piece.slept.set(call!, (piece.slept.get(call!) ?? 0) + 1);
      // What an acceptor does for a connection does not count as work for its request.
      const serves = piece.request !== undefined && this.#state.connections.get(connection)?.tid === tid;
      // Without its sleeps, as in the portable engine, a thread seems to have worked on since its last event.
      const us = to - Math.max(since, piece.accepted?.at ?? since);
      if (doing === 'working' && serves && us > piece.worked.us) piece.worked = { us, thread: name };
    },
    stageEnded: ({ stage, since }, to) => {
      if (stage === 'sleeping' && this.#hasLoop) this.#timers.push({ from: since, to });
    },
  };

  get #hasLoop(): boolean {
    return this.#state.interestList.length > 0;
  }

  #addSleep(asleep: Map<SleepCall, Interval[]>, { doing, call, since }: Activity, to: number): void {
    if (doing !== 'asleep' || to - since < SHORTEST_SLEEP_US) return;
    const intervals = asleep.get(call!) ?? [];
    asleep.set(call!, intervals);
    intervals.push({ from: Math.max(since, this.#from), to });
  }

  #piece(id: number): Building {
    const piece = this.#pieces.get(id) ?? {
      id,
      request: undefined,
      requests: 0,
      statuses: [],
      received: { calls: 0, bytes: 0 },
      sent: { calls: 0, bytes: 0 },
      slept: new Map(),
      ready: 0,
      worked: { us: 0, thread: '' },
      peerClosed: false,
      trouble: [],
    };
    this.#pieces.set(id, piece);
    return piece;
  }

  #note(piece: Building, event: LifecycleEvent): void {
    if (isTrouble(event)) piece.trouble = [...piece.trouble, whatHappened(event, true)];
    switch (event.event) {
      case 'accepted':
        piece.accepted = event;
        this.#acceptedAt.set(event.fourTuple[1], event.at);
        return;
      case 'thread-started':
        piece.server = {
          kind: event.pid === undefined ? 'thread' : 'process',
          name: event.thread,
          tookUs: event.tookUs,
        };
        return;
      case 'thread-reused':
        piece.server = { kind: 'thread', name: event.thread, tookUs: undefined };
        return;
      case 'watching':
        piece.watched ??= event;
        return;
      case 'ready':
        piece.ready++;
        return;
      case 'received':
        piece.received = more(piece.received, event.bytes);
        return;
      case 'request':
        piece.requests++;
        piece.request = this.#requestOf(piece.id);
        return;
      case 'bad-request':
        piece.requests++;
        piece.trouble = [...piece.trouble, whatHappened(event, true)];
        return;
      case 'sent':
        piece.sent = more(piece.sent, event.bytes);
        piece.request ??= this.#requestOf(piece.id); // it came during an earlier step
        if (event.status !== undefined) piece.statuses = [...piece.statuses, event.status];
        return;
      case 'peer-closed':
        piece.peerClosed = true;
        return;
      case 'closed':
        piece.closed = event;
    }
  }

  #requestOf(id: number): string | undefined {
    return this.#state.connections.get(id)?.request;
  }

  #waited({ accepted }: Building): { waitedUs?: number } {
    const connectedAt = accepted && this.#connectedAt.get(accepted.fourTuple[1]);
    return connectedAt === undefined ? {} : { waitedUs: Math.max(0, accepted!.at - connectedAt) };
  }

  #queued(until: number): Interval[] {
    return [...this.#connectedAt].flatMap(([port, connectedAt]) => {
      const from = Math.max(connectedAt, this.#from);
      const to = Math.min(this.#acceptedAt.get(port) ?? until, until);
      return to - from < SHORTEST_WAIT_US ? [] : [{ from, to }];
    });
  }
}

const more = ({ calls, bytes }: Transfers, added: number): Transfers => ({
  calls: calls + 1,
  bytes: bytes + added,
});

const isNews = (piece: Building): boolean =>
  piece.accepted !== undefined ||
  piece.closed !== undefined ||
  piece.request !== undefined ||
  piece.received.calls > 0 ||
  piece.trouble.length > 0;
