// For each connection the server opens something that it never closes.

import type { Listener } from '../../net/listener.js';
import { AF_INET, EPOLL_CLOEXEC, IPPROTO_TCP, SOCK_CLOEXEC, SOCK_STREAM } from '../../posix/constants.js';
import { type Evidence, wordIn } from '../evidence.js';
import { EVERY_ACCEPTOR, type Fault } from '../fault.js';
import { OtherCalls } from '../other-calls.js';

const SOCKET = 0;
const EVENTFD = 1;
const EPOLL = 2;

class LeaksDescriptors extends OtherCalls {
  override accept4(listener: Listener, peer: Uint8Array): number {
    const fd = super.accept4(listener, peer);
    if (fd >= 0) this.#open();
    return fd;
  }

  #open(): number {
    switch (this.amount) {
      case SOCKET:
        return this.thread.sys.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
      case EVENTFD:
        return this.eventfd();
      default:
        return this.epoll_create1(EPOLL_CLOEXEC);
    }
  }
}

const KIND: Record<number, Evidence> = {
  [SOCKET]: wordIn(['socket'], ['eventfd', 'eventpoll', 'epoll', 'timerfd', 'pipe']),
  [EVENTFD]: wordIn(['eventfd'], ['socket', 'eventpoll', 'epoll', 'timerfd', 'pipe']),
  [EPOLL]: wordIn(['eventpoll', 'epoll'], ['socket', 'eventfd', 'timerfd', 'pipe']),
};

export const leaksDescriptors: Fault = {
  name: 'leaks-descriptors',
  claim: 'For each connection it opens one more descriptor, and never closes that one.',
  sign: 'The number of files in /proc/PID/fd would grow with each client, while ss shows that the connections themselves are closed.',
  question:
    'What kind of descriptor is left each time (ls -l /proc/PID/fd): file, pipe, socket, eventfd, eventpoll or timerfd?',
  servers: EVERY_ACCEPTOR,
  amounts: [SOCKET, EVENTFD, EPOLL],
  Calls: LeaksDescriptors,
  evidence: (kind) => KIND[kind]!,
  cause: (kind) =>
    `After each accept4 the server opens a descriptor of the kind ${KIND[kind]!.answer} and forgets its number. Nobody can close it before the process ends, and at the limit (ulimit -n) accept4 fails with EMFILE.`,
  looks: [
    ['ls -l /proc/$PID/fd', 'after each curl one line more'],
    ['strace -f -p $PID -e trace=desc', 'the call that opens it, right after accept4'],
  ],
};
