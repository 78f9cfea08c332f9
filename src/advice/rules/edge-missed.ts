// Edge-triggered, and not everything was taken: the poller reports a descriptor only when something new comes, so what is left
// lies there while the loop sleeps. That it lies there is the kernel's own word.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ConnectionState, ServerState } from '../../lifecycle/state.js';
import { count } from '../../terminal/quantities.js';
import { type Advice, actsOn, connectionName, type Rule } from '../rule.js';
import { isAtRest } from './at-rest.js';

/** How long it must have been left, in microseconds. */
const LEFT_US = 1e6;

export class EdgeMissed implements Rule {
  /** Connections whose last recv filled its whole buffer: there may be more. */
  readonly #filled = new Map<number, number>();
  readonly #unread = new Map<number, { readonly bytes: number; readonly at: number }>();
  /** Clients in the accept queue, by listener, and since when. */
  readonly #queued = new Map<number, { readonly length: number; readonly at: number }>();

  take(event: LifecycleEvent): undefined {
    const id = actsOn(event);
    if (id !== undefined) this.#unread.delete(id);
    switch (event.event) {
      case 'received':
        if (event.bytes === event.room) this.#filled.set(event.connection, event.bytes);
        else this.#filled.delete(event.connection);
        return;
      case 'closed':
        this.#filled.delete(event.connection);
        return;
      case 'would-block':
        if (event.connection !== undefined && event.call === 'recv') this.#filled.delete(event.connection);
        return;
      case 'unread':
        this.#unread.set(event.connection, event);
        return;
      case 'accept-queue':
        if (event.length === 0) this.#queued.delete(event.fd);
        else if (!this.#queued.has(event.fd)) this.#queued.set(event.fd, event);
        return;
      case 'accepted':
        this.#queued.clear();
    }
  }

  timePassed(at: number, state: ServerState): Advice | undefined {
    for (const [id, unread] of this.#unread) {
      const connection = state.connections.get(id);
      const filled = this.#filled.get(id);
      const thread = connection && state.threads.get(connection.tid);
      if (connection === undefined || filled === undefined || thread === undefined) continue;
      if (at - unread.at >= LEFT_US && isEdge(connection.watched?.interest) && isAtRest(thread))
        return leftInSocket(connection, filled, unread.bytes);
    }
    const isAnyoneAwake = [...state.threads.values()].some((thread) => !isAtRest(thread));
    for (const { fd, connection, interest } of isAnyoneAwake ? [] : state.interestList) {
      const queued = connection === undefined ? this.#queued.get(fd) : undefined;
      if (queued !== undefined && at - queued.at >= LEFT_US && isEdge(interest))
        return leftInQueue(fd, queued.length);
    }
    return undefined;
  }
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
