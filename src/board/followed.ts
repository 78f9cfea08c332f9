// Whom a picture follows: one connection, or all connections of the client that has given itself a name.

import { clientName } from '../http/connection-page.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerState } from '../lifecycle/state.js';

/** A connection's id, or a client's name; undefined: nobody in particular. */
export type Followed = number | string | undefined;

/** Whether what belongs to this connection, or to none, is about somebody else. */
export type IsOther = (connection: number | undefined) => boolean;

export function othersIn(state: Pick<ServerState, 'clientOf'>, followed: Followed): IsOther {
  if (followed === undefined) return () => false;
  if (typeof followed === 'number') return (connection) => connection !== followed;
  return (connection) => connection === undefined || state.clientOf(connection) !== followed;
}

/** Digits that follow each other this quickly are one number, in milliseconds. */
const SAME_NUMBER_MS = 1000;

/** A connection's id, typed digit by digit. */
export class TypedId {
  #typedAt = Number.NEGATIVE_INFINITY;
  #id = 0;

  /** Who is followed after this digit at this moment, in milliseconds; 0 is nobody. */
  type(digit: number, now: number): Followed {
    this.#id = digit + (now - this.#typedAt < SAME_NUMBER_MS ? this.#id * 10 : 0);
    this.#typedAt = now;
    return this.#id === 0 ? undefined : this.#id;
  }
}

/** The name of each connection's client, from all events of a server: a state forgets those that are over. */
export class ClientNames {
  readonly #byConnection = new Map<number, string>();

  take(event: LifecycleEvent): void {
    const name = event.event === 'request' ? clientName(event.target) : undefined;
    if (name !== undefined) this.#byConnection.set((event as { connection: number }).connection, name);
  }

  clientOf(connection: number): string | undefined {
    return this.#byConnection.get(connection);
  }

  get all(): string[] {
    return [...this.#byConnection.values()];
  }
}

export const nameOfFollowed = (followed: number | string): string =>
  typeof followed === 'number' ? `#${followed}` : followed;

/** The name that was meant by its first letters: that very name, or the first one that begins so. */
export function nameFrom(typed: string, names: readonly string[]): string | undefined {
  const begins = typed.toLowerCase();
  const same = names.find((name) => name.toLowerCase() === begins);
  return same ?? names.find((name) => begins !== '' && name.toLowerCase().startsWith(begins));
}
