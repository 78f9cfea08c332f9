// Edge-triggered, and not everything was taken: the poller reports a descriptor only when something new comes, so what is left
// lies there while the loop sleeps. That it lies there is the kernel's own word.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ConnectionState, ServerState } from '../../lifecycle/state.js';
import { count } from '../../terminal/quantities.js';
import { type Advice, actsOn, connectionName, type Rule } from '../rule.js';
import { isAtRest } from './at-rest.js';

/** How long it must have been left, in microseconds. */
const LEFT_US = 1e6;

/** Bytes or clients that the server has not taken. */
interface LeftOver {
  /** From the last event about it: there is one only when the amount changes. */
  readonly amount: number;
  /** When it was first reported, or when the server last acted on it: it may still be taking the rest. */
  since: number;
}

export class EdgeMissed implements Rule {
  /** Connections whose last recv filled its whole buffer: there may be more. */
  readonly #filled = new Map<number, number>();
  /** Bytes that nobody has received, by connection. */
  readonly #unread = new Map<number, LeftOver>();
  /** Clients in the accept queue, by listener. */
  readonly #queued = new Map<number, LeftOver>();

  take(event: LifecycleEvent): undefined {
    const id = actsOn(event);
    if (id !== undefined) beginAnew(this.#unread.get(id), event.at);
    switch (event.event) {
      case 'received':
        this.#unread.delete(event.connection);
        if (event.bytes === event.room) this.#filled.set(event.connection, event.bytes);
        else this.#filled.delete(event.connection);
        return;
      case 'closed':
        this.#unread.delete(event.connection);
        this.#filled.delete(event.connection);
        return;
      case 'would-block':
        if (event.connection !== undefined && event.call === 'recv') this.#filled.delete(event.connection);
        return;
      case 'unread':
        this.#unread.set(event.connection, { amount: event.bytes, since: event.at });
        return;
      case 'accept-queue': {
        const { fd, length, at } = event;
        if (length === 0) this.#queued.delete(fd);
        else this.#queued.set(fd, { amount: length, since: this.#queued.get(fd)?.since ?? at });
        return;
      }
      case 'accepted':
        for (const queue of this.#queued.values()) beginAnew(queue, event.at);
    }
  }

  timePassed(at: number, state: ServerState): Advice | undefined {
    for (const [id, unread] of this.#unread) {
      const connection = state.connections.get(id);
      const filled = this.#filled.get(id);
      const thread = connection && state.threads.get(connection.tid);
      if (connection === undefined || filled === undefined || thread === undefined) continue;
      if (at - unread.since >= LEFT_US && isEdge(connection.watched?.interest) && isAtRest(thread))
        return leftInSocket(connection, filled, unread.amount);
    }
    const isAnyoneAwake = [...state.threads.values()].some((thread) => !isAtRest(thread));
    for (const { fd, connection, interest } of isAnyoneAwake ? [] : state.interestList) {
      const queued = connection === undefined ? this.#queued.get(fd) : undefined;
      if (queued !== undefined && at - queued.since >= LEFT_US && isEdge(interest))
        return leftInQueue(fd, queued.amount);
    }
    return undefined;
  }
}

/** The server has acted, so its second begins again. An event that comes late does not turn the time back. */
function beginAnew(left: LeftOver | undefined, at: number): void {
  if (left !== undefined) left.since = Math.max(left.since, at);
}

const isEdge = (interest = ''): boolean => interest.includes('EPOLLET') && interest.includes('EPOLLIN');

const leftInSocket = ({ id: connection, fd }: ConnectionState, filled: number, bytes: number): Advice => ({
  connection,
  fd,
  happened: `${connectionName({ connection, fd })} is edge-triggered (EPOLLET); its last recv filled a buffer of ${count(filled, 'byte')}, ${count(bytes, 'byte')} ${bytes === 1 ? 'is' : 'are'} still unread, and the loop sleeps`,
  ...untilEagain('recv'),
});

const leftInQueue = (fd: number, length: number): Advice => ({
  fd,
  happened: `the listener, fd ${fd}, is edge-triggered (EPOLLET); ${count(length, 'client')} ${length === 1 ? 'is' : 'are'} still in its accept queue, and the loop sleeps`,
  ...untilEagain('accept'),
});

const untilEagain = (call: 'recv' | 'accept') => ({
  matters:
    'Edge-triggered epoll reports what is new and not what is left, so this client waits until something else happens.',
  instead: `After each EPOLLIN call ${call} again and again, until it gives EAGAIN.`,
  page: 'epoll(7)',
});
