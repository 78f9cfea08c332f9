// The listener is watched edge-triggered, and accept is not called until EAGAIN: some clients stay in the accept queue.

import { constants } from 'node:os';
import type { Socket } from '../../models/calls.js';
import type { Listener } from '../../net/listener.js';
import { EPOLLET } from '../../posix/constants.js';
import type { EpollEvents } from '../../posix/epoll-events.js';
import { numberIn } from '../evidence.js';
import { type Fault, WITHOUT_WORKER } from '../fault.js';
import { OtherInterest } from '../other-calls.js';

class AcceptsTooFew extends OtherInterest {
  #accepted = 0;

  protected more({ id }: Socket): number {
    return id === 0 ? EPOLLET : 0;
  }

  override epoll_wait(epfd: number, ready: EpollEvents, milliseconds: number): number {
    this.#accepted = 0;
    return super.epoll_wait(epfd, ready, milliseconds);
  }

  /** After so many the kernel is not asked: the server takes it that nobody else waits. */
  override accept4(listener: Listener, peer: Uint8Array): number {
    return this.#accepted++ < this.amount ? super.accept4(listener, peer) : -constants.errno.EAGAIN;
  }
}

export const acceptsTooFew: Fault = {
  name: 'accepts-too-few',
  claim: 'It does not accept all clients that come at the same moment.',
  sign: "After several clients at once, ss -ltn would show some in the listener's Recv-Q while the loop sleeps, until further clients come.",
  question: 'How many clients does it accept at most each time epoll_wait returns?',
  servers: WITHOUT_WORKER,
  amounts: [1, 2, 3],
  Calls: AcceptsTooFew,
  evidence: (most) => numberIn(most),
  cause: (most) =>
    `The listener is watched edge-triggered (EPOLLET), so several clients may be one event. The server accepts at most ${most} for each event. It must call accept4 until EAGAIN.`,
  looks: [
    [
      'curl -s "http://127.0.0.1:8080/compute?ms=3000" & sleep 1; evented-demo connect --count 8 --timeout 20 &',
      'eight clients that come while the loop computes',
    ],
    ["sleep 4; ss -ltnH 'sport = :8080'", 'some of them are still in Recv-Q'],
    ['evented-demo inspect', 'the loop in epoll_wait, and the listener with EPOLLET'],
  ],
};
