// An event loop: who waits for what, and who can go on. It sleeps in its poller, and knows of no system call.
// It knows nothing of HTTP: a model serves the sockets that can go on, and says what each waits for next.

import { performance } from 'node:perf_hooks';
import { EPOLLET, EPOLLEXCLUSIVE } from '../../posix/constants.js';
import type { Calls, Socket } from '../calls.js';
import type { PollerName, ServeOptions } from '../options.js';
import { EpollPoller } from './pollers/epoll.js';
import { PollPoller } from './pollers/poll.js';
import { type Poller, READABLE, WRITABLE } from './pollers/poller.js';
import { SelectPoller } from './pollers/select.js';
import { type Timed, Timers } from './timers.js';

/** What a socket waits for: a readiness, and not beyond a time, in milliseconds of the loop's clock. */
export interface Wait {
  readonly readiness: number;
  readonly until: number;
}

const NEVER = Number.POSITIVE_INFINITY;
export const readable = (until = NEVER): Wait => ({ readiness: READABLE, until });
export const writable = (until: number): Wait => ({ readiness: WRITABLE, until });
export const onlyTime = (until: number): Wait => ({ readiness: 0, until });
/** It could go on at once, and lets the others go first. */
export const OTHERS_FIRST: Wait = { readiness: 0, until: 0 };

type LoopOptions = Pick<ServeOptions, 'poller' | 'edgeTriggered' | 'share'>;

const NOT_LISTED = -1;

export const POLLER_CLASSES: Record<PollerName, new (calls: Calls) => Poller> = {
  epoll: EpollPoller,
  poll: PollPoller,
  select: SelectPoller,
};

/** What the loop keeps for a descriptor. Like the number itself, it is used again for a later socket. */
class Slot<S extends Socket> implements Timed {
  socket: S | undefined;
  /** Of the socket when it was armed: the object may stand for another connection by now. */
  id = 0;
  /** As it is on the interest list. */
  interest = NOT_LISTED;
  letsOthersFirst = false;
  due = NEVER;
  heapIndex = -1;
  heapTime = 0;
}

export class Loop<S extends Socket> {
  readonly #calls: Calls;
  readonly #poller: Poller;
  readonly #timers = new Timers<Slot<S>>();
  readonly #trigger: number;
  readonly #triggerOfListener: number;
  /** By descriptor. */
  readonly #slots: Slot<S>[] = [];
  /** Those that let the others go first, and continue in the next turn. */
  #yielded: Slot<S>[] = [];
  /** Of this turn: how many are ready, which of them comes next, and those that had yielded in the turn before. */
  #ready = 0;
  #next = 0;
  #resuming: Slot<S>[] = [];
  #now = performance.now();

  constructor(calls: Calls, { poller, edgeTriggered, share }: LoopOptions) {
    this.#calls = calls;
    this.#poller = new POLLER_CLASSES[poller](calls);
    this.#trigger = edgeTriggered ? EPOLLET : 0;
    this.#triggerOfListener = share === 'listener' && poller === 'epoll' ? EPOLLEXCLUSIVE : 0;
  }

  /** No descriptor with this number or a higher one can wait here. */
  get limit(): number {
    return this.#poller.limit;
  }

  /**
   * The time of this turn, in milliseconds: a look at the clock takes as long as a tenth of a system call, and a turn
   * serves many. After a computation look again. Pauses (--pace) may come at any call.
   */
  get now(): number {
    return this.#calls.paced ? performance.now() : this.#now;
  }

  lookAtClock(): void {
    this.#now = performance.now();
  }

  /** Sleeps until an fd is ready, or a time has come. */
  wait(): void {
    const limit = this.#yielded.length > 0 ? 0 : this.#timers.untilNext(this.now);
    this.#ready = this.#poller.wait(limit);
    this.lookAtClock();
    this.#next = 0;
    this.#resuming = this.#yielded;
    this.#yielded = [];
  }

  /** The next that can go on in this turn: first those that are ready, at the end those whose time has come. */
  next(): S | undefined {
    while (this.#next < this.#ready) {
      const { ready } = this.#poller;
      const slot = this.#slots[ready.fd(this.#next)]!;
      const id = ready.id(this.#next);
      const readiness = ready.readiness(this.#next++);
      // Closed in this same turn, and perhaps its number already given to another: this readiness is not that one's.
      if (slot.socket === undefined || slot.id !== id) continue;
      this.#calls.ready(slot.socket, readiness);
      if (!slot.letsOthersFirst) return slot.socket;
    }
    for (let slot = this.#resuming.pop(); slot !== undefined; slot = this.#resuming.pop()) {
      if (!slot.letsOthersFirst) continue; // closed meanwhile
      slot.letsOthersFirst = false;
      return slot.socket;
    }
    return this.#timers.nextDue(this.#now)?.socket;
  }

  /** What the socket waits for from now on. The one place where interest and timers change. */
  arm(socket: S, wait: Wait): void {
    const slot = this.#slotOf(socket.fd);
    slot.socket = socket;
    slot.id = socket.id;
    this.#timers.set(slot, wait === OTHERS_FIRST ? NEVER : wait.until);
    if (wait === OTHERS_FIRST) {
      slot.letsOthersFirst = true;
      this.#yielded.push(slot);
      return;
    }
    // The listener, whose id is 0, is level-triggered in either case: what stays in the accept queue is reported again.
    // So is a waker, whose id is below 0.
    const interest = wait.readiness | this.#triggerOf(socket.id);
    if (interest === slot.interest) return;
    if (slot.interest === NOT_LISTED) this.#poller.add(socket, interest);
    else this.#poller.modify(socket, interest);
    slot.interest = interest;
  }

  #triggerOf(id: number): number {
    if (id > 0) return this.#trigger;
    return id === 0 ? this.#triggerOfListener : 0;
  }

  /** The socket is about to be closed. */
  forget(socket: S): void {
    this.#poller.closing(socket);
    const slot = this.#slotOf(socket.fd);
    slot.socket = undefined;
    slot.interest = NOT_LISTED;
    slot.letsOthersFirst = false;
    this.#timers.set(slot, NEVER);
  }

  /** The socket stays open, and nobody waits for it any longer. */
  remove(socket: S): void {
    this.#poller.remove(socket);
    this.forget(socket);
  }

  /** All that wait here. */
  get all(): S[] {
    return this.#slots.flatMap(({ socket }) => socket ?? []);
  }

  #slotOf(fd: number): Slot<S> {
    this.#slots[fd] ??= new Slot();
    return this.#slots[fd];
  }
}
