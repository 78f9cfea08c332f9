// What a server is doing at one moment, computed from its events: threads, connections, interest list, totals.
// Pure and without I/O, for the terminal and the browser alike; every view that needs more than the last event uses it.

import { clientName } from '../http/connection-page.js';
import type { FourTuple } from '../net/four-tuple.js';
import type {
  CloseReason,
  EventOf,
  LifecycleEvent,
  Listening,
  Operation,
  SleepCall,
  Totals,
} from './events.js';

/**
 * `idle`: asleep until there is a connection to serve. `starting`: asked for, and not running yet. `stopped`: asleep before a
 * step, until the user lets it make it.
 */
export type Doing = 'starting' | 'working' | 'asleep' | 'idle' | 'stopped' | 'ended';

/** What a thread does, from `since` on, in microseconds on the axis of the events. */
export interface Activity {
  readonly doing: Doing;
  readonly since: number;
  /** What it sleeps in, and the descriptor where that call has one. */
  readonly call: SleepCall | undefined;
  readonly fd: number | undefined;
  /** The connection that it works for or waits for; undefined where it is none in particular. */
  readonly connection: number | undefined;
  /** Where it has stopped: the step that comes next. */
  readonly next?: Pick<EventOf<'about-to'>, 'call' | 'operation'>;
}

export interface ThreadState {
  readonly name: string;
  readonly tid: number;
  activity: Activity;
  /** The time of its last event. */
  lastAt: number;
  last: LifecycleEvent;
}

/**
 * Where a connection stands. `queued`: accepted, but no thread has taken it. `receiving`: the server waits for a request.
 * `sleeping`: the request asked the server to wait. `computing`: a worker computes for it, or will when one is free. `answered`: the reply is out; a next request or the close follows.
 * `lingering`: the server drops what the client still sends.
 */
export type Stage =
  | 'queued'
  | 'receiving'
  | 'answering'
  | 'sleeping'
  | 'computing'
  | 'sending'
  | 'answered'
  | 'lingering'
  | 'left-open'
  | 'closed';

export interface ConnectionState {
  readonly id: number;
  /** In the process that has it: the child's own number, once a connection was given to a process of its own. */
  fd: number;
  /** Undefined where it is the server's own process. */
  pid: number | undefined;
  /** Unknown where the event of its accept was lost. */
  fourTuple: FourTuple | undefined;
  /** The thread that reported on it last, by its tid. */
  tid: number;
  stage: Stage;
  since: number;
  /** When it was accepted; where that event was lost, when it was first heard of. */
  acceptedAt: number;
  closedAt: number | undefined;
  /** Unknown where the event of its close was lost. */
  reason: CloseReason | undefined;
  /** The last request: `GET /`. */
  request: string | undefined;
  /** The name that its client has given itself. */
  client: string | undefined;
  requests: number;
  bytesIn: number;
  bytesOut: number;
  /** Undefined where it is not on the interest list. */
  watched: Interest | undefined;
  /** What the kernel was asked to do on it and has not done yet, in the order in which it was asked. */
  inFlight: readonly Operation[];
  /** Whether the send that completes the reply is marked by a `status`; after a bad request the server lingers. */
  reply: 'marked' | 'unmarked' | 'bad request' | undefined;
}

/** What a descriptor is on the interest list for. */
export interface Interest {
  readonly interest: string;
  /** What the poller reported last, and when. */
  readonly readiness: string | undefined;
  readonly readyAt: number | undefined;
}

/** An entry of the interest list; without a connection it is the listener's. */
export interface Watched extends Interest {
  readonly fd: number;
  readonly connection: number | undefined;
}

/** What is in flight on a descriptor; without a connection it is the listener. */
export interface InFlight {
  readonly fd: number;
  readonly connection: number | undefined;
  readonly operations: readonly Operation[];
}

/**
 * Hears of each stretch of time that an event ends. A later event can say more about the past: work is known to have been
 * for a connection when its result is reported, so the next activity's `since` may be before the event.
 */
export interface Watcher {
  /** `thread.activity` lasted until `to`. */
  readonly activityEnded: (thread: ThreadState, to: number) => void;
  /** `connection.stage` lasted until `to`. */
  readonly stageEnded: (connection: ConnectionState, to: number) => void;
}

/** A state as plain data. */
export interface StateData {
  readonly at?: number;
  readonly listening: Listening | undefined;
  readonly stopped: Totals | undefined;
  readonly threads: readonly ThreadState[];
  readonly endedThreads: readonly ThreadState[];
  readonly connections: readonly ConnectionState[];
  readonly closedConnections: readonly ConnectionState[];
  readonly holders: readonly (readonly [fd: string | number, connection: number])[];
  readonly others: readonly (readonly [fd: number, watched: Interest])[];
  readonly inFlightOnOthers: readonly (readonly [fd: number, operations: readonly Operation[]])[];
  readonly counts: ServerState['counts'];
}

const NOBODY: Watcher = { activityEnded: () => {}, stageEnded: () => {} };

const NOTHING: readonly Operation[] = [];

/** The thread that reports for the others; it serves nobody. */
const NARRATOR = 'main';
/** First threads that serve nobody: they hand each connection to another, and wait in futex(2) for a free one. */
const isAcceptor = (thread: string): boolean => ['acceptor', 'dispatch', 'parent'].includes(thread);
/** How many closed connections and ended threads a state remembers. */
const REMEMBERED = 100;

/**
 * The state of one server. Its readers must not change it; `clone` makes a copy that can be kept.
 *
 * It copes with lost events, unknown ones, and connections whose accept it has not seen. A descriptor that is accepted again
 * proves that its last connection was closed, so entries that missed their `closed` do not pile up.
 */
export class ServerState {
  /** The time of the latest event, in microseconds. */
  at = Number.NEGATIVE_INFINITY;
  listening: Listening | undefined;
  /** The server's own totals, once it has stopped. */
  stopped: Totals | undefined;
  /** Those that run, by tid, and the last ones that ended. */
  readonly threads = new Map<number, ThreadState>();
  readonly endedThreads = new Map<number, ThreadState>();
  /** Those that are open, by id in the order of accept, and the last ones that were closed. */
  readonly connections = new Map<number, ConnectionState>();
  readonly closedConnections = new Map<number, ConnectionState>();
  /** Counted from the events, so lost events make them too low; `stopped` has the server's own, exact ones. */
  readonly counts = {
    accepted: 0,
    closed: 0,
    requests: 0,
    bytesIn: 0,
    bytesOut: 0,
    refused: 0,
    peakConnections: 0,
    peakThreads: 0,
    /** Those that an acceptor started. */
    threadsStarted: 0,
    /** Events that were lost: no room in a ring, or a slow reader. */
    eventsMissing: 0,
  };
  /** Who had a descriptor last. Its entry is never deleted: a Map gets slow where one key comes and goes. */
  readonly #holders = new Map<string | number, number>();
  /** Interest in descriptors that are no connection's, and what is in flight on them. */
  readonly #others = new Map<number, Interest>();
  readonly #inFlightOnOthers = new Map<number, readonly Operation[]>();

  /** Accepted connections that no thread has taken yet, in the order of accept. */
  get queue(): ConnectionState[] {
    return [...this.connections.values()].filter(({ stage }) => stage === 'queued');
  }

  /** What the poller watches, the listener first. */
  get interestList(): Watched[] {
    const others = [...this.#others].map(([fd, watched]) => ({ fd, connection: undefined, ...watched }));
    const connections = [...this.connections.values()].flatMap(({ id, fd, watched }) =>
      watched === undefined ? [] : [{ fd, connection: id, ...watched }],
    );
    return [...others, ...connections];
  }

  /** What is in flight: with io_uring it takes the place of the interest list. The listener first. */
  get inFlight(): InFlight[] {
    const others = [...this.#inFlightOnOthers].map(([fd, operations]) => ({
      fd,
      connection: undefined,
      operations,
    }));
    const connections = [...this.connections.values()].map(({ id, fd, inFlight }) => ({
      fd,
      connection: id,
      operations: inFlight,
    }));
    return [...others, ...connections].filter(({ operations }) => operations.length > 0);
  }

  /** The name that a connection's client has given itself; unknown where the connection is forgotten. */
  clientOf(connection: number): string | undefined {
    return (this.connections.get(connection) ?? this.closedConnections.get(connection))?.client;
  }

  /** The names of the clients that are here or were here lately, the latest first, each once. */
  get clients(): string[] {
    const all = [...this.closedConnections.values(), ...this.connections.values()].reverse();
    return [...new Set(all.flatMap(({ client }) => client ?? []))];
  }

  clone(): ServerState {
    return ServerState.fromData(this.toData());
  }

  /** The same as plain data, which JSON can carry. */
  toData(): StateData {
    return {
      ...(Number.isFinite(this.at) ? { at: this.at } : {}),
      listening: this.listening,
      stopped: this.stopped,
      threads: [...this.threads.values()],
      endedThreads: [...this.endedThreads.values()],
      connections: [...this.connections.values()],
      closedConnections: [...this.closedConnections.values()],
      holders: [...this.#holders],
      others: [...this.#others],
      inFlightOnOthers: [...this.#inFlightOnOthers],
      counts: this.counts,
    };
  }

  /** What the data has can still change in the state that it was taken from: this one does not change with it. */
  static fromData(data: StateData): ServerState {
    const state = new ServerState();
    if (data.at !== undefined) state.at = data.at;
    state.listening = data.listening;
    state.stopped = data.stopped;
    for (const each of data.threads) state.threads.set(each.tid, { ...each });
    for (const each of data.connections) state.connections.set(each.id, { ...each });
    // These no longer change.
    for (const each of data.endedThreads) state.endedThreads.set(each.tid, each);
    for (const each of data.closedConnections) state.closedConnections.set(each.id, each);
    for (const [key, id] of data.holders) state.#holders.set(key, id);
    for (const [fd, watched] of data.others) state.#others.set(fd, watched);
    for (const [fd, operations] of data.inFlightOnOthers) state.#inFlightOnOthers.set(fd, operations);
    Object.assign(state.counts, data.counts);
    return state;
  }

  /** How much a clone has to copy. */
  get size(): number {
    return this.threads.size + this.connections.size + this.#holders.size;
  }

  /** Takes the next event of the server. */
  apply(event: LifecycleEvent, watcher: Watcher = NOBODY): void {
    const at = Number.isFinite(event.at) ? event.at : this.at; // `skipped` has no time of its own
    if (at > this.at) this.at = at;
    this.#applyToServer(event);
    if (event.thread !== NARRATOR) this.#applyToThread(event, at, watcher);
    if (event.event === 'process-ended') this.#endProcess(event.child, at, watcher);
    if ('connection' in event && event.connection)
      this.#applyToConnection(event.connection, event, at, watcher);
    else this.#applyToOthers(event);
  }

  #applyToServer(event: LifecycleEvent): void {
    switch (event.event) {
      case 'listening':
        this.listening = event;
        return;
      case 'stopped':
        this.stopped = event;
        this.#others.clear();
        this.#inFlightOnOthers.clear();
        return;
      case 'thread-started':
        if (event.serial > 0) this.counts.threadsStarted++;
        return;
      case 'refused':
        this.counts.refused++;
        return;
      case 'events-dropped':
      case 'skipped':
        this.counts.eventsMissing += event.count;
    }
  }

  #applyToThread(event: LifecycleEvent, at: number, watcher: Watcher): void {
    const { tid, thread: name } = event;
    let thread = this.threads.get(tid);
    if (thread === undefined || thread.name !== name) {
      // The kernel may give the tid of a thread that has ended to a new one.
      thread = { name, tid, activity: working(at, undefined), lastAt: at, last: event };
      this.threads.set(tid, thread);
      this.counts.peakThreads = Math.max(this.counts.peakThreads, this.threads.size);
    }
    changeThread(thread, event, at, watcher);
    thread.lastAt = at;
    thread.last = event;
    if (thread.activity.doing === 'ended') this.#endThread(tid, at, watcher);
  }

  /** It could not report its own end. With the server's own process all of its threads and connections are gone. */
  #endProcess(pid: number, at: number, watcher: Watcher): void {
    this.#endThread(pid, at, watcher);
    if (pid !== this.listening?.pid) return;
    for (const { tid, last } of [...this.threads.values()])
      if (last.pid === undefined) this.#endThread(tid, at, watcher);
    for (const connection of [...this.connections.values()])
      if (connection.pid === undefined) this.#closedUnheard(connection, at, watcher);
    this.#others.clear();
    this.#inFlightOnOthers.clear();
  }

  #endThread(tid: number, at: number, watcher: Watcher): void {
    const thread = this.threads.get(tid);
    if (thread === undefined) return;
    become(thread, { ...working(at, undefined), doing: 'ended' }, watcher);
    this.threads.delete(tid);
    remember(this.endedThreads, tid, thread);
  }

  #applyToConnection(id: number, event: LifecycleEvent, at: number, watcher: Watcher): void {
    const connection = this.connections.get(id) ?? this.#open(id, event, at, watcher);
    if (connection === undefined) return;
    this.#followToProcess(connection, event);
    const { requests, bytesIn, bytesOut } = connection;
    changeConnection(connection, event, at, watcher);
    // `closed` has the connection's own totals: what was lost on the way is added with it.
    this.counts.requests += connection.requests - requests;
    this.counts.bytesIn += connection.bytesIn - bytesIn;
    this.counts.bytesOut += connection.bytesOut - bytesOut;
    if (connection.stage === 'closed') return this.#close(connection);
    connection.watched = watchedAfter(connection.watched, event);
    connection.inFlight = inFlightAfter(connection.inFlight, event);
  }

  /** It was given to another process, which has it by a number of its own. */
  #followToProcess(connection: ConnectionState, event: LifecycleEvent): void {
    if (event.pid === undefined) return;
    connection.pid = event.pid;
    if (!('fd' in event) || event.fd === undefined || event.fd === connection.fd) return;
    connection.fd = event.fd;
    this.#holders.set(keyOf(event.pid, event.fd), connection.id);
  }

  /** A connection that was not known so far. Undefined where the event comes after its close, or opens nothing. */
  #open(id: number, event: LifecycleEvent, at: number, watcher: Watcher): ConnectionState | undefined {
    const { fd, pid, tid, thread } = event as LifecycleEvent & { fd?: number };
    if (
      fd === undefined ||
      thread === NARRATOR ||
      event.event === 'call' ||
      event.event === 'completed' ||
      this.closedConnections.has(id)
    )
      return undefined;
    this.#takeDescriptor(pid, fd, id, at, watcher);
    const connection: ConnectionState = {
      id,
      fd,
      pid,
      fourTuple: undefined,
      tid,
      stage: isAcceptor(thread) ? 'queued' : 'receiving',
      since: at,
      acceptedAt: at,
      closedAt: undefined,
      reason: undefined,
      request: undefined,
      client: undefined,
      reply: undefined,
      watched: undefined,
      inFlight: NOTHING,
      requests: 0,
      bytesIn: 0,
      bytesOut: 0,
    };
    this.connections.set(id, connection);
    const { counts } = this;
    counts.accepted++;
    counts.peakConnections = Math.max(counts.peakConnections, this.connections.size);
    return connection;
  }

  /** The number is given out again only after close(2): a connection that still has it was closed, unheard. */
  #takeDescriptor(pid: number | undefined, fd: number, id: number, at: number, watcher: Watcher): void {
    if (fd < 0) return; // unknown to the portable engine
    const key = keyOf(pid, fd);
    const last = this.connections.get(this.#holders.get(key) ?? 0);
    if (last !== undefined && last.pid === pid) this.#closedUnheard(last, at, watcher);
    this.#holders.set(key, id);
  }

  #closedUnheard(connection: ConnectionState, at: number, watcher: Watcher): void {
    enter(connection, 'closed', at, watcher);
    connection.closedAt = at;
    this.#close(connection);
  }

  #close(connection: ConnectionState): void {
    this.connections.delete(connection.id);
    connection.watched = undefined; // close(2) takes it off the interest list
    connection.inFlight = NOTHING;
    remember(this.closedConnections, connection.id, connection);
    this.counts.closed++;
  }

  #applyToOthers(event: LifecycleEvent): void {
    if (!('fd' in event) || event.fd === undefined) return;
    const before = this.#others.get(event.fd);
    const after = watchedAfter(before, event);
    if (after === undefined) this.#others.delete(event.fd);
    else if (after !== before) this.#others.set(event.fd, after);
    const operations = this.#inFlightOnOthers.get(event.fd) ?? NOTHING;
    const changed = inFlightAfter(operations, event);
    if (changed !== operations) this.#inFlightOnOthers.set(event.fd, changed);
  }
}

/** Each process counts its own descriptors. */
const keyOf = (pid: number | undefined, fd: number): string | number =>
  pid === undefined ? fd : `${pid} ${fd}`;

/** Keeps the latest ones. */
function remember<V>(map: Map<number, V>, key: number, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!);
}

const isAsleep = ({ doing }: Activity): boolean => doing === 'asleep' || doing === 'idle';
/** Asleep for another reason than a call of its own: what comes next begins when it is reported. */
const isStill = (activity: Activity): boolean => isAsleep(activity) || activity.doing === 'stopped';

/** What a thread does after an event of its own. */
function changeThread(thread: ThreadState, event: LifecycleEvent, at: number, watcher: Watcher): void {
  const connection = ('connection' in event && event.connection) || undefined;
  const to = (next: Activity): void => become(thread, next, watcher);
  switch (event.event) {
    case 'thread-started':
      thread.activity = { ...working(at - event.tookUs, connection), doing: 'starting' };
      return to(working(at, connection));
    case 'blocked':
      return to(sleepIn(event, at));
    case 'about-to':
      return to(stoppedBefore(event, at));
    case 'resumed':
      if (!isAsleep(thread.activity)) to(sleepIn(event, Math.max(thread.lastAt, at - event.waitedUs))); // `blocked` was lost
      if (event.slept !== false) return to(working(at, connection));
      // The call had something to do all the time, and another thread had the CPU: that was no sleep.
      thread.activity = working(thread.activity.since, connection);
      return;
    // These are reported before the work, all others after it.
    case 'ready':
    case 'completed':
    case 'thread-reused':
    case 'dequeued':
      return to(working(at, connection));
    case 'thread-ended':
      return to({ ...working(at, undefined), doing: 'ended' });
    default:
      // What is reported now has been worked on since the thread's last event.
      to(working(isStill(thread.activity) ? at : thread.lastAt, connection));
      if (event.event === 'closed' || event.event === 'left-open') to(working(at, undefined));
  }
}

/** From `next.since` on the thread does something else, or continues. */
function become(thread: ThreadState, next: Activity, watcher: Watcher): void {
  const { activity } = thread;
  if (!isStill(activity) && activity.doing === next.doing && activity.connection === next.connection) return;
  if (next.since > activity.since) watcher.activityEnded(thread, next.since);
  thread.activity = next;
}

const working = (since: number, connection: number | undefined): Activity => ({
  doing: 'working',
  since,
  call: undefined,
  fd: undefined,
  connection,
});

function sleepIn(event: LifecycleEvent & { event: 'blocked' | 'resumed' }, since: number): Activity {
  const { call, fd, connection, thread } = event;
  const doing = call === 'futex' && !isAcceptor(thread) ? 'idle' : 'asleep';
  return { doing, since, call, fd, connection };
}

function stoppedBefore({ call, operation, fd, connection }: EventOf<'about-to'>, since: number): Activity {
  const next = { ...(call === undefined ? {} : { call }), ...(operation === undefined ? {} : { operation }) };
  return { doing: 'stopped', since, call: undefined, fd, connection, next };
}

function watchedAfter(watched: Interest | undefined, event: LifecycleEvent): Interest | undefined {
  switch (event.event) {
    case 'watching':
      return { interest: event.interest, readiness: undefined, readyAt: undefined };
    case 'unwatched':
      return undefined;
    case 'ready':
      return watched && { ...watched, readiness: event.readiness, readyAt: event.at };
    default:
      return watched;
  }
}

function inFlightAfter(operations: readonly Operation[], event: LifecycleEvent): readonly Operation[] {
  if (event.event === 'submitted') return [...operations, event.operation];
  if (event.event !== 'completed' || event.goesOn) return operations;
  const at = operations.indexOf(event.operation);
  return at < 0 ? operations : operations.toSpliced(at, 1);
}

/** Where a connection stands after an event that names it. */
function changeConnection(
  connection: ConnectionState,
  event: LifecycleEvent,
  at: number,
  watcher: Watcher,
): void {
  const to = (stage: Stage): void => enter(connection, stage, at, watcher);
  if (event.thread !== NARRATOR) connection.tid = event.tid;
  if (connection.stage === 'queued' && event.thread !== NARRATOR && !isAcceptor(event.thread))
    to('receiving');
  switch (event.event) {
    case 'accepted':
      connection.fourTuple = event.fourTuple;
      return;
    case 'received':
      connection.bytesIn += event.bytes;
      if (connection.stage === 'answered') to('receiving');
      return;
    case 'request':
      connection.requests++;
      connection.request = `${event.method} ${event.target}`;
      connection.client = clientName(event.target) ?? connection.client;
      // Either this event has the status of the reply, or the send that completes it.
      // Nobody outside the server knows which send that is.
      connection.reply = statusOf(event) === undefined && event.shownBy === undefined ? 'marked' : 'unmarked';
      return to('answering');
    case 'compute-queued':
    case 'handed-over':
      return to('computing');
    case 'handed-back':
      return to('answering');
    case 'bad-request':
      connection.requests++;
      connection.reply = 'bad request';
      return to('answering');
    case 'sent':
      connection.bytesOut += event.bytes;
      return to(stageAfterSend(connection, statusOf(event)));
    case 'blocked':
      return to(SLEEPS[event.call] ?? connection.stage);
    case 'resumed':
      if (event.call === 'clock_nanosleep') to('answering');
      return;
    case 'would-block':
      if (event.call === 'send') to('sending');
      return;
    case 'submitted':
      return to(ASKED_FOR[event.operation] ?? connection.stage);
    case 'completed':
      if (event.operation === 'timeout') to('answering');
      return;
    case 'watching':
      return to(stageWatched(connection.stage, event.interest));
    case 'left-open':
      return to('left-open');
    case 'closed':
      connection.closedAt = at;
      connection.reason = event.reason;
      connection.requests = event.requests;
      connection.bytesIn = event.bytesIn;
      connection.bytesOut = event.bytesOut;
      return to('closed');
  }
}

function enter(connection: ConnectionState, stage: Stage, at: number, watcher: Watcher): void {
  if (connection.stage === stage) return;
  if (at > connection.since) watcher.stageEnded(connection, at);
  connection.stage = stage;
  connection.since = at;
}

const SLEEPS: Partial<Record<SleepCall, Stage>> = {
  recv: 'receiving',
  send: 'sending',
  clock_nanosleep: 'sleeping',
};

const ASKED_FOR: Partial<Record<Operation, Stage>> = { send: 'sending', timeout: 'sleeping' };

const statusOf = (event: LifecycleEvent): number | undefined => (event as { status?: number }).status;

function stageAfterSend({ reply, stage }: ConnectionState, status: number | undefined): Stage {
  if (reply === 'bad request') return 'lingering';
  if (reply === 'marked') return status === undefined ? 'sending' : 'answered';
  // It may have been a part. A connection that had to wait with the rest does something else when all is sent.
  return stage === 'sending' ? 'sending' : 'answered';
}

/** What the loop watches a descriptor for says where its connection stands. Edge-triggered interest has EPOLLET too. */
function stageWatched(stage: Stage, interest: string): Stage {
  if (/POLLOUT|writefds/.test(interest)) return 'sending';
  if (/POLLIN|readfds/.test(interest)) return stage === 'sending' ? 'answered' : stage;
  return stage === 'answering' ? 'sleeping' : stage; // it waits for no readiness, only for a timer
}
