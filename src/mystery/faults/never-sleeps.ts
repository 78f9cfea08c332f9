// epoll_wait with a time limit of 0: the loop asks again and again, and takes a whole CPU even without clients.

import { Calls } from '../../models/calls.js';
import type { EpollEvents } from '../../posix/epoll-events.js';
import { numberIn } from '../evidence.js';
import { type Fault, WITH_A_LOOP } from '../fault.js';

class NeverSleeps extends Calls {
  override epoll_wait(epfd: number, ready: EpollEvents): number {
    return super.epoll_wait(epfd, ready, 0);
  }
}

export const neverSleeps: Fault = {
  name: 'never-sleeps',
  claim: 'Its loop keeps a CPU busy even when nobody is connected.',
  sign: 'top would show a whole CPU from the start, even without any client.',
  question: 'With which time limit, in milliseconds, is epoll_wait called (the last argument in strace)?',
  servers: WITH_A_LOOP,
  Calls: NeverSleeps,
  evidence: () => numberIn(0, 'ms'),
  cause: () =>
    'epoll_wait is called with a time limit of 0, so it returns at once. It must sleep until the next timer is due, or without a limit (-1).',
  looks: [
    ['top -H -p $PID', 'the loop at 100 % CPU, without a client'],
    ['timeout 1 strace -c -f -p $PID', 'thousands of epoll_wait'],
    ['timeout 1 strace -f -p $PID -e trace=epoll_wait', 'epoll_wait(..., 0) = 0'],
  ],
};
