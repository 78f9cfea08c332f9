// What a process has open: its sockets, its epoll instances with their interest lists, its rings with what is in flight.

import { socketInode } from '../net/socket-holders.js';
import { linkOf, listProc } from '../posix/proc.js';
import { inFlightOf, type RingOperations } from './in-flight.js';
import { type InterestList, interestList } from './interest-lists.js';

export interface Descriptors {
  /** By the socket's inode, as in the kernel's TCP table. */
  readonly sockets: ReadonlyMap<number, number>;
  readonly interestLists: readonly InterestList[];
  readonly rings: readonly RingOperations[];
  /** False for another user's process. */
  readonly readable: boolean;
}

export function descriptorsOf(pid: number): Descriptors {
  const sockets = new Map<number, number>();
  const epolls: number[] = [];
  const rings: number[] = [];
  const eventfds = new Set<number>();
  let readable = true;
  const fds = listProc(`/proc/${pid}/fd`, () => {
    readable = false;
  });
  for (const fd of fds.map(Number)) {
    const link = linkOf(`/proc/${pid}/fd/${fd}`);
    const inode = socketInode(link);
    if (inode !== undefined) sockets.set(inode, fd);
    else if (link === 'anon_inode:[eventpoll]') epolls.push(fd);
    else if (link === 'anon_inode:[io_uring]') rings.push(fd);
    else if (link === 'anon_inode:[eventfd]') eventfds.add(fd);
  }
  return {
    sockets,
    interestLists: epolls.map((epfd) => interestList(pid, epfd, eventfds)),
    rings: rings.map((ring) => inFlightOf(pid, ring)),
    readable,
  };
}
