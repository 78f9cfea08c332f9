// A send that took a part of what it was given, and nobody has sent the rest.

import type { EventOf, LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerState } from '../../lifecycle/state.js';
import { count, number } from '../../terminal/quantities.js';
import { type Advice, actsOn, connectionName, type Rule } from '../rule.js';
import { isAtRest } from './at-rest.js';

/** A close that comes later may be that of a server that has lost patience with its client, in microseconds. */
const AT_ONCE_US = 1e6;
/** How long nobody must have come back to it. */
const LEFT_US = 2e6;

type Short = EventOf<'sent'> & { readonly asked: number };

export class ShortSend implements Rule {
  readonly #short = new Map<number, Short>();

  take(event: LifecycleEvent): Advice | undefined {
    const id = actsOn(event);
    if (id === undefined) return undefined;
    const short = this.#short.get(id);
    this.#short.delete(id); // whatever comes next is about the rest, or is the close
    if (event.event === 'sent' && event.asked !== undefined) this.#short.set(id, event as Short);
    if (event.event !== 'closed' || short === undefined || event.at - short.at > AT_ONCE_US) return undefined;
    return event.reason === 'replied' ? advice(short, 'then it closed the connection') : undefined;
  }

  timePassed(at: number, state: ServerState): Advice | undefined {
    for (const [id, short] of this.#short) {
      const { watched, tid } = state.connections.get(id) ?? {};
      const thread = state.threads.get(tid ?? -1);
      if (at - short.at < LEFT_US || watched === undefined || thread === undefined) continue;
      if (isAtRest(thread) && !/POLLOUT|writefds/.test(watched.interest))
        return advice(short, 'and does not watch it for writing, so it never sends the rest');
    }
    return undefined;
  }
}

function advice({ connection, fd, bytes, asked }: Short, then: string): Advice {
  return {
    connection,
    fd,
    happened: `send on ${connectionName({ connection, fd })} took ${number(bytes)} of ${count(asked, 'byte')}; the server took that for all, ${then}`,
    matters: `The client has lost the other ${count(asked - bytes, 'byte')}. It happens with long replies and slow clients, so never while you test.`,
    instead:
      'Look at what send returns. Keep the rest, watch the socket for writing, and send the rest when it is ready.',
    page: 'send(2)',
  };
}
