// What a client reports. An event that the server reports too has the same name.
// docs/events.md has all of them, field by field.

import type { FourTuple } from '../net/four-tuple.js';
import type { TcpState } from '../net/tcp-states.js';

/** What happens to one connection, as the client that made it sees it. */
export type Moment =
  | { readonly event: 'connecting'; readonly address: string; readonly port: number }
  | { readonly event: 'connected' }
  /** `text`: the bytes. */
  | { readonly event: 'sent'; readonly bytes: number; readonly text: string }
  | { readonly event: 'received'; readonly bytes: number }
  | { readonly event: 'peer-closed' }
  | { readonly event: 'reset' }
  | { readonly event: 'refused' }
  | { readonly event: 'timed-out'; readonly waitingFor: 'connect' | 'reply'; readonly seconds: number }
  | { readonly event: 'failed'; readonly call: string; readonly errno: string }
  | ClosedMoment;

export interface ClosedMoment {
  readonly event: 'closed';
  readonly reason: ClientCloseReason;
  /** With a RST instead of a FIN. */
  readonly withReset?: true;
  /** Since it began to connect. */
  readonly durationUs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly requests: number;
}

export type ClientCloseReason =
  | 'replied'
  | 'peer-closed'
  | 'not-connected'
  | 'reset'
  | 'timed-out'
  | 'stopping'
  | 'error';

export interface ReceivedReply {
  readonly event: 'reply';
  /** Undefined if the bytes are no HTTP reply. */
  readonly status?: number;
  readonly statusLine?: string;
  readonly tookUs: number;
  /** Of the body. */
  readonly bytes: number;
  /** The body's beginning. */
  readonly body: string;
}

export interface StateChange {
  readonly event: 'state';
  readonly from?: TcpState;
  readonly to: TcpState;
}

export interface Started {
  readonly event: 'started';
  readonly pid: number;
  readonly startedAt: string;
  readonly address: string;
  readonly port: number;
  readonly clients: number;
}

export interface Stopped {
  readonly event: 'stopped';
  /** How many were started. */
  readonly clients: number;
  readonly connected: number;
  readonly replies: number;
  readonly failed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of the complete replies, in microseconds. */
  readonly latency?: { readonly p50: number; readonly max: number };
  /** Connections that the kernel still has, by their state. */
  readonly left: Readonly<Partial<Record<TcpState, number>>>;
}

interface InEvery {
  /** Microseconds since the clients were started. */
  readonly at: number;
  /** The same moment on the clock that all processes share. */
  readonly monotonicUs: number;
}

interface OfOne {
  readonly client: number;
  readonly fd?: number;
  readonly fourTuple?: FourTuple;
}

export type ClientEvent = InEvery & (((Moment | ReceivedReply | StateChange) & OfOne) | Started | Stopped);
