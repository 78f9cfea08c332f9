// The names behind the numbers of the system calls that a thread of a server may be found asleep in.

/** A call's name, and whether its first argument is a descriptor. */
export interface SystemCall {
  readonly name: string;
  readonly onFd: boolean;
}

const onFd = (name: string): SystemCall => ({ name, onFd: true });
const other = (name: string): SystemCall => ({ name, onFd: false });

/** Linux's arch/x86/entry/syscalls/syscall_64.tbl. */
const X64: Readonly<Record<number, SystemCall>> = {
  0: onFd('read'),
  1: onFd('write'),
  3: onFd('close'),
  7: other('poll'),
  19: onFd('readv'),
  20: onFd('writev'),
  23: other('select'),
  34: other('pause'),
  35: other('nanosleep'),
  40: onFd('sendfile'),
  43: onFd('accept'),
  44: onFd('sendto'),
  45: onFd('recvfrom'),
  46: onFd('sendmsg'),
  47: onFd('recvmsg'),
  48: onFd('shutdown'),
  61: other('wait4'),
  202: other('futex'),
  230: other('clock_nanosleep'),
  232: onFd('epoll_wait'),
  270: other('pselect6'),
  271: other('ppoll'),
  281: onFd('epoll_pwait'),
  288: onFd('accept4'),
  426: onFd('io_uring_enter'),
  441: onFd('epoll_pwait2'),
};

/** Linux's include/uapi/asm-generic/unistd.h: arm64, riscv64, loong64. There is no epoll_wait and no poll there. */
const GENERIC: Readonly<Record<number, SystemCall>> = {
  22: onFd('epoll_pwait'),
  57: onFd('close'),
  63: onFd('read'),
  64: onFd('write'),
  65: onFd('readv'),
  66: onFd('writev'),
  71: onFd('sendfile'),
  72: other('pselect6'),
  73: other('ppoll'),
  98: other('futex'),
  101: other('nanosleep'),
  115: other('clock_nanosleep'),
  202: onFd('accept'),
  206: onFd('sendto'),
  207: onFd('recvfrom'),
  210: onFd('shutdown'),
  211: onFd('sendmsg'),
  212: onFd('recvmsg'),
  242: onFd('accept4'),
  260: other('wait4'),
  426: onFd('io_uring_enter'),
  441: onFd('epoll_pwait2'),
};

const CALLS: Readonly<Record<string, Readonly<Record<number, SystemCall>>>> = {
  x64: X64,
  arm64: GENERIC,
  riscv64: GENERIC,
  loong64: GENERIC,
};

/** `call 999` where the number is none of these: another is needed seldom, and has its name in syscalls(2). */
export function systemCallOf(number: number, cpu: string = process.arch): SystemCall {
  return CALLS[cpu]?.[number] ?? other(`call ${number}`);
}
