// Which calls can sleep, and what a poller's call watches and has found: epoll_ctl(2), epoll_wait(2), poll(2), select(2).

import type { SleepCall } from '../../lifecycle/events.js';
import { descriptorsIn, splitArguments } from './arguments.js';

/** Calls that sleep, by what events call them. Those on a socket sleep only where it is a blocking one. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  accept4: ['accept', 'accept4'],
  recv: ['read', 'readv', 'recvfrom', 'recvmsg'],
  send: ['write', 'writev', 'sendto', 'sendmsg', 'sendfile', 'splice'],
  epoll_wait: ['epoll_wait', 'epoll_pwait', 'epoll_pwait2'],
  poll: ['poll', 'ppoll'],
  select: ['select', 'pselect6'],
  clock_nanosleep: ['clock_nanosleep', 'nanosleep'],
  futex: ['futex'],
  io_uring_enter: ['io_uring_enter'],
  wait4: ['wait4', 'waitid'],
  rt_sigsuspend: ['rt_sigsuspend', 'pause'],
} satisfies Partial<Record<SleepCall, readonly string[]>>;

const FAMILY_OF = new Map(
  Object.entries(FAMILIES).flatMap(([family, names]) => names.map((name) => [name, family as SleepCall])),
);

/** Undefined for a call that does not sleep, or only in the disk. */
export const familyOf = (name: string): SleepCall | undefined => FAMILY_OF.get(name);

/** All calls that strace has to show, for its -e trace. */
export const TRACED: readonly string[] = [
  ...FAMILY_OF.keys(),
  ...['socket', 'setsockopt', 'bind', 'listen'],
  ...['close', 'close_range', 'dup', 'dup2', 'dup3', 'fcntl', 'ioctl'],
  ...['epoll_create', 'epoll_create1', 'epoll_ctl', 'restart_syscall'],
  ...['clone', 'clone3', 'fork', 'vfork', 'execve', 'execveat'],
];

/** A descriptor and what is watched on it, or found: `EPOLLIN`, `POLLIN` or `readfds`. */
export interface PolledDescriptor {
  readonly fd: number;
  readonly events: string;
}

/** What a call of poll(2) or select(2) asks for. */
export function askedFor(family: SleepCall, args: string): PolledDescriptor[] {
  const parts = splitArguments(args);
  if (family === 'poll') return pollEntries(parts[0] ?? '');
  return merged([
    ['readfds', parts[1] ?? ''],
    ['writefds', parts[2] ?? ''],
  ]);
}

/** What it found: `([{fd=3, revents=POLLIN}])`, `(in [3 5], out [4], left {...})`. */
export function found(family: SleepCall, detail: string): PolledDescriptor[] {
  if (family === 'poll') return pollEntries(detail);
  return merged([
    ['readfds', /\bin (\[[^\]]*\])/.exec(detail)?.[1] ?? ''],
    ['writefds', /\bout (\[[^\]]*\])/.exec(detail)?.[1] ?? ''],
  ]);
}

const POLL_ENTRY = /\{fd=(\d+)(?:<.*?>(?=,))?, r?events=([A-Z0-9_|x]+)/g;

const pollEntries = (text: string): PolledDescriptor[] =>
  [...text.matchAll(POLL_ENTRY)].map(([, fd, events]) => ({ fd: Number(fd), events: events! }));

function merged(sets: readonly (readonly [name: string, list: string])[]): PolledDescriptor[] {
  const byFd = new Map<number, string[]>();
  for (const [name, list] of sets) {
    if (!list.startsWith('[')) continue;
    for (const { fd } of descriptorsIn(list)) byFd.set(fd, [...(byFd.get(fd) ?? []), name]);
  }
  return [...byFd].map(([fd, names]) => ({ fd, events: names.join('|') }));
}

/** `{events=EPOLLIN, data={u32=3, u64=3}}`; before strace 5.13 without the names. */
const EPOLL_EVENT = /\{(?:events=)?([A-Z0-9_|x]+), (?:data=)?\{u32=\d+, u64=(\d+)\}\}/g;

/** Of epoll_ctl(2) and epoll_wait(2): the mask, and the data by which the program knows the descriptor. */
export const epollEvents = (args: string): { readonly events: string; readonly data: string }[] =>
  [...args.matchAll(EPOLL_EVENT)].map(([, events, data]) => ({ events: events!, data: data! }));

/** Whether a poller's call has a timeout of 0, and so only looks. */
export function onlyLooks(family: SleepCall, args: string): boolean {
  const parts = splitArguments(args);
  switch (family) {
    case 'epoll_wait':
      return /^0$|^\{tv_sec=0, tv_nsec=0\}$/.test(parts[3] ?? '');
    case 'poll':
      return /^0$|^\{tv_sec=0, tv_nsec=0\}$/.test(parts[2] ?? '');
    case 'select':
      return /^\{tv_sec=0, tv_u?n?sec=0\}$/.test(parts[4] ?? '');
    case 'wait4':
      return args.includes('WNOHANG');
    case 'futex':
      return !/FUTEX_(WAIT|LOCK)/.test(args);
    default:
      return false;
  }
}
