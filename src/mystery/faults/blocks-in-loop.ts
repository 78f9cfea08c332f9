// Accepted sockets are not made non-blocking, so the loop sleeps in recv for one client, and all others wait.

import type { Connection } from '../../net/connection.js';
import { SOCK_NONBLOCK } from '../../posix/constants.js';
import { wordIn } from '../evidence.js';
import type { Fault } from '../fault.js';
import { withSystemCalls } from '../other-calls.js';

const BlockingSockets = withSystemCalls(({ accept4 }) => ({
  accept4: (fd, address, length, how) => accept4(fd, address, length, how & ~SOCK_NONBLOCK),
}));

class BlocksInLoop extends BlockingSockets {
  override recv(c: Connection, buffer: Uint8Array): number {
    const { shared } = this.thread;
    shared.fd = c.fd; // so that Ctrl-C wakes it
    const bytes = super.recv(c, buffer);
    shared.fd = -1;
    return bytes;
  }
}

export const blocksInLoop: Fault = {
  name: 'blocks-in-loop',
  claim: 'Its only thread sleeps in a call on one client, and all others wait.',
  sign: 'inspect would show the loop asleep in a call on one connection while others wait, and not in epoll_wait.',
  question: 'In which system call does the loop sleep while the others wait?',
  servers: [
    { mode: 'evented', keepAlive: true, edgeTriggered: true },
    { mode: 'evented', keepAlive: true, edgeTriggered: true, workers: 1 },
  ],
  Calls: BlocksInLoop,
  evidence: () => wordIn(['recvfrom', 'recv']),
  cause: () =>
    'accept4 is called without SOCK_NONBLOCK. The loop reads until EAGAIN, as edge-triggered epoll needs it, and a blocking socket never returns EAGAIN: recv sleeps until this client sends or leaves.',
  looks: [
    ['evented-demo connect --slow 1000', 'a client that sends a byte a second'],
    ['curl -m 3 http://127.0.0.1:8080/', 'a time-out: nobody else is served'],
    ['evented-demo inspect', 'the loop in recvfrom'],
  ],
};
