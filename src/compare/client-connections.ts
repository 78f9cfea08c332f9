// The connections of one server's clients, put together from what was recorded of them moment by moment.

import type { ClientMoment } from '../sources/recording-entry.js';
import type { ClientConnection } from './comparison.js';

export class ClientConnections {
  readonly #connections = new Map<number, ClientConnection>();

  /** Gives what is known of the connection now, where this moment adds to it. */
  take({ at, event, client, fourTuple }: ClientMoment): ClientConnection | undefined {
    const known = { startedAt: at, ...this.#connections.get(client), ...(fourTuple && { fourTuple }) };
    const changed =
      event === 'connecting'
        ? known
        : event === 'connected'
          ? { ...known, connectedAt: at }
          : event === 'closed'
            ? { ...known, closedAt: at }
            : undefined;
    if (changed !== undefined) this.#connections.set(client, changed);
    return changed;
  }

  /** In the order of their start. */
  get all(): ClientConnection[] {
    return [...this.#connections.values()];
  }
}
