// EPOLLONESHOT, and nobody arms the connection again: the first event of a connection is also its last.

import type { Socket } from '../../models/calls.js';
import { EPOLLONESHOT } from '../../posix/constants.js';
import { wordIn } from '../evidence.js';
import { type Fault, keptAlive, LEVEL_TRIGGERED } from '../fault.js';
import { OtherInterest } from '../other-calls.js';

class WatchesOnce extends OtherInterest {
  protected more({ id }: Socket): number {
    return id > 0 ? EPOLLONESHOT : 0;
  }
}

export const watchesOnce: Fault = {
  name: 'watches-once',
  claim: 'It does not watch a connection any longer after the first event on it.',
  sign: 'A request in one piece would be answered. A second piece, or a second request on the connection, would stay in Recv-Q (ss -tn) for ever.',
  question: 'Which flag, beside EPOLLIN, does each connection have on the interest list?',
  servers: keptAlive(LEVEL_TRIGGERED),
  Calls: WatchesOnce,
  evidence: () => wordIn(['EPOLLONESHOT', 'ONESHOT']),
  cause: () =>
    'Connections are watched with EPOLLONESHOT: after an event the kernel keeps the entry and reports nothing for it, until epoll_ctl arms it again (EPOLL_CTL_MOD). The server never does that.',
  looks: [
    ['curl -m 3 http://127.0.0.1:8080/ http://127.0.0.1:8080/', 'one reply, then a time-out'],
    ["ss -tnH 'sport = :8080'", 'the second request in Recv-Q, meanwhile'],
    ['evented-demo inspect', 'an interest of EPOLLONESHOT, without EPOLLIN'],
  ],
};
