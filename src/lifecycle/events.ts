// What can happen to a server and its connections: a table of every event and its fields, from which the types follow.
// docs/events.md says when each is reported. The reporter writes them, the decoder reads them back.

import type { FourTuple } from '../net/four-tuple.js';

/** The calls that a thread can sleep in. */
export const CALLS = [
  'accept4',
  'recv',
  'send',
  'epoll_wait',
  'poll',
  'select',
  'clock_nanosleep',
  'futex',
  'io_uring_enter',
  // The others are for servers that `watch` runs. `read`: of something that is no connection.
  'wait4',
  'rt_sigsuspend',
  'read',
] as const;
export type SleepCall = (typeof CALLS)[number];

/** The calls that are a step of a server: it can be slowed down or stopped before each (models/pace.ts). */
export const STEP_CALLS = [
  'accept4',
  'recv',
  'send',
  'shutdown',
  'close',
  'epoll_ctl',
  'epoll_wait',
  'poll',
  'select',
  'io_uring_enter',
] as const;
export type StepCall = (typeof STEP_CALLS)[number];

/** Those in which a loop waits for all its connections at once. */
export const waitsForAll = (call: SleepCall | undefined): call is SleepCall =>
  call === 'epoll_wait' || call === 'poll' || call === 'select' || call === 'io_uring_enter';

/** What the kernel can be asked to do, with io_uring. `getsockopt` and `siocinq` ask a socket something. */
export const OPERATIONS = [
  'accept',
  'getsockopt',
  'recv',
  'timeout',
  'send',
  'siocinq',
  'close',
  'cancel',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Why a connection was closed. */
export const CLOSE_REASONS = [
  'replied',
  'peer-closed',
  'reset',
  'timed-out',
  'bad-request',
  'refused',
  'stopping',
  'error',
  // The server closed it and had sent nothing; only of a server that `watch` runs.
  'unanswered',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Why a connection was not accepted for now, or not served. */
export const REFUSE_REASONS = [
  'out-of-descriptors',
  'out-of-memory',
  'out-of-watches',
  'no-thread',
  'too-many-connections',
  'queue-full',
  'no-process',
  'beyond-fd-setsize',
  'compute-queue-full',
] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

/** What a thread sleeps for in futex(2): a connection, a thread that starts, one that is busy, a place in the queue. */
export const FUTEX_REASONS = [
  undefined,
  'work',
  'thread-start',
  'free-thread',
  'queue-place',
  'stop',
] as const;
export type FutexReason = NonNullable<(typeof FUTEX_REASONS)[number]>;

/** What ended a sleep that brought nothing: a timer of the loop was due, a signal came (EINTR), or the server stops. */
export const WAKERS = [undefined, 'timer', 'signal', 'stop'] as const;
export type Waker = NonNullable<(typeof WAKERS)[number]>;

/** What ended a process, by number as on every CPU that platform.ts names (signal(7)). */
// biome-ignore format: five in a line are easier to count
export const SIGNALS = [
  undefined, 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL',
  'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL',
  'SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM',
] as const;

/** Whether a thread slept in a call; undefined for a short one, where this was not asked. */
export const SLEPT = [undefined, false, true] as const;

/** What was being waited for when the time ran out: the rest of a request's head, a next request, a reader. */
export const TIMEOUTS = ['head', 'idle', 'send'] as const;
export type Timeout = (typeof TIMEOUTS)[number];

/** How the decoder makes a field from a number in the ring; of an optional `plain` one, 0 says that it is not there. */
export type FromNumber = 'plain' | 'microseconds' | 'readiness' | 'errno' | readonly unknown[];

type Shape = 'text' | 'texts' | 'four-tuple' | 'loops';

/**
 * A field of an event: its type, and where it comes from. `number`: the ring has one for it. Without that it comes from
 * the record's header (`connection`, `fd`), from the bytes behind its numbers, or from the main thread.
 */
export interface Field<T> {
  readonly number?: FromNumber;
  /** What it is where it comes from elsewhere; absent for a number. */
  readonly shape?: Shape;
  readonly optional?: boolean;
  /** Never there: it carries the type. */
  readonly type?: T;
}
type OptionalField<T> = Field<T> & { readonly optional: true };

/** A list gives each number the value at that place; where it has `undefined`, the field is left out. */
const oneOf = <const L extends readonly unknown[]>(values: L): Field<L[number]> => ({ number: values });
const someOf = <const L extends readonly unknown[]>(values: L): OptionalField<NonNullable<L[number]>> => ({
  number: values,
  optional: true,
});
const optional = <T>(field: Field<T>): OptionalField<T> => ({ ...field, optional: true });

const NUMBER: Field<number> = { number: 'plain' };
const MICROSECONDS: Field<number> = { number: 'microseconds' };
/** As the server's poller spells it: `EPOLLIN`, `POLLIN` or `readfds`. */
const READINESS: Field<string> = { number: 'readiness' };
const ERRNO: Field<string> = { number: 'errno' };
const CALL = oneOf(CALLS);
const OPERATION = oneOf(OPERATIONS);
const FLAG = someOf([undefined, true]);

const ID: Field<number> = {};
const TEXT: Field<string> = { shape: 'text' };
const TEXTS: Field<readonly string[]> = { shape: 'texts' };
const FOUR_TUPLE: Field<FourTuple> = { shape: 'four-tuple' };
const COUNT: Field<number> = {};

const ON_CONNECTION = { connection: ID, fd: ID };
const ON_CONNECTION_OR_NONE = { connection: optional(ID), fd: optional(ID) };
/** A connection's descriptor, or the listener's. */
const ON_DESCRIPTOR = { connection: optional(ID), fd: ID };

export interface LoopTotals {
  readonly thread: string;
  readonly connections: number;
  readonly requests: number;
}

const LOOPS: Field<readonly LoopTotals[]> = { shape: 'loops' };

type Table = Readonly<Record<string, Readonly<Record<string, Field<unknown>>>>>;

/** What a thread reports through its ring. The numbers are there in this order. */
const FROM_A_RING = {
  listening: {
    /** The listener's; unknown to the portable engine. */
    fd: optional(ID),
    mode: TEXT,
    /** What makes the server differ from the plain model, such as `poller=select`. */
    variant: optional(TEXT),
    engine: TEXT,
    address: TEXT,
    port: COUNT,
    pid: COUNT,
    /** -1 where `watch` found a server that listened already. */
    backlog: NUMBER,
    /** The socket options that a server which `watch` started has set before, such as SO_REUSEADDR. */
    options: optional(TEXTS),
    /** The wall clock at `at` 0, as ISO 8601 writes it. */
    startedAt: TEXT,
    /** The common clock at `at` 0, in whole microseconds: every process of the machine reads the same one (clock.ts). */
    monotonicUs: COUNT,
    /** Of a server that is slowed down, as `--pace` takes it. */
    pace: optional(TEXT),
  },
  /** A listener of a further loop, with the same port. */
  'also-listening': { fd: ID, address: TEXT, port: COUNT, backlog: NUMBER, options: optional(TEXTS) },
  accepted: { ...ON_CONNECTION, fourTuple: FOUR_TUPLE },
  'thread-started': { connection: optional(ID), tid: NUMBER, serial: NUMBER, tookUs: MICROSECONDS },
  'thread-reused': ON_CONNECTION,
  'thread-ended': {},
  /** A child process has ended: by a signal, with a status, or, without both, with status 0. */
  'process-ended': {
    ...ON_CONNECTION_OR_NONE,
    child: NUMBER,
    status: optional(NUMBER),
    signal: someOf(SIGNALS),
  },
  'threads-busy': { threads: NUMBER },
  /** `place`: in the queue, counted from 1; 0 where an idle thread is about to take it. */
  queued: { ...ON_CONNECTION, place: NUMBER },
  /** `length`: how many still wait; `overtook`: how many that came earlier. */
  dequeued: { ...ON_CONNECTION, waitedUs: MICROSECONDS, length: NUMBER, overtook: optional(NUMBER) },
  'queue-full': { limit: NUMBER },
  blocked: {
    ...ON_CONNECTION_OR_NONE,
    call: CALL,
    waitingFor: someOf(FUTEX_REASONS),
    /** How many threads are starting, or are busy: one of them is waited for. */
    threads: optional(NUMBER),
  },
  resumed: {
    ...ON_CONNECTION_OR_NONE,
    call: CALL,
    waitedUs: MICROSECONDS,
    slept: someOf(SLEPT),
    wokenBy: someOf(WAKERS),
  },
  /** A thread stops before its next step: a call, or a submission of this operation. */
  'about-to': {
    ...ON_CONNECTION_OR_NONE,
    call: someOf([undefined, ...STEP_CALLS]),
    operation: someOf([undefined, ...OPERATIONS]),
  },
  watching: { ...ON_DESCRIPTOR, interest: READINESS },
  unwatched: ON_DESCRIPTOR,
  ready: { ...ON_DESCRIPTOR, readiness: READINESS },
  submitted: {
    ...ON_DESCRIPTOR,
    operation: OPERATION,
    /** It completes again and again, until it is cancelled or fails (multishot). */
    goesOn: FLAG,
    /** It begins when the one that was submitted before it has succeeded. */
    linked: FLAG,
  },
  completed: {
    ...ON_DESCRIPTOR,
    operation: OPERATION,
    /** As the call of that name gives it; -errno where it failed. */
    result: NUMBER,
    /** The error's name where it failed. */
    errno: optional({ number: 'errno' } as Field<string>),
    /** It is still in flight: there will be another completion. */
    goesOn: FLAG,
    /** Which of the buffers that the kernel was given it has filled. */
    buffer: optional(NUMBER),
  },
  'would-block': { ...ON_DESCRIPTOR, call: CALL },
  /** `room`: the size of the buffer, where `watch` has seen it. */
  received: { ...ON_CONNECTION, bytes: NUMBER, room: optional(COUNT) },
  /** `shownBy`: who saw it in the bytes, where that was not the server itself. */
  request: { ...ON_CONNECTION, method: TEXT, target: TEXT, shownBy: optional(TEXT) },
  'bad-request': { ...ON_CONNECTION, status: NUMBER, problem: TEXT },
  /** No worker is free: so many computations wait, this one among them. */
  'compute-queued': { ...ON_CONNECTION, waiting: NUMBER },
  /** The loop has given a computation to the worker with this number. */
  'handed-over': { ...ON_CONNECTION, worker: NUMBER },
  /** A worker is done. `eventfd` is what it wakes the loop by. */
  computed: { ...ON_CONNECTION, tookUs: MICROSECONDS, eventfd: NUMBER },
  /** The loop has heard of it. */
  'handed-back': { ...ON_CONNECTION, worker: NUMBER },
  /** `status` where the reply is complete; `asked` where `watch` has seen that the kernel took less than it was given. */
  sent: { ...ON_CONNECTION, bytes: NUMBER, status: optional(NUMBER), asked: optional(COUNT) },
  'peer-closed': ON_CONNECTION,
  reset: ON_CONNECTION,
  'timed-out': { ...ON_CONNECTION, waitingFor: oneOf(TIMEOUTS), seconds: NUMBER },
  refused: { ...ON_CONNECTION_OR_NONE, reason: oneOf(REFUSE_REASONS) },
  failed: { ...ON_CONNECTION, call: CALL, errno: ERRNO },
  crashed: { ...ON_CONNECTION_OR_NONE, problem: TEXT },
  'left-open': ON_CONNECTION,
  closed: {
    ...ON_CONNECTION,
    reason: oneOf(CLOSE_REASONS),
    durationUs: MICROSECONDS,
    bytesIn: NUMBER,
    bytesOut: NUMBER,
    requests: NUMBER,
  },
  call: {
    ...ON_CONNECTION_OR_NONE,
    name: TEXT,
    /** Each as strace writes it, so safe to print whatever the network sent. */
    arguments: TEXTS,
    result: NUMBER,
    /** The error's name where result is -1, otherwise null. */
    errno: { number: 'errno' } as Field<string | null>,
  },
} as const satisfies Table;

/** The first is a watched thread's, all others are the main thread's own. */
const FROM_NO_RING = {
  /** A signal has come to a thread of a server that `watch` runs. */
  signal: { signal: TEXT },
  /** What the kernel's tables say of such a server, looked at from time to time: clients that wait for accept(2), */
  'accept-queue': { fd: ID, length: COUNT, limit: optional(COUNT), overflows: COUNT },
  /** bytes that nobody has received, */
  unread: { ...ON_CONNECTION, bytes: COUNT },
  /** a connection that its client has closed and the server has not, */
  'close-wait': ON_CONNECTION,
  /** and the descriptors of a process: all, those that are no connection, and what most of these are. */
  descriptors: { process: COUNT, open: COUNT, others: COUNT, most: TEXT, times: COUNT },
  /** What is wrong with the server: what happened, why that matters, what to do instead, and where to read about it. */
  advice: {
    ...ON_CONNECTION_OR_NONE,
    rule: TEXT,
    happened: TEXT,
    matters: TEXT,
    instead: TEXT,
    page: TEXT,
  },
  /** Of a server that `watch` runs: the model that its threads follow, and how we know. */
  'model-seen': { model: TEXT, because: TEXT },
  /** The user has changed the pace of the running server: `200ms`, or `step`. */
  'pace-changed': { pace: TEXT },
  'events-dropped': { count: COUNT },
  skipped: { count: COUNT },
  stopped: {
    connections: COUNT,
    requests: COUNT,
    bytesIn: COUNT,
    bytesOut: COUNT,
    peakConnections: COUNT,
    peakThreads: COUNT,
    /** Of a pool: the most that waited in its queue. */
    peakQueue: optional(COUNT),
    /** Connections that the server did not close, as with --keep-open. The kernel closes them when the process ends. */
    leftOpen: COUNT,
    /** Of a server with several loops: what each of them did. */
    loops: optional(LOOPS),
    eventsDropped: COUNT,
    pace: optional(TEXT),
  },
} as const satisfies Table;

/** Every event and its fields, without those that all events have. */
export const EVENTS = { ...FROM_A_RING, ...FROM_NO_RING };

export type EventName = keyof typeof EVENTS;
type Fields<E extends EventName> = (typeof EVENTS)[E];

type TypeOf<F> = F extends Field<infer T> ? T : never;
type OptionalKeys<F> = { [K in keyof F]: F[K] extends { optional: true } ? K : never }[keyof F];

/** What every event has. */
interface Common {
  /** In microseconds since the server began to listen; what came before that has a negative time. */
  readonly at: number;
  readonly thread: string;
  readonly tid: number;
  /** The process that reported it, if that is not the server's own. */
  readonly pid?: number;
}

export type EventOf<E extends EventName> = Common & { readonly event: E } & {
  readonly [K in Exclude<keyof Fields<E>, OptionalKeys<Fields<E>>>]: TypeOf<Fields<E>[K]>;
} & { readonly [K in OptionalKeys<Fields<E>>]?: TypeOf<Fields<E>[K]> };

/** Whether a child process has ended, and not by itself. */
export const wasKilled = (event: LifecycleEvent): boolean =>
  event.event === 'process-ended' && event.signal !== undefined;

export type LifecycleEvent = { [E in EventName]: EventOf<E> }[EventName];
/** Takes the events that a source hands on. */
export type OnEvents = (events: readonly LifecycleEvent[]) => void;
export type Listening = EventOf<'listening'>;
export type Totals = Omit<EventOf<'stopped'>, keyof Common | 'event' | 'pace'>;

export type RingEventName = keyof typeof FROM_A_RING;
export const RING_EVENTS = Object.keys(FROM_A_RING) as RingEventName[];

/** The number that stands for an event in the ring. 0 is free: the ring marks the unused end of a lap with it. */
export const KIND = Object.fromEntries(RING_EVENTS.map((name, index) => [name, index + 1])) as Record<
  RingEventName,
  number
>;

export interface NumberField {
  readonly name: string;
  readonly from: FromNumber;
  readonly optional: boolean;
}

/** The fields of an event that are numbers in the ring, in their order there. */
export function numbersOf(event: RingEventName): readonly NumberField[] {
  return Object.entries<Field<unknown>>(EVENTS[event]).flatMap(([name, { number, optional = false }]) =>
    number === undefined ? [] : [{ name, from: number, optional }],
  );
}
