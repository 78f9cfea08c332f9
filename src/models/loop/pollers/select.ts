// select(2): the interest lists are three sets of our own with a bit for each descriptor; the third, for urgent data, is
// not used here. The kernel overwrites them at each wait, so they are copied each time, and looked through bit by bit.

import { interrupted, SystemCallError } from '../../../posix/errors.js';
import { FD_SETSIZE, FdSet } from '../../../posix/fd-set.js';
import type { Calls, Socket } from '../../calls.js';
import { type Poller, READABLE, WRITABLE } from './poller.js';
import { ReadyList } from './ready-list.js';

export class SelectPoller implements Poller {
  readonly limit = FD_SETSIZE;
  readonly ready = new ReadyList();
  readonly #calls: Calls;
  readonly #reading = new FdSet();
  readonly #writing = new FdSet();
  readonly #readable = new FdSet();
  readonly #writable = new FdSet();
  /** The highest descriptor that was ever watched. The kernel looks no further. */
  #highest = -1;
  readonly #ids: number[] = [];

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  add(socket: Socket, interest: number): void {
    const { id, fd } = socket;
    if (fd >= FD_SETSIZE)
      throw new RangeError(`select(2) cannot watch fd ${fd}: it takes those below ${FD_SETSIZE}`);
    this.#ids[fd] = id;
    this.#highest = Math.max(this.#highest, fd);
    this.modify(socket, interest);
  }

  modify({ id, fd }: Socket, interest: number): void {
    this.#reading.set(fd, (interest & READABLE) !== 0);
    this.#writing.set(fd, (interest & WRITABLE) !== 0);
    this.#calls.watching(id, fd, interest);
  }

  remove(socket: Socket): void {
    this.closing(socket);
    this.#calls.unwatched(socket.id, socket.fd);
  }

  /** One that was closed and left in a set would fail every call: EBADF. */
  closing({ fd }: Socket): void {
    if (fd >= FD_SETSIZE) return;
    this.#reading.set(fd, false);
    this.#writing.set(fd, false);
  }

  wait(milliseconds: number): number {
    this.#readable.copyFrom(this.#reading);
    this.#writable.copyFrom(this.#writing);
    const bits = this.#calls.select(this.#highest + 1, this.#readable, this.#writable, milliseconds);
    if (bits < 0 && !interrupted(bits)) throw new SystemCallError('select', -bits);
    this.ready.clear();
    // A descriptor that is in both sets counts twice.
    for (let fd = 0, left = bits; left > 0; fd++) {
      const readiness = (this.#readable.has(fd) ? READABLE : 0) | (this.#writable.has(fd) ? WRITABLE : 0);
      if (readiness === 0) continue;
      left -= readiness === (READABLE | WRITABLE) ? 2 : 1;
      this.ready.push(fd, this.#ids[fd]!, readiness);
    }
    return this.ready.length;
  }
}
