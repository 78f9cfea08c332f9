// The TCP states of the clients' own side, as the kernel reports them: read whenever something has happened to a client,
// and from time to time, because the other side changes them too.

import { setTimeout as sleep } from 'node:timers/promises';
import type { FourTuple } from '../net/four-tuple.js';
import type { StateOf } from '../net/tcp-state.js';
import type { TcpState } from '../net/tcp-states.js';

/** These need no further look: only time ends TIME_WAIT, after a minute. */
const AT_REST: readonly TcpState[] = ['TIME_WAIT', 'CLOSED'];

const LOOK_EVERY_MS = 100;
/** Looking takes at most this part of the time, however many clients there are. */
const BUSY = 0.05;
const SETTLE_EVERY_MS = 10;

interface WatchedEnd {
  readonly fourTuple: FourTuple;
  readonly onChange: (to: TcpState, from: TcpState | undefined) => void;
  state: TcpState | undefined;
  /** Whether this side has closed it: the kernel finishes it alone. */
  closed: boolean;
}

export class StateWatch {
  readonly stateOf: StateOf;
  readonly #watched = new Map<number, WatchedEnd>();
  readonly #left = new Map<TcpState, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(stateOf: StateOf) {
    this.stateOf = stateOf;
    this.#lookOn(LOOK_EVERY_MS);
  }

  watch(client: number, fourTuple: FourTuple, onChange: WatchedEnd['onChange']): void {
    this.#watched.set(client, { fourTuple, onChange, state: undefined, closed: false });
  }

  look(client: number): void {
    const watched = this.#watched.get(client);
    if (watched !== undefined) this.#look(client, watched);
  }

  /** This side has closed its socket. */
  closed(client: number): void {
    const watched = this.#watched.get(client);
    if (watched === undefined) return;
    watched.closed = true;
    this.#look(client, watched);
  }

  /** Resolves when no state will change any longer, or after so long: the other side may never close. */
  async settle(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (this.#watched.size > 0 && performance.now() < end) {
      await sleep(SETTLE_EVERY_MS);
      this.#lookAtAll();
    }
  }

  /** Returns how many connections the kernel still has, by their state. */
  end(): Partial<Record<TcpState, number>> {
    clearTimeout(this.#timer);
    for (const { state } of this.#watched.values()) this.#leave(state);
    return Object.fromEntries(this.#left);
  }

  #lookOn(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const began = performance.now();
      this.#lookAtAll();
      this.#lookOn(Math.max(LOOK_EVERY_MS, (performance.now() - began) / BUSY));
    }, afterMs);
  }

  #lookAtAll(): void {
    for (const [client, watched] of this.#watched) this.#look(client, watched);
  }

  #look(client: number, watched: WatchedEnd): void {
    const { state: from, closed, fourTuple, onChange } = watched;
    const to = this.stateOf(fourTuple);
    if (to === undefined) return;
    // A socket that is still open here is CLOSED for the kernel once it was reset: the client will notice soon.
    if (to === 'CLOSED' && !closed) return;
    // CLOSED as the first state: there never was a connection, or the kernel knows nothing about it.
    const isNews = to !== from && !(to === 'CLOSED' && from === undefined);
    watched.state = to;
    if (isNews) onChange(to, from);
    if (!closed || !AT_REST.includes(to)) return;
    this.#watched.delete(client);
    this.#leave(to);
  }

  #leave(state: TcpState | undefined): void {
    if (state !== undefined && state !== 'CLOSED') this.#left.set(state, (this.#left.get(state) ?? 0) + 1);
  }
}
