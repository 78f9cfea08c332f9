// The kernel's two lists: the interest list, which we write, and the ready list, which it gives back (epoll(7)).
// The only file that knows epoll; it knows nothing of what a connection is.

import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } from '../../posix/constants.js';
import { EpollEvents } from '../../posix/epoll-events.js';
import { interrupted, SystemCallError } from '../../posix/errors.js';
import type { Calls, Socket } from '../calls.js';

const MOST_READY = 256;

export class Poller {
  readonly #calls: Calls;
  readonly #fd: number;
  readonly #change = new EpollEvents(1);
  readonly #ready = new EpollEvents(MOST_READY);

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#fd = calls.epoll_create1(EPOLL_CLOEXEC);
    if (this.#fd < 0) throw new SystemCallError('epoll_create1', -this.#fd);
  }

  /** Puts a socket on the interest list. Its id comes back with its readiness. */
  add(socket: Socket, interest: number): void {
    this.#control(EPOLL_CTL_ADD, socket, interest);
  }

  modify(socket: Socket, interest: number): void {
    this.#control(EPOLL_CTL_MOD, socket, interest);
  }

  /** close(2) takes a descriptor off the list by itself; this is for one that stays open. */
  remove(socket: Socket): void {
    this.#control(EPOLL_CTL_DEL, socket, 0);
  }

  #control(operation: number, socket: Socket, interest: number): void {
    this.#change.set(0, interest, socket.fd, socket.id);
    const result = this.#calls.epoll_ctl(this.#fd, operation, socket, interest, this.#change);
    if (result < 0) throw new SystemCallError('epoll_ctl', -result);
  }

  /** Sleeps until something is ready or `milliseconds` have passed (-1: no limit), and gives how many are ready. */
  wait(milliseconds: number): number {
    const ready = this.#calls.epoll_wait(this.#fd, this.#ready, milliseconds);
    if (ready >= 0) return ready;
    if (interrupted(ready)) return 0;
    throw new SystemCallError('epoll_wait', -ready);
  }

  readyFd(index: number): number {
    return this.#ready.fd(index);
  }

  readyId(index: number): number {
    return this.#ready.tag(index);
  }

  readiness(index: number): number {
    return this.#ready.events(index);
  }
}
