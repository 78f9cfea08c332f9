// Two ways to be wrong that several faults share: other system calls below our calls, and another interest list.

import { Calls, type Socket } from '../models/calls.js';
import type { ServerThread } from '../models/server-thread.js';
import { EPOLL_CTL_DEL } from '../posix/constants.js';
import type { EpollEvents } from '../posix/epoll-events.js';
import type { SystemCalls } from '../posix/system-calls.js';

/** The thread with some of its system calls replaced. What is traced is what the kernel was really asked. */
export function withSystemCalls(
  thread: ServerThread,
  replace: (sys: SystemCalls) => Partial<SystemCalls>,
): ServerThread {
  return { ...thread, sys: { ...thread.sys, ...replace(thread.sys) } };
}

/** Calls that watch a socket for more than they are asked to. The events say what the kernel was told. */
export abstract class OtherInterest extends Calls {
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

/** The number that the seed has chosen for this server's fault. */
export const amountOf = ({ options }: ServerThread): number => options.hiddenFault?.amount ?? 0;
