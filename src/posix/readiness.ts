// What a descriptor is watched for, and what it is ready for, in the words of each poller's man page.
// In memory it is one mask for all of them: poll(2) and epoll(7) have the same numbers.

import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT } from './constants.js';
import { describeEpollMask, flags } from './epoll-mask.js';

const POLL_NAMES = Object.entries({
  POLLIN: EPOLLIN,
  POLLOUT: EPOLLOUT,
  POLLERR: EPOLLERR,
  POLLHUP: EPOLLHUP,
});

/** select(2) has no bits, it has a set for each. */
const SELECT_NAMES = Object.entries({ readfds: EPOLLIN, writefds: EPOLLOUT });

export type DescribeMask = (mask: number) => string;

export const DESCRIBE_MASK = {
  epoll: describeEpollMask,
  poll: (mask) => flags(mask, POLL_NAMES),
  select: (mask) => flags(mask, SELECT_NAMES),
} as const satisfies Record<string, DescribeMask>;
