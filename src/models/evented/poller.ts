// The kernel's two lists: the interest list, which we write, and the ready list, which it gives back (epoll(7)).
// The only place that knows epoll; it knows nothing of what a connection is.

import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
} from '../../posix/constants.js';
import { EpollEvents } from '../../posix/epoll-events.js';
import { interrupted, SystemCallError } from '../../posix/errors.js';
import type { SystemCalls } from '../../posix/system-calls.js';

const MOST_READY = 256;

export class Poller {
  readonly fd: number;
  readonly #sys: SystemCalls;
  readonly #change = new EpollEvents(1);
  readonly #ready = new EpollEvents(MOST_READY);

  constructor(sys: SystemCalls) {
    this.#sys = sys;
    this.fd = sys.epoll_create1(EPOLL_CLOEXEC);
    if (this.fd < 0) throw new SystemCallError('epoll_create1', sys.errno());
  }

  /** Puts a descriptor on the interest list. `tag` comes back with its readiness. */
  add(fd: number, interest: number, tag: number): void {
    this.#control(EPOLL_CTL_ADD, fd, interest, tag);
  }

  modify(fd: number, interest: number, tag: number): void {
    this.#control(EPOLL_CTL_MOD, fd, interest, tag);
  }

  /** close(2) takes a descriptor off the list by itself; this is for one that stays open. */
  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0, 0);
  }

  #control(operation: number, fd: number, interest: number, tag: number): void {
    this.#change.set(0, interest, fd, tag);
    if (this.#sys.epoll_ctl(this.fd, operation, fd, this.#change.bytes) < 0) {
      throw new SystemCallError('epoll_ctl', this.#sys.errno());
    }
  }

  /** Sleeps until something is ready or `milliseconds` have passed (-1: no limit), and says how many are ready; -1: a signal came. */
  wait(milliseconds: number): number {
    const ready = this.#sys.epoll_wait(this.fd, this.#ready.bytes, MOST_READY, milliseconds);
    if (ready >= 0) return ready;
    const errno = this.#sys.errno();
    if (interrupted(errno)) return -1;
    throw new SystemCallError('epoll_wait', errno);
  }

  readyFd(index: number): number {
    return this.#ready.fd(index);
  }

  readyTag(index: number): number {
    return this.#ready.tag(index);
  }

  readiness(index: number): number {
    return this.#ready.events(index);
  }
}

export const isReadable = (readiness: number): boolean => (readiness & EPOLLIN) !== 0;
export const isWritable = (readiness: number): boolean => (readiness & EPOLLOUT) !== 0;
/** Reported whether it was asked for or not: the connection is broken, or closed on both sides. */
export const isBroken = (readiness: number): boolean => (readiness & (EPOLLERR | EPOLLHUP)) !== 0;
