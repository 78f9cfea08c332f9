// The client has closed, recv has returned 0, and the server forgets to close its own side: CLOSE-WAIT grows.

import type { CloseReason } from '../../lifecycle/events.js';
import type { Socket } from '../../models/calls.js';
import type { Connection } from '../../net/connection.js';
import { EPOLL_CTL_DEL } from '../../posix/constants.js';
import { EpollEvents } from '../../posix/epoll-events.js';
import { numberIn } from '../evidence.js';
import { type Fault, keptAlive, ONE_THREAD } from '../fault.js';
import { OtherCalls } from '../other-calls.js';

class NeverCloses extends OtherCalls {
  #closedByPeer = 0;
  #epfd = -1;

  override close(c: Connection, reason: CloseReason): void {
    const isForgotten = reason === 'peer-closed' && ++this.#closedByPeer % this.amount === 0;
    if (!isForgotten) return super.close(c, reason);
    this.thread.memory.connectionOpened(); // the model has just counted it as closed
    if (this.#epfd >= 0) this.epoll_ctl(this.#epfd, EPOLL_CTL_DEL, c, 0, new EpollEvents(1));
  }

  override epoll_ctl(
    epfd: number,
    operation: number,
    socket: Socket,
    interest: number,
    event: EpollEvents,
  ): number {
    this.#epfd = epfd;
    return super.epoll_ctl(epfd, operation, socket, interest, event);
  }
}

export const neverCloses: Fault = {
  name: 'never-closes',
  claim: 'It does not close its side of a connection that the client has closed.',
  sign: "ss -tan would show connections of clients that have left, still open on the server's side, and more of them each time.",
  question:
    "Let 12 clients connect, ask for / and leave, one after the other. How many connections are left on the server's side, in a state that does not end by itself?",
  servers: keptAlive(ONE_THREAD),
  amounts: [1, 2, 3, 4],
  Calls: NeverCloses,
  evidence: (every) => numberIn(12 / every, 'in CLOSE-WAIT'),
  cause: (every) =>
    `recv returned 0, so the client has closed, and the server does not call close${every === 1 ? '' : `, for one of every ${every} such connections`}. The kernel keeps such a socket, and its descriptor, until the process ends.`,
  looks: [
    [
      "for i in {1..12}; do curl -s http://127.0.0.1:8080/ > /dev/null; done; ss -tanH 'sport = :8080'",
      'lines in CLOSE-WAIT',
    ],
    ['ls /proc/$PID/fd | wc -l', 'a number that grows'],
  ],
};
