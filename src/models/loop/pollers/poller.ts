// What a loop needs of the kernel: to say what it waits for, and to hear who is ready. epoll(7), poll(2) and select(2)
// each do it in their own way, in a file each beside this one; none of them knows what a connection is.

import { EPOLLIN, EPOLLOUT } from '../../../posix/constants.js';
import type { Socket } from '../../calls.js';

/** The bits of an interest and of a readiness. */
export const READABLE = EPOLLIN;
export const WRITABLE = EPOLLOUT;

export interface Poller {
  /** It cannot watch a descriptor with this number or a higher one. */
  readonly limit: number;
  /** Puts a socket on the interest list. Its id comes back with its readiness. */
  add(socket: Socket, interest: number): void;
  modify(socket: Socket, interest: number): void;
  /** Takes a socket that stays open off the list. */
  remove(socket: Socket): void;
  /** The socket is about to be closed. */
  closing(socket: Socket): void;
  /** Sleeps until something is ready or `milliseconds` have passed (-1: no limit), and gives how many are ready. */
  wait(milliseconds: number): number;
  /** What the last wait found. It stays so until the next. */
  readonly ready: Ready;
}

export interface Ready {
  fd(index: number): number;
  id(index: number): number;
  readiness(index: number): number;
}
