// poll(2): the interest list is an array of our own. The kernel is given all of it at each wait, looks at every
// descriptor in it, and marks those that are ready; we look at every one again to find them.

import { interrupted, SystemCallError } from '../../../posix/errors.js';
import { PollFds } from '../../../posix/poll-fds.js';
import type { Calls, Socket } from '../../calls.js';
import type { Poller } from './poller.js';
import { ReadyList } from './ready-list.js';

const FIRST_ROOM = 64;

export class PollPoller implements Poller {
  readonly limit = Number.POSITIVE_INFINITY;
  readonly ready = new ReadyList();
  readonly #calls: Calls;
  #list = new PollFds(FIRST_ROOM);
  #watched = 0;
  /** Where a descriptor stands in the array, and whose id it has. */
  readonly #places: number[] = [];
  readonly #ids: number[] = [];

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  add({ id, fd }: Socket, interest: number): void {
    if (this.#watched === this.#list.length) this.#list = this.#list.grown();
    this.#ids[fd] = id;
    this.#place(this.#watched++, fd, interest);
    this.#calls.watching(id, fd, interest);
  }

  modify({ id, fd }: Socket, interest: number): void {
    this.#place(this.#places[fd]!, fd, interest);
    this.#calls.watching(id, fd, interest);
  }

  remove(socket: Socket): void {
    this.closing(socket);
    this.#calls.unwatched(socket.id, socket.fd);
  }

  /** The last one takes its place. One that was closed and left in the array would be ready for ever: POLLNVAL. */
  closing({ fd }: Socket): void {
    const place = this.#places[fd];
    if (place === undefined || place < 0) return;
    this.#places[fd] = -1;
    const last = --this.#watched;
    if (place !== last) this.#place(place, this.#list.fd(last), this.#list.events(last));
  }

  #place(place: number, fd: number, interest: number): void {
    this.#list.set(place, fd, interest);
    this.#places[fd] = place;
  }

  wait(milliseconds: number): number {
    const ready = this.#calls.poll(this.#list, this.#watched, milliseconds);
    if (ready < 0 && !interrupted(ready)) throw new SystemCallError('poll', -ready);
    this.ready.clear();
    for (let place = 0; this.ready.length < ready; place++) {
      const readiness = this.#list.revents(place);
      if (readiness === 0) continue;
      const fd = this.#list.fd(place);
      this.ready.push(fd, this.#ids[fd]!, readiness);
    }
    return this.ready.length;
  }
}
