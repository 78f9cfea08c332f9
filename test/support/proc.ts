// What the kernel says of a process: the witness outside the program (proc(5)).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Task {
  readonly tid: number;
  readonly name: string;
  /** The number of the system call it sleeps in; undefined where it runs. */
  readonly call: number | undefined;
  /** The call's first argument: of recvfrom and epoll_wait, a descriptor. */
  readonly firstArgument: number;
}

/** Numbers of system calls differ from CPU to CPU (syscall(2)). */
type Call = 'recvfrom' | 'epoll_wait' | 'poll' | 'pselect6' | 'accept4' | 'io_uring_enter' | 'futex';
const NUMBERS: Record<string, Record<Call, number>> = {
  x64: {
    futex: 202,
    recvfrom: 45,
    epoll_wait: 232,
    poll: 7,
    pselect6: 270,
    accept4: 288,
    io_uring_enter: 426,
  },
  arm64: {
    futex: 98,
    recvfrom: 207,
    epoll_wait: 22,
    poll: 73,
    pselect6: 72,
    accept4: 242,
    io_uring_enter: 426,
  },
};

export const CALL = NUMBERS[process.arch] ?? NUMBERS.x64!;

export function tasksOf(pid: number): Task[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    try {
      const [call, first] = readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8').split(' ');
      const name = readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
      return [
        {
          tid: Number(tid),
          name,
          call: call!.trim() === 'running' ? undefined : Number(call),
          firstArgument: Number(first ?? 0),
        },
      ];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

/** The thread, when the kernel says that it sleeps in this call. Gives up with the test's own time limit. */
export async function asleepIn(pid: number, tid: number, call: number): Promise<Task> {
  for (;;) {
    const task = tasksOf(pid).find((each) => each.tid === tid);
    if (task?.call === call) return task;
    await new Promise(setImmediate);
  }
}

/** The processes that its first thread has started, and that have not ended. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** The descriptors that are sockets. */
export function socketsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
      } catch {
        return false;
      }
    })
    .map(Number);
}
