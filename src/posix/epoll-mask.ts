// The names in a mask of epoll events, as epoll_ctl(2) and strace write them: EPOLLIN|EPOLLOUT.

import { EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT } from './constants.js';

/** In the order in which strace writes them. */
const NAMES = Object.entries({
  EPOLLIN,
  EPOLLOUT,
  EPOLLERR,
  EPOLLHUP,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLLET,
});

/** An empty mask is `0`: such a descriptor is still reported if it fails or hangs up. */
export function describeEpollMask(mask: number): string {
  return flags(mask, NAMES);
}

/** The names of the bits that are set; bits without a name in hexadecimal. */
export function flags(mask: number, names: readonly (readonly [string, number])[]): string {
  const parts: string[] = [];
  let rest = mask;
  for (const [name, bit] of names) {
    if ((rest & bit) === 0) continue;
    parts.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) parts.push(`0x${(rest >>> 0).toString(16)}`);
  return parts.join('|') || '0';
}
