// The system calls that the servers are written on: one koffi prototype per call, named as in the man pages.
// The bottom of the picture: everything the program does to a socket passes through here.

import { constants } from 'node:os';
import koffi from 'koffi';
import { CLOCK_THREAD_CPUTIME_ID } from './constants.js';
import { SystemCallError } from './errors.js';

/**
 * Each returns what the C function returns: -1 if the call failed, and then {@link SystemCalls.errno} says why.
 * Buffers are read or filled in place. See the man page, section 2, of each name.
 */
export interface SystemCalls {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  listen(fd: number, backlog: number): number;
  /** `length` is a single number, in: the room in `address`; out: how much of it the kernel filled. */
  accept4(fd: number, address: Uint8Array, length: Int32Array, flags: number): number;
  getsockname(fd: number, address: Uint8Array, length: Int32Array): number;
  /** glibc's recv is the system call recvfrom without an address, and strace shows it by that name. */
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number;
  /** glibc's send is the system call sendto without an address, and strace shows it by that name. */
  send(fd: number, buffer: Uint8Array, length: number, flags: number): number;
  /** `fds` is an array of struct pollfd. `timeout` in milliseconds; -1 waits for ever. */
  poll(fds: Uint8Array, count: number, timeout: number): number;
  /**
   * The sets are fd_sets, of which the kernel looks at the first `nfds` bits and leaves those that are ready. `timeout` is
   * a struct timeval; null waits for ever. glibc makes the call pselect6 of it, and so strace shows it.
   */
  select(
    nfds: number,
    readfds: Int32Array,
    writefds: Int32Array,
    exceptfds: null,
    timeout: Int32Array | null,
  ): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  /** SIOCINQ and SIOCOUTQ (tcp(7)): the kernel writes one number into `value`. */
  ioctl(fd: number, request: number, value: Int32Array): number;
  /** glibc makes the call eventfd2 of it, and so strace shows it. */
  eventfd(count: number, flags: number): number;
  /** `number` is a single one: of an eventfd, its count. */
  read(fd: number, number: BigUint64Array, length: number): number;
  write(fd: number, number: BigUint64Array, length: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epfd: number, operation: number, fd: number, event: Uint8Array): number;
  /** `timeout` in milliseconds; -1 is no limit. */
  epoll_wait(epfd: number, events: Uint8Array, maxEvents: number, timeout: number): number;
  /** `params` is a struct io_uring_params, read and filled. The C library has no function for these three. */
  io_uring_setup(entries: number, params: Uint8Array): number;
  /** `argument` is a struct io_uring_getevents_arg with a time limit, or null. */
  io_uring_enter(
    ring: number,
    toSubmit: number,
    minComplete: number,
    flags: number,
    argument: Uint8Array | null,
    size: number,
  ): number;
  io_uring_register(ring: number, operation: number, argument: Uint8Array, count: number): number;
  /** Unlike the others it returns the error number itself. `request` is a struct timespec. */
  clock_nanosleep(clock: number, flags: number, request: BigInt64Array, remaining: null): number;
  /** The error number of the last call of this thread that returned -1 (errno(3)). */
  errno(): number;
}

// koffi.load(null) searches the running program. The C library is already a part of it.
const libc = koffi.load(null);

/** The same on every CPU: numbers of calls that came after Linux 5.1 are (syscall(2)). */
const IO_URING_SETUP = 425;
const IO_URING_ENTER = 426;
const IO_URING_REGISTER = 427;
const io_uring_setup = libc.func('long syscall(long number, uint32_t entries, void *params)');
const io_uring_enter = libc.func(
  'long syscall(long number, int fd, uint32_t toSubmit, uint32_t minComplete, uint32_t flags, uintptr_t argument, size_t size)',
);
const io_uring_register = libc.func(
  'long syscall(long number, int fd, uint32_t operation, const void *argument, uint32_t count)',
);

// The calls that a request needs: koffi takes an address faster than an array.
const accept4 = libc.func('int accept4(int fd, uintptr_t address, uintptr_t length, int flags)');
const recv = libc.func('long recv(int fd, uintptr_t buffer, size_t length, int flags)');
const send = libc.func('long send(int fd, uintptr_t buffer, size_t length, int flags)');
const poll = libc.func('int poll(uintptr_t fds, ulong count, int timeout)');
const epoll_ctl = libc.func('int epoll_ctl(int epfd, int operation, int fd, uintptr_t event)');
const epoll_wait = libc.func('int epoll_wait(int epfd, uintptr_t events, int maxEvents, int timeout)');

// ssize_t is long on each CPU that platform.ts lets through.
export const systemCalls: SystemCalls = {
  socket: libc.func('int socket(int domain, int type, int protocol)'),
  setsockopt: libc.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)'),
  bind: libc.func('int bind(int fd, const void *address, uint32_t length)'),
  listen: libc.func('int listen(int fd, int backlog)'),
  accept4: (fd, address, length, flags) => accept4(fd, addressOf(address), addressOf(length), flags),
  getsockname: libc.func('int getsockname(int fd, void *address, void *length)'),
  recv: (fd, buffer, length, flags) => recv(fd, addressOf(buffer), length, flags),
  send: (fd, buffer, length, flags) => send(fd, addressOf(buffer), length, flags),
  poll: (fds, count, timeout) => poll(addressOf(fds), count, timeout),
  select: libc.func('int select(int nfds, void *readfds, void *writefds, void *exceptfds, void *timeout)'),
  shutdown: libc.func('int shutdown(int fd, int how)'),
  close: libc.func('int close(int fd)'),
  ioctl: libc.func('int ioctl(int fd, ulong request, void *value)'),
  eventfd: libc.func('int eventfd(uint count, int flags)'),
  read: libc.func('long read(int fd, void *buffer, size_t length)'),
  write: libc.func('long write(int fd, const void *buffer, size_t length)'),
  epoll_create1: libc.func('int epoll_create1(int flags)'),
  epoll_ctl: (epfd, operation, fd, event) => epoll_ctl(epfd, operation, fd, addressOf(event)),
  epoll_wait: (epfd, events, maxEvents, timeout) => epoll_wait(epfd, addressOf(events), maxEvents, timeout),
  io_uring_setup: (entries, params) => io_uring_setup(IO_URING_SETUP, entries, params),
  io_uring_enter: (ring, toSubmit, minComplete, flags, argument, size) =>
    io_uring_enter(
      IO_URING_ENTER,
      ring,
      toSubmit,
      minComplete,
      flags,
      argument === null ? 0 : addressOf(argument),
      size,
    ),
  io_uring_register: (ring, operation, argument, count) =>
    io_uring_register(IO_URING_REGISTER, ring, operation, argument, count),
  clock_nanosleep: libc.func(
    'int clock_nanosleep(int clock, int flags, const void *request, void *remaining)',
  ),
  errno: koffi.errno as () => number,
};

/** Memory that does not move, so that the kernel can be given its address. */
export interface SystemMemory {
  readonly address: number;
  readonly buffer: ArrayBuffer;
}

const mmap = libc.func(
  'void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
);
const PROT_READ_WRITE = 0x1 | 0x2;
const MAP_SHARED = 0x01;
const MAP_ANONYMOUS = 0x20;
const MAP_FAILED = 2n ** 64n - 1n;

/**
 * mmap(2): new memory of zeros, or with a descriptor the memory that belongs to it, such as a ring of io_uring: whoever else
 * maps that sees what is written to it. It stays until the process ends. Throws a SystemCallError.
 */
export function mapMemory(bytes: number, fd = -1, offset = 0): SystemMemory {
  const flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
  const address: bigint = mmap(null, bytes, PROT_READ_WRITE, flags, fd, offset);
  if (address === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno());
  return { address: Number(address), buffer: koffi.view(address, bytes) };
}

const addresses = new WeakMap<ArrayBufferView, number>();

/** Where the array lies in memory. Its buffer does not move, and is there as long as anyone holds `array`. */
export function addressOf(array: ArrayBufferView): number {
  let address = addresses.get(array);
  if (address === undefined) {
    address = Number(koffi.address(array.buffer)) + array.byteOffset;
    addresses.set(array, address);
  }
  return address;
}

const clock_gettime = libc.func('int clock_gettime(int clock, void *time)');
const timespec = new BigInt64Array(2);

/** How long the calling thread has had a CPU, in milliseconds (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID). */
export function threadCpuMs(): number {
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, timespec);
  return Number(timespec[0]) * 1e3 + Number(timespec[1]) / 1e6;
}

const getrusage = libc.func('int getrusage(int who, void *usage)');
const RUSAGE_THREAD = 1;
/** struct rusage: two struct timeval, then fourteen numbers of 64 bits. */
const rusage = new BigInt64Array(18);
const RU_NVCSW = 16;

/** How often the calling thread has gone to sleep: its voluntary context switches (getrusage(2), RUSAGE_THREAD). */
export function threadSleeps(): number {
  getrusage(RUSAGE_THREAD, rusage);
  return Number(rusage[RU_NVCSW]);
}

const prctl = libc.func('int prctl(int option, const char *name)');
const PR_SET_NAME = 15;

/** Gives the calling thread its name in the kernel, for `ps -T` and `top -H` (prctl(2); 15 characters at most). */
export function nameThread(name: string): void {
  prctl(PR_SET_NAME, name.slice(0, 15));
}

const setPtracer = libc.func('int prctl(int option, ulong pid)');
const PR_SET_PTRACER = 0x59616d61;
const PR_SET_PTRACER_ANY = 0xffffffffffffffffn;

/**
 * Lets other processes of the same user look into this one: strace(1) -p, and /proc/PID/task/TID/syscall. The kernel
 * allows that, except where Yama allows it to parents only: kernel.yama.ptrace_scope 1, as on Ubuntu (prctl(2),
 * PR_SET_PTRACER). At 2 only root may, at 3 nobody, whatever we ask; without Yama the call does nothing (EINVAL).
 */
export function letOthersTrace(): void {
  setPtracer(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
}

const setDeathSignal = libc.func('int prctl(int option, ulong signal)');
const PR_SET_PDEATHSIG = 1;
const getppid = libc.func('int getppid()');

/**
 * Lets the kernel kill this process when its parent ends, however that ends (prctl(2), PR_SET_PDEATHSIG). It counts from
 * the call on: a parent that ended before it is no longer ours, and then this is false.
 */
export function dieWithParent(parent: number): boolean {
  setDeathSignal(PR_SET_PDEATHSIG, constants.signals.SIGKILL);
  return getppid() === parent;
}

const setSubreaper = libc.func('int prctl(int option, ulong on)');
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * From now on the orphans among the descendants of this process become its children, and none of them init's, whatever
 * session or process group they have made for themselves (prctl(2), PR_SET_CHILD_SUBREAPER).
 */
export function adoptOrphans(): void {
  setSubreaper(PR_SET_CHILD_SUBREAPER, 1);
}

const waitpid = libc.func('int waitpid(int pid, void *status, int options)');
const WNOHANG = 1;

/** Takes the exit status of a child that has ended, so that the kernel can forget it (waitpid(2)). */
export function reap(pid: number): void {
  waitpid(pid, null, WNOHANG);
}

/** The calling thread's id in the kernel, as /proc/PID/task lists it (gettid(2)). */
export const gettid: () => number = libc.func('int gettid()');

/** Ends the process at once, with all its threads, even those that sleep in a call (_exit(2)). */
export const exitNow = libc.func('void _exit(int status)') as unknown as (status: number) => never;
