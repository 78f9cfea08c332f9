// The numbers behind the names in the man pages, as Linux defines them on every CPU that platform.ts lets through.
// Used where a system call is made, and by strace.ts to print the names.

export const AF_INET = 2;
export const AF_INET6 = 10;

export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_RCVTIMEO = 20;
export const SO_SNDTIMEO = 21;
/** The address of the other end, as getpeername(2) gives it. */
export const SO_PEERNAME = 28;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;

export const POLLIN = 0x001;

/** ioctl(2) on a TCP socket: bytes that came and were not read, bytes that were sent and not acknowledged (tcp(7)). */
export const SIOCINQ = 0x541b;
export const SIOCOUTQ = 0x5411;

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** recv(2): the bytes are looked at and stay; the call does not sleep. */
export const MSG_PEEK = 0x02;
export const MSG_DONTWAIT = 0x40;

/** send(2): a peer that is gone gives EPIPE, not a signal that ends the process. */
export const MSG_NOSIGNAL = 0x4000;
/** More follows: what does not fill a segment waits for it. */
export const MSG_MORE = 0x8000;
/** send(2) in io_uring: go on until all is sent. */
export const MSG_WAITALL = 0x100;

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
/** After one event it is not reported again until epoll_ctl(2) arms it. */
export const EPOLLONESHOT = 1 << 30;
/** Of the loops that share a listener, one that sleeps is woken, not all of them. */
export const EPOLLEXCLUSIVE = 1 << 28;
export const EPOLLET = 0x8000_0000 | 0; // the highest bit: kept as a signed number, as an Int32Array gives it back

export const EFD_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;

export const CLOCK_MONOTONIC = 1;
export const CLOCK_THREAD_CPUTIME_ID = 3;
