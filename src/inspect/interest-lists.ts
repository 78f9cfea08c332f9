// The interest lists of a process: /proc/PID/fdinfo shows what an epoll instance watches, and for what (proc(5)).
// The loop's poller puts the descriptor and the connection's id into epoll_data, so they are there to be read.

import { readProc } from '../posix/proc.js';

export interface Watch {
  readonly fd: number;
  /** A mask of EPOLLIN, EPOLLOUT, EPOLLET; the kernel always adds EPOLLERR and EPOLLHUP, which are left out here. */
  readonly interest: number;
  /** epoll_data, 64 bits in hexadecimal: ours to choose. */
  readonly data: string;
  /** The high half of epoll_data: the connection's id, 0 for the listener, -1 for what wakes the loop. */
  readonly tag: number;
}

export interface InterestList {
  /** The epoll instance. */
  readonly fd: number;
  /** Whether libuv made it, for Node: then epoll_data holds no connection's id. */
  readonly ofNode: boolean;
  readonly watches: readonly Watch[];
}

/** The id of the eventfd by which workers wake the loop, in epoll_data: -1. */
const WAKER_TAG = 0xffff_ffff;

const ALWAYS_THERE = 0x018; // EPOLLERR|EPOLLHUP

/**
 * `eventfds`: other threads wake a loop through these. Each loop of libuv watches one; ours does if it has workers, with an
 * id below 0 (models/evented/workers.ts).
 */
export function interestList(pid: number, epfd: number, eventfds: ReadonlySet<number>): InterestList {
  const watches = parseWatches(readProc(`/proc/${pid}/fdinfo/${epfd}`));
  return { fd: epfd, ofNode: watches.some(({ fd, tag }) => eventfds.has(fd) && tag !== WAKER_TAG), watches };
}

/** Of a list that is not libuv's: the connection, where it is one. */
export const connectionOf = ({ tag }: Watch): number | undefined =>
  tag === 0 || tag === WAKER_TAG ? undefined : tag;

/** The lines `tfd:       24 events:       19 data:        100000018  pos:0 ino:23a9bf0 sdev:9`, by descriptor. */
export function parseWatches(fdinfo: string): Watch[] {
  const lines = fdinfo.matchAll(/^tfd:\s*(\d+)\s+events:\s*([0-9a-f]+)\s+data:\s*([0-9a-f]+)/gm);
  return Array.from(lines, ([, fd, events, data]) => ({
    fd: Number(fd),
    interest: Number.parseInt(events!, 16) & ~ALWAYS_THERE,
    data: `0x${data}`,
    tag: Number(BigInt(`0x${data}`) >> 32n),
  })).sort((a, b) => a.fd - b.fd);
}
