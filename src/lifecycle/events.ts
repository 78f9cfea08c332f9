// What can happen to a server and its connections: one discriminated union, and the shape in which each event travels.
// docs/events.md says when each is told. The teller writes them, the decoder reads them back.

import type { FourTuple } from '../net/four-tuple.js';

/** The calls that a thread can sleep in. */
export const CALLS = ['accept4', 'recv', 'send', 'epoll_wait', 'clock_nanosleep', 'futex'] as const;
export type SleepCall = (typeof CALLS)[number];

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
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Why a connection was not accepted for now, or not served. */
export const REFUSE_REASONS = ['out-of-descriptors', 'no-thread', 'too-many-connections'] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

/** What was being waited for when the time ran out: the rest of a request's head, a next request, a reader. */
export const TIMEOUTS = ['head', 'idle', 'send'] as const;
export type Timeout = (typeof TIMEOUTS)[number];

/** In microseconds since the server began to listen; what came before that has a negative time. */
interface Common {
  readonly at: number;
  readonly thread: string;
  readonly tid: number;
}

interface OnConnection extends Common {
  readonly connection: number;
  readonly fd: number;
}

export interface Totals {
  readonly connections: number;
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly peakConnections: number;
  readonly peakThreads: number;
  /** Connections that nobody closed, as with --keep-open: the kernel does, when the process ends. */
  readonly leftOpen: number;
  readonly eventsDropped: number;
}

export interface Listening extends Common {
  readonly event: 'listening';
  /** Unknown to the portable engine. */
  readonly fd?: number;
  readonly mode: string;
  readonly engine: string;
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly backlog: number;
  /** The wall clock at `at` 0, as ISO 8601 writes it. */
  readonly startedAt: string;
  /** The common clock at `at` 0, in whole microseconds: every process of the machine reads the same one (clock.ts). */
  readonly monotonicUs: number;
  /** Of a server that is slowed down, as `--pace` takes it. */
  readonly pace?: string;
}

export interface SystemCall extends Common {
  readonly event: 'call';
  readonly connection?: number;
  readonly fd?: number;
  readonly name: string;
  /** Each as strace writes it, so safe to print whatever the network sent. */
  readonly arguments: readonly string[];
  readonly result: number;
  /** The error's name where result is -1, otherwise null. */
  readonly errno: string | null;
}

export type LifecycleEvent =
  | Listening
  | (OnConnection & { event: 'accepted'; fourTuple: FourTuple })
  | (Common & { event: 'thread-started'; connection?: number; serial: number; tookUs: number })
  | (OnConnection & { event: 'thread-reused' })
  | (Common & { event: 'thread-ended' })
  | (Common & { event: 'threads-busy'; threads: number })
  | (Common & { event: 'blocked'; call: SleepCall; connection?: number; fd?: number })
  | (Common & {
      event: 'resumed';
      call: SleepCall;
      waitedUs: number;
      slept?: boolean;
      connection?: number;
      fd?: number;
    })
  | (Common & { event: 'watching'; interest: string; connection?: number; fd: number })
  | (Common & { event: 'unwatched'; connection?: number; fd: number })
  | (Common & { event: 'ready'; readiness: string; connection?: number; fd: number })
  | (Common & { event: 'would-block'; call: SleepCall; connection?: number; fd: number })
  | (OnConnection & { event: 'received'; bytes: number })
  | (OnConnection & { event: 'request'; method: string; target: string; status: number })
  | (OnConnection & { event: 'bad-request'; status: number; problem: string })
  | (OnConnection & { event: 'sent'; bytes: number })
  | (OnConnection & { event: 'peer-closed' })
  | (OnConnection & { event: 'reset' })
  | (OnConnection & { event: 'timed-out'; waitingFor: Timeout; seconds: number })
  | (Common & { event: 'refused'; reason: RefuseReason; connection?: number; fd?: number })
  | (OnConnection & { event: 'failed'; call: SleepCall; errno: string })
  | (OnConnection & { event: 'crashed'; problem: string })
  | (OnConnection & { event: 'left-open' })
  | (OnConnection & {
      event: 'closed';
      reason: CloseReason;
      durationUs: number;
      bytesIn: number;
      bytesOut: number;
      requests: number;
    })
  | SystemCall
  | (Common & { event: 'events-dropped'; count: number })
  | (Common & { event: 'skipped'; count: number })
  | (Common & { event: 'stopped'; pace?: string } & Totals);

export type EventName = LifecycleEvent['event'];

/** How a number in the ring becomes a field of the event. */
type Field = { readonly name: string; readonly as?: readonly unknown[] | 'microseconds' | 'mask' | 'errno' };

/** How the bytes after the numbers do. */
type Bytes = 'four-tuple' | 'address' | 'request' | 'problem' | 'call';

export interface Shape {
  readonly numbers: readonly Field[];
  readonly bytes?: Bytes;
}

const shape = (numbers: readonly (string | Field)[] = [], bytes?: Bytes): Shape => ({
  numbers: numbers.map((each) => (typeof each === 'string' ? { name: each } : each)),
  ...(bytes === undefined ? {} : { bytes }),
});

/** Whether a thread slept in a call; of a short one nobody has asked. */
export const SLEPT = [undefined, false, true] as const;

const call: Field = { name: 'call', as: CALLS };
const microseconds = (name: string): Field => ({ name, as: 'microseconds' });

/** What each event carries through the ring, beside time, connection and fd: numbers, then bytes. */
export const SHAPES = {
  listening: shape(['backlog'], 'address'),
  accepted: shape([], 'four-tuple'),
  'thread-started': shape(['tid', 'serial', microseconds('tookUs')]),
  'thread-reused': shape(),
  'thread-ended': shape(),
  'threads-busy': shape(['threads']),
  blocked: shape([call]),
  resumed: shape([call, microseconds('waitedUs'), { name: 'slept', as: SLEPT }]),
  watching: shape([{ name: 'interest', as: 'mask' }]),
  unwatched: shape(),
  ready: shape([{ name: 'readiness', as: 'mask' }]),
  'would-block': shape([call]),
  received: shape(['bytes']),
  request: shape(['status'], 'request'),
  'bad-request': shape(['status'], 'problem'),
  sent: shape(['bytes']),
  'peer-closed': shape(),
  reset: shape(),
  'timed-out': shape([{ name: 'waitingFor', as: TIMEOUTS }, 'seconds']),
  refused: shape([{ name: 'reason', as: REFUSE_REASONS }]),
  failed: shape([call, { name: 'errno', as: 'errno' }]),
  crashed: shape([], 'problem'),
  'left-open': shape(),
  closed: shape([
    { name: 'reason', as: CLOSE_REASONS },
    microseconds('durationUs'),
    'bytesIn',
    'bytesOut',
    'requests',
  ]),
  call: shape(['result', 'errno'], 'call'),
} as const satisfies Partial<Record<EventName, Shape>>;

export type RingEventName = keyof typeof SHAPES;
export const RING_EVENTS = Object.keys(SHAPES) as RingEventName[];

/** The number that stands for an event in the ring. 0 is free: the ring marks the unused end of a lap with it. */
export const KIND = Object.fromEntries(RING_EVENTS.map((name, index) => [name, index + 1])) as Record<
  RingEventName,
  number
>;
