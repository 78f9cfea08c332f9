// A connection that its client has closed and the server never does, or that a process keeps which does not serve it.
// A server that is busy, or that still owes this client an answer, may come back to it.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ConnectionState, ServerState, ThreadState } from '../../lifecycle/state.js';
import { count, duration } from '../../terminal/quantities.js';
import { type Advice, actsOn, connectionName, type Rule } from '../rule.js';
import { isAtRest } from './at-rest.js';

/** How long it must have been forgotten, in microseconds; and where it was not answered, because that can take long. */
const FORGOTTEN_US = 2e6;
const UNANSWERED_US = 30e6;

interface Left {
  readonly at: number;
  /** Whether recv has told the server so; otherwise only the kernel knows. */
  isKnown: boolean;
  /** The server's last act on it. */
  lastAct: number;
}

export class NeverClosed implements Rule {
  /** By connection, where the client has closed its side. */
  readonly #leftAt = new Map<number, Left>();
  /** Since when the process that served it has ended. */
  readonly #orphanedAt = new Map<number, number>();
  readonly #unanswered = new Set<number>();

  take(event: LifecycleEvent, state: ServerState): undefined {
    const id = actsOn(event);
    if (id !== undefined) this.#acted(id, event);
    if (event.event === 'close-wait') this.#left(event.connection, event.at);
    if (event.event === 'thread-ended' && event.tid === event.pid)
      for (const each of state.connections.values())
        if (each.pid === event.pid) this.#orphanedAt.set(each.id, event.at);
  }

  #acted(id: number, event: LifecycleEvent): void {
    const left = this.#leftAt.get(id);
    if (left !== undefined) left.lastAct = event.at;
    this.#orphanedAt.delete(id);
    switch (event.event) {
      case 'received':
        this.#unanswered.add(id);
        return;
      case 'sent':
        this.#unanswered.delete(id);
        return;
      case 'peer-closed':
        this.#left(id, event.at).isKnown = true;
        return;
      case 'closed':
        this.#leftAt.delete(id);
        this.#unanswered.delete(id);
    }
  }

  #left(id: number, at: number): Left {
    const left = this.#leftAt.get(id) ?? { at, isKnown: false, lastAct: at };
    this.#leftAt.set(id, left);
    return left;
  }

  timePassed(at: number, state: ServerState): Advice | undefined {
    for (const [id, since] of this.#orphanedAt) {
      const connection = state.connections.get(id);
      if (connection === undefined) this.#orphanedAt.delete(id);
      else if (at - since >= FORGOTTEN_US) return keptByAnother(connection);
    }
    const forgotten = [...this.#leftAt].flatMap(([id, left]) => {
      const connection = state.connections.get(id);
      return connection !== undefined && this.#isForgotten(connection, left, at, state) ? [connection] : [];
    });
    const [first] = forgotten;
    return first && leftOpen(first, at - this.#leftAt.get(first.id)!.at, forgotten.length);
  }

  #isForgotten(connection: ConnectionState, left: Left, at: number, { threads }: ServerState): boolean {
    const { id, tid, inFlight, bytesIn, bytesOut, stage } = connection;
    const forUs = at - left.lastAct;
    if (forUs < FORGOTTEN_US || inFlight.length > 0 || stage === 'sending') return false;
    const thread = threads.get(tid);
    if (thread === undefined) return [...threads.values()].every((each) => cannotServe(each, id));
    if (!isAtRest(thread) || thread.activity.connection === id) return false;
    const wasServed = left.isKnown || bytesIn + bytesOut > 0; // another is in a queue of the server's own
    return (wasServed && !this.#unanswered.has(id)) || forUs >= UNANSWERED_US;
  }
}

/** The thread that served it has ended, and this one has nothing to do, or sleeps for another. */
const cannotServe = (thread: ThreadState, id: number): boolean =>
  isAtRest(thread) ||
  (thread.activity.doing === 'asleep' && ![undefined, id].includes(thread.activity.connection));

function leftOpen({ id: connection, fd }: ConnectionState, forUs: number, forgotten: number): Advice {
  const others = forgotten === 1 ? '' : `. So it is with ${count(forgotten, 'connection')}`;
  return {
    connection,
    fd,
    happened: `the client of ${connectionName({ connection, fd })} closed its side ${duration(forUs, 2)} ago, and the server has not closed its own${others}`,
    matters:
      'Such a connection stays in CLOSE-WAIT and keeps its descriptor. In the end accept fails with EMFILE, and no new client gets in.',
    instead: 'Call close on every path: after the reply, when recv returns 0, and after an error.',
    page: 'close(2)',
  };
}

function keptByAnother({ id: connection, fd }: ConnectionState): Advice {
  return {
    connection,
    fd,
    happened: `the process that served ${connectionName({ connection, fd })} has ended, but another process still has the connection open`,
    matters: 'The client never sees the end of its reply, and the descriptors of the other process run out.',
    instead:
      'After fork, close the connection in the parent too: it is closed when the last process has closed it.',
    page: 'fork(2)',
  };
}
