// epoll(7): the kernel keeps the interest list, hears only of changes to it, and gives back a list of those that are ready.
// The cost of a wait depends on how many are ready, not on how many are watched.

import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLEXCLUSIVE,
} from '../../../posix/constants.js';
import { EpollEvents } from '../../../posix/epoll-events.js';
import { interrupted, SystemCallError } from '../../../posix/errors.js';
import type { Calls, Socket } from '../../calls.js';
import type { Poller } from './poller.js';

const MOST_READY = 256;

export class EpollPoller implements Poller {
  readonly limit = Number.POSITIVE_INFINITY;
  readonly ready = new EpollEvents(MOST_READY);
  readonly #calls: Calls;
  readonly #fd: number;
  readonly #change = new EpollEvents(1);

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#fd = calls.epoll_create1(EPOLL_CLOEXEC);
    if (this.#fd < 0) throw new SystemCallError('epoll_create1', -this.#fd);
  }

  add(socket: Socket, interest: number): void {
    this.#control(EPOLL_CTL_ADD, socket, interest);
  }

  modify(socket: Socket, interest: number): void {
    if ((interest & EPOLLEXCLUSIVE) === 0) return this.#control(EPOLL_CTL_MOD, socket, interest);
    // Such an entry is as it was added (epoll_ctl(2)).
    this.remove(socket);
    this.add(socket, interest);
  }

  remove(socket: Socket): void {
    this.#control(EPOLL_CTL_DEL, socket, 0);
  }

  /** close(2) takes a descriptor off the list by itself. */
  closing(): void {}

  #control(operation: number, socket: Socket, interest: number): void {
    this.#change.set(0, interest, socket.fd, socket.id);
    const result = this.#calls.epoll_ctl(this.#fd, operation, socket, interest, this.#change);
    if (result < 0) throw new SystemCallError('epoll_ctl', -result);
  }

  wait(milliseconds: number): number {
    const ready = this.#calls.epoll_wait(this.#fd, this.ready, milliseconds);
    if (ready >= 0) return ready;
    if (interrupted(ready)) return 0;
    throw new SystemCallError('epoll_wait', -ready);
  }
}
