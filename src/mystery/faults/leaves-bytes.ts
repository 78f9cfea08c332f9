// Edge-triggered, and one recv for each event: what did not fit into the buffer stays in the kernel, and nobody hears of it.

import type { Socket } from '../../models/calls.js';
import type { Connection } from '../../net/connection.js';
import { EPOLLET } from '../../posix/constants.js';
import { numberIn } from '../evidence.js';
import { type Fault, LEVEL_TRIGGERED } from '../fault.js';
import { OtherInterest } from '../other-calls.js';

class LeavesBytes extends OtherInterest {
  protected more({ id }: Socket): number {
    return id > 0 ? EPOLLET : 0;
  }

  override recv(c: Connection, buffer: Uint8Array): number {
    return super.recv(c, buffer.subarray(0, this.amount));
  }
}

export const leavesBytes: Fault = {
  name: 'leaves-bytes',
  claim: 'It hears of new bytes only once, and does not read all of them.',
  sign: 'Short requests would be answered and long ones not. ss -tn would show bytes in Recv-Q that stay there while the loop sleeps.',
  question: 'How many bytes does it receive at most with one call?',
  servers: LEVEL_TRIGGERED,
  amounts: [128, 160, 200, 256, 320, 400],
  Calls: LeavesBytes,
  evidence: (room) => numberIn(room, 'bytes'),
  cause: (room) =>
    `Connections are watched edge-triggered (EPOLLET), and the server calls recv once for each event, with room for ${room} bytes. It must call recv until EAGAIN: epoll does not report again what is there already.`,
  looks: [
    [
      'curl -m 3 -H "X: $(printf %600s | tr " " x)" http://127.0.0.1:8080/',
      'a time-out, and without -H a reply',
    ],
    ["ss -tnH 'sport = :8080'", 'the rest of the request in Recv-Q, meanwhile'],
    ['evented-demo inspect', 'an interest of EPOLLIN|EPOLLET'],
    ['strace -f -p $PID -e trace=recvfrom,epoll_wait', 'one recvfrom, then epoll_wait'],
  ],
};
