// The threads of a process, each with its name, its state and the system call that it sleeps in (proc(5)).

import { isServerThread, serialOf } from '../models/thread-names.js';
import { listProc, readProc, statFields } from '../posix/proc.js';
import { systemCallOf } from './calls.js';

export interface Thread {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  /** Whether it is the server's. The others are Node's own. */
  readonly ofServer: boolean;
  /** One letter, as ps shows it: S asleep, D asleep and not to be woken, R running, T stopped, and others. */
  readonly state: string;
  /** The system call that it is in; undefined where it is in none, or may not be read. */
  readonly call: string | undefined;
  /** The descriptor that the call is on. */
  readonly fd: number | undefined;
  /** The function of the kernel that it sleeps in. */
  readonly wchan: string | undefined;
}

/**
 * Those of its child processes too. `onDenied`: the calls may not be read, because it is another user's process or
 * kernel.yama.ptrace_scope forbids it.
 */
export function threadsOf(pid: number, onDenied: () => void): Thread[] {
  const threads = [pid, ...childProcesses(pid)].flatMap((each) =>
    listProc(`/proc/${each}/task`).map((tid) => readThread(each, Number(tid), onDenied)),
  );
  return inOrder(threads.filter((thread) => thread !== undefined));
}

/** In the order of their start. The kernel lists them by tid, and starts again at the lowest tid after the highest. */
export function inOrder(threads: readonly Thread[]): Thread[] {
  return threads.toSorted((a, b) => serialOf(a.name) - serialOf(b.name));
}

/** The processes that a server has started to serve for it. */
export function childProcesses(pid: number): number[] {
  return listProc(`/proc/${pid}/task`)
    .flatMap((tid) => readProc(`/proc/${pid}/task/${tid}/children`).split(' '))
    .map(Number)
    .filter((child) => child > 0 && serialOf(readProc(`/proc/${child}/comm`).trim()) > 0);
}

/** Anyone may read the names. */
export function threadNames(pid: number): Set<string> {
  return new Set(
    listProc(`/proc/${pid}/task`).map((tid) => readProc(`/proc/${pid}/task/${tid}/comm`).trim()),
  );
}

/** Undefined where it has ended by now. */
function readThread(pid: number, tid: number, onDenied: () => void): Thread | undefined {
  const task = `/proc/${pid}/task/${tid}`;
  const name = readProc(`${task}/comm`).trim();
  const stat = readProc(`${task}/stat`);
  if (stat === '') return undefined;
  const wchan = readProc(`${task}/wchan`);
  return {
    pid,
    tid,
    name,
    ofServer: isServerThread(name),
    state: statFields(stat)[0] || '?',
    ...sleepCall(readProc(`${task}/syscall`, onDenied)),
    wchan: wchan === '' || wchan === '0' ? undefined : wchan,
  };
}

/** `232 0x17 0x7f7e14119f40 ...`: the call's number and arguments; `running`; or `-1 ...`, stopped outside of any. */
function sleepCall(syscall: string): { call: string | undefined; fd: number | undefined } {
  const [number, first] = syscall.trim().split(' ');
  if (!/^\d+$/.test(number!)) return { call: undefined, fd: undefined };
  const { name, onFd } = systemCallOf(Number(number));
  return { call: name, fd: onFd ? Number(first) : undefined };
}
