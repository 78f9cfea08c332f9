// What several faults share: how much of the fault there is, other system calls below our calls, another interest list.

import { Calls, type Socket } from '../models/calls.js';
import type { ServerThread } from '../models/server-thread.js';
import { EPOLL_CTL_DEL } from '../posix/constants.js';
import type { EpollEvents } from '../posix/epoll-events.js';
import type { SystemCalls } from '../posix/system-calls.js';

/** Calls with a fault of which there can be more or less. */
export abstract class OtherCalls extends Calls {
  protected readonly thread: ServerThread;
  /** The number that the seed has chosen for this server. */
  protected readonly amount: number;

  constructor(thread: ServerThread, flags: number) {
    super(thread, flags);
    this.thread = thread;
    this.amount = thread.options.hiddenFault?.amount ?? 0;
  }
}

type OtherCallsClass = new (thread: ServerThread, flags: number) => OtherCalls;

/** Calls with some system calls below them replaced. What is traced is what the kernel was really asked. */
export function withSystemCalls(replace: (sys: SystemCalls) => Partial<SystemCalls>): OtherCallsClass {
  return class extends OtherCalls {
    constructor(thread: ServerThread, flags: number) {
      super({ ...thread, sys: { ...thread.sys, ...replace(thread.sys) } }, flags);
    }
  };
}

/** Calls that watch a socket for more than they are asked to. The events say what the kernel was told. */
export abstract class OtherInterest extends OtherCalls {
  /** Of epoll's bits, those to add. */
  protected abstract more(socket: Socket): number;

  override epoll_ctl(
    epfd: number,
    operation: number,
    socket: Socket,
    interest: number,
    event: EpollEvents,
  ): number {
    const changed = operation === EPOLL_CTL_DEL ? interest : interest | this.more(socket);
    event.set(0, changed, socket.fd, socket.id);
    return super.epoll_ctl(epfd, operation, socket, changed, event);
  }
}
