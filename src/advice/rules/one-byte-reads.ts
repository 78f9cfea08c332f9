// A server that asks the kernel for one byte at a time.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import { type Advice, connectionName, type Rule } from '../rule.js';

/** So many in a row: a server may read a mark of one byte, and then the rest at once. */
const TIMES = 16;

export class OneByteReads implements Rule {
  readonly #times = new Map<number, number>();

  take(event: LifecycleEvent): Advice | undefined {
    if (event.event === 'closed') this.#times.delete(event.connection);
    if (event.event !== 'received') return undefined;
    const { connection, fd, room } = event;
    const times = room === 1 ? (this.#times.get(connection) ?? 0) + 1 : 0;
    this.#times.set(connection, times);
    if (times < TIMES) return undefined;
    return {
      connection,
      fd,
      happened: `recv on ${connectionName({ connection, fd })} has asked for a single byte ${times} times in a row`,
      matters: 'Each byte costs a system call. A request of 500 bytes takes 500 calls where one would do.',
      instead: 'Receive into a buffer of some thousand bytes, and look for the end of the request in it.',
      page: 'recv(2)',
    };
  }
}
