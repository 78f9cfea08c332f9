// EAGAIN and EINTR say "not now" and "once more". A server that closes the connection on them, or ends, took them for errors.
// A close long after the client's last sign is a time limit, and one after a signal that asks for the end is no mistake.

import { type EventOf, type LifecycleEvent, wasKilled } from '../../lifecycle/events.js';
import type { ServerState } from '../../lifecycle/state.js';
import { type Advice, actsOn, connectionName, type Rule } from '../rule.js';

/** In microseconds: so soon after EAGAIN or EINTR, and EAGAIN so soon after the event before it. */
const AT_ONCE_US = 200_000;

interface Harmless {
  readonly errno: 'EAGAIN' | 'EINTR';
  readonly call: string;
  readonly at: number;
}

/** Those by which a server is asked to end; the last two mean what each server makes of them. */
const ASK_FOR_THE_END = [
  ...['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGABRT', 'SIGHUP', 'SIGKILL'],
  ...['SIGUSR1', 'SIGUSR2'],
];

export class TakenForTheEnd implements Rule {
  #isAskedToEnd = false;
  /** By connection, where nothing has happened on it since. */
  readonly #onConnection = new Map<number, Harmless>();
  /** By thread, of the calls that wait for clients. */
  readonly #ofThread = new Map<number, Harmless>();
  /** For what the server has ended, unless the next event says that a signal killed it. */
  #ended: Harmless | undefined;
  readonly #lastAt = new Map<number, number>();
  /** Connections whose client has an answer to what it sent. */
  readonly #answered = new Set<number>();

  take(event: LifecycleEvent, state: ServerState): Advice | undefined {
    if (event.event === 'signal' && ASK_FOR_THE_END.includes(event.signal)) this.#isAskedToEnd = true;
    if (event.event === 'signal' || this.#isAskedToEnd) return undefined;
    const finding = wasKilled(event) ? undefined : this.#ended && endedFor(this.#ended);
    this.#ended = undefined;
    const id = actsOn(event);
    if (id !== undefined) return finding ?? this.#on(id, event);
    this.#onServer(event, state);
    return finding;
  }

  timePassed(at: number): Advice | undefined {
    return this.#ended && at - this.#ended.at > AT_ONCE_US ? endedFor(this.#ended) : undefined;
  }

  #on(id: number, event: LifecycleEvent): Advice | undefined {
    const harmless = this.#onConnection.get(id);
    this.#onConnection.delete(id);
    const lastAt = this.#lastAt.get(id) ?? Number.NEGATIVE_INFINITY;
    this.#lastAt.set(id, event.at);
    if (event.event !== 'closed') this.#ofThread.delete(event.tid); // at the end a thread's connections are closed
    switch (event.event) {
      case 'received':
        this.#answered.delete(id);
        return undefined;
      case 'sent':
        this.#answered.add(id);
        return undefined;
      case 'would-block':
        if (event.at - lastAt < AT_ONCE_US && (event.call === 'send' || !this.#answered.has(id)))
          this.#onConnection.set(id, { errno: 'EAGAIN', call: event.call, at: event.at });
        return undefined;
      case 'resumed':
        if (event.wokenBy === 'signal' && !this.#answered.has(id))
          this.#onConnection.set(id, { errno: 'EINTR', call: event.call, at: event.at });
        return undefined;
      case 'closed':
        this.#lastAt.delete(id);
        this.#answered.delete(id);
        return harmless && closedFor(event, harmless);
    }
    return undefined;
  }

  #onServer(event: LifecycleEvent, { listening }: ServerState): void {
    const { tid, at } = event;
    const harmless = this.#ofThread.get(tid);
    this.#ofThread.delete(tid);
    if (event.event === 'would-block') this.#ofThread.set(tid, { errno: 'EAGAIN', call: event.call, at });
    if (event.event === 'resumed' && event.wokenBy === 'signal')
      this.#ofThread.set(tid, { errno: 'EINTR', call: event.call, at });
    const hasEnded = event.event === 'thread-ended' && tid === listening?.pid;
    if (hasEnded && harmless !== undefined && at - harmless.at < AT_ONCE_US) this.#ended = harmless;
  }
}

const MEANING = { EAGAIN: 'there is nothing yet', EINTR: 'a signal came' };

const REMEDY = {
  EAGAIN: {
    instead: 'EAGAIN is no error: wait with epoll until the descriptor is ready, then call again.',
    page: 'recv(2)',
  },
  EINTR: {
    instead: 'EINTR is no error: make the call again, or set SA_RESTART for the signal.',
    page: 'signal(7)',
  },
};

function closedFor(
  { connection, fd, at, reason }: EventOf<'closed'>,
  { errno, call, at: since }: Harmless,
): Advice | undefined {
  if (at - since > AT_ONCE_US || !['unanswered', 'replied'].includes(reason)) return undefined;
  return {
    connection,
    fd,
    happened: `${call} on ${connectionName({ connection, fd })} gave ${errno} (${MEANING[errno]}), and the server closed the connection at once`,
    matters: 'The client had done nothing wrong and lost its connection.',
    ...REMEDY[errno],
  };
}

const endedFor = ({ errno, call }: Harmless): Advice => ({
  happened: `${call} gave ${errno} (${MEANING[errno]}), and the server ended at once`,
  matters: 'All its clients lost their connections, and nobody serves the next ones.',
  ...REMEDY[errno],
});
