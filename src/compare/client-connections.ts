// The connections of one server's clients, put together from what was recorded of them moment by moment.

import type { ClientMoment } from '../sources/recording-entry.js';
import type { ClientConnection } from './comparison.js';

/** What happens to each connection once. */
export const OF_CONNECTIONS: readonly string[] = ['connecting', 'connected', 'closed'];

export class ClientConnections {
  readonly #connections = new Map<number, ClientConnection>();

  take({ at, event, client, fourTuple }: ClientMoment): void {
    if (!OF_CONNECTIONS.includes(event)) return;
    this.#connections.set(client, {
      startedAt: at,
      ...this.#connections.get(client),
      ...(fourTuple && { fourTuple }),
      ...(event === 'connected' && { connectedAt: at }),
      ...(event === 'closed' && { closedAt: at }),
    });
  }

  /** In the order of their start. */
  get all(): ClientConnection[] {
    return [...this.#connections.values()];
  }
}
