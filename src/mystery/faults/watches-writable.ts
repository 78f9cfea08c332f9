// Each connection is watched for EPOLLOUT all the time. A socket is nearly always writable, so the loop never sleeps.

import type { Socket } from '../../models/calls.js';
import { EPOLLOUT } from '../../posix/constants.js';
import { wordIn } from '../evidence.js';
import { type Fault, LEVEL_TRIGGERED } from '../fault.js';
import { OtherInterest } from '../other-calls.js';

class WatchesWritable extends OtherInterest {
  protected more({ id }: Socket): number {
    return id > 0 ? EPOLLOUT : 0;
  }
}

export const watchesWritable: Fault = {
  name: 'watches-writable',
  claim: 'A client that sends nothing keeps its loop busy.',
  sign: 'As long as a client is connected, even a silent one, top would show a whole CPU. Without clients it would sleep.',
  question: 'Which readiness does epoll_wait report again and again for a silent client (strace)?',
  servers: LEVEL_TRIGGERED,
  Calls: WatchesWritable,
  evidence: () => wordIn(['EPOLLOUT'], ['EPOLLIN']),
  cause: () =>
    'The interest of each connection has EPOLLOUT in it. That belongs there only while a reply waits for room, after send has returned EAGAIN.',
  looks: [
    ['evented-demo connect --silent', 'a client that keeps the loop awake'],
    ['top -H -p $PID', 'the thread loop at 100 % CPU'],
    ['evented-demo inspect', 'an interest of EPOLLIN|EPOLLOUT'],
  ],
};
