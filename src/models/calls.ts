// The system calls of one server thread. Each method makes one call and returns what the kernel returned: a result, or
// -errno. Reporting, tracing and pacing happen here, so that a server's code needs to know nothing about them.

import type { Outbox } from '../http/reply.js';
import type { CloseReason, Operation, SleepCall, StepCall, Waker } from '../lifecycle/events.js';
import { NO_FD, NOBODY, type Reporter } from '../lifecycle/reporter.js';
import type { ServerMemory } from '../lifecycle/server-memory.js';
import type { Connection } from '../net/connection.js';
import { type Listener, listenerOn, openListener } from '../net/listener.js';
import {
  CLOCK_MONOTONIC,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EPOLL_CTL_DEL,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  POLLIN,
  SIOCINQ,
  SIOCOUTQ,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../posix/constants.js';
import type { EpollEvents } from '../posix/epoll-events.js';
import { interrupted, wouldBlock } from '../posix/errors.js';
import type { FdSet } from '../posix/fd-set.js';
import { IORING_ENTER_EXT_ARG, IORING_ENTER_GETEVENTS } from '../posix/io-uring.js';
import { PollFds } from '../posix/poll-fds.js';
import { decodeSocketAddress, SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import type { SystemCalls } from '../posix/system-calls.js';
import type { ServeOptions } from './options.js';
import type { Pacer } from './pace.js';

/** How often a sleeping thread checks whether the server stops, in milliseconds. */
const NAP_MS = 250;

const WAIT_WITH_LIMIT = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;

/**
 * A process is woken by a signal. It ends a call with EINTR only where the socket has a time limit: without one the call
 * is made again by the kernel (signal(7)). No wait is meant to be that long.
 */
const DAY_MS = 86_400_000;

/** What a call is about: a connection, or the listener, whose id is 0. */
export interface Socket {
  readonly id: number;
  readonly fd: number;
}

/** Where a ring of io_uring puts what is done. */
export interface CompletionQueue {
  readonly fd: number;
  readonly empty: boolean;
}

/** What calls need of the thread that makes them. */
interface Caller {
  readonly sys: SystemCalls;
  readonly report: Reporter;
  readonly memory: ServerMemory;
  readonly pacer: Pacer | undefined;
  readonly options: Pick<ServeOptions, 'mode'>;
}

export class Calls {
  /** Whether a thread may pause before each call (--pace, --board, --step). */
  readonly paced: boolean;
  /** Whether a call on a socket sleeps until it can do its work. If not, it returns -EAGAIN at once. */
  readonly sleep: boolean;
  readonly #sys: SystemCalls;
  readonly #report: Reporter;
  readonly #memory: ServerMemory;
  readonly #pacer: Pacer | undefined;
  readonly #flags: number;
  /** As SO_RCVTIMEO has it, in milliseconds. */
  readonly #forever: number;
  readonly #length = new Int32Array(1);
  readonly #number = new Int32Array(1);
  readonly #one = new PollFds(1);
  readonly #count = new BigUint64Array(1);

  /** `flags`, for every socket: SOCK_NONBLOCK, or 0 if calls sleep (socket(2), accept4(2)). */
  constructor({ sys, report, memory, pacer, options }: Caller, flags: number) {
    this.#forever = options.mode === 'processes' ? DAY_MS : 0;
    this.sleep = (flags & SOCK_NONBLOCK) === 0;
    this.#sys = sys;
    this.#report = report;
    this.#memory = memory;
    this.#pacer = pacer;
    this.paced = pacer !== undefined;
    this.#flags = flags;
  }

  /**
   * socket(2), bind(2), listen(2). Throws a SystemCallError. If send sleeps, each connection inherits its time limit from
   * the listener: SO_SNDTIMEO (socket(7)).
   */
  listen(options: ServeOptions): Listener {
    const listener = openListener(this.#sys, options, this.#flags);
    this.#memory.listener = listener.fd;
    if (this.sleep) this.#setTimeLimit(listener.fd, SO_SNDTIMEO, options.limits.sendTimeout * 1000);
    if (this.#forever > 0) this.#setTimeLimit(listener.fd, SO_RCVTIMEO, this.#forever);
    this.listening(listener, options.backlog);
    return listener;
  }

  /** The same for the first of several threads that listen. {@link listening} reports it later. */
  listenFirst(options: ServeOptions): Listener {
    const reusePort = options.share === 'listener' ? undefined : 'first';
    const listener = openListener(this.#sys, options, this.#flags, reusePort);
    this.#memory.listener = listener.fd;
    return listener;
  }

  /** One more listener, on the port of the first (SO_REUSEPORT). */
  listenToo({ address, backlog }: ServeOptions): Listener {
    const { port } = decodeSocketAddress(this.firstListener().address);
    const listener = openListener(this.#sys, { address, port, backlog }, this.#flags, 'next');
    this.#report.alsoListening(listener.fd, listener.address, backlog);
    return listener;
  }

  /** The first thread's listener: descriptors belong to the whole process. */
  firstListener(): Listener {
    return listenerOn(this.#sys, this.#memory.listener);
  }

  /** From now on the server is there. */
  listening(listener: Listener, backlog: number): void {
    this.#report.listening(listener.fd, listener.address, backlog);
  }

  /** accept4(2): the descriptor of the next connection in the accept queue. `peer` is filled with the client's address. */
  accept4(listener: Listener, peer: Uint8Array): number {
    const since = this.#begin('accept4', listener);
    this.#length[0] = SOCKET_ADDRESS_BYTES;
    const fd = this.#sys.accept4(listener.fd, peer, this.#length, SOCK_CLOEXEC | this.#flags);
    return this.#end('accept4', listener, since, fd);
  }

  /** getsockname(2): to which of this machine's addresses the client came. */
  getsockname(fd: number, local: Uint8Array): number {
    this.#length[0] = SOCKET_ADDRESS_BYTES;
    return this.#result(this.#sys.getsockname(fd, local, this.#length));
  }

  /** recv(2): bytes the client has sent; 0 if it has closed its side. */
  recv(c: Connection, buffer: Uint8Array): number {
    const since = this.#begin('recv', c);
    const bytes = this.#end('recv', c, since, this.#sys.recv(c.fd, buffer, buffer.length, 0));
    this.received(c, bytes);
    return bytes;
  }

  /** The outcome of a recv, which the kernel may have made for us. */
  received(c: Connection, bytes: number): void {
    if (bytes > 0) this.#report.received(c, bytes);
    else if (bytes === 0 && !this.#memory.stopping) this.#report.peerClosed(c);
  }

  /** recv(2), MSG_PEEK: a look at the bytes that have come. They stay, to be received later. It never sleeps. */
  peek(c: Socket, buffer: Uint8Array): number {
    this.#report.about(c.id);
    return this.#result(this.#sys.recv(c.fd, buffer, buffer.length, MSG_PEEK | MSG_DONTWAIT));
  }

  /** send(2): how many bytes of the reply the kernel took. It may be less than it was given. */
  send(c: Connection, outbox: Outbox): number {
    const { chunk } = outbox;
    const since = this.#begin('send', c);
    const bytes = this.#end('send', c, since, this.#sys.send(c.fd, chunk, chunk.length, MSG_NOSIGNAL));
    this.sent(c, outbox, bytes);
    return bytes;
  }

  /** The outcome of a send, which the kernel may have made for us. */
  sent(c: Connection, { chunk, last, status }: Outbox, bytes: number): void {
    if (bytes >= 0) this.#report.sent(c, bytes, last && bytes === chunk.length ? status : 0);
  }

  /** clock_nanosleep(2), in naps. False: a stop came first. */
  nanosleep(c: Connection, milliseconds: number): boolean {
    const since = this.#report.blocked('clock_nanosleep', c.id);
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !this.#memory.stopping; left = end - performance.now()) {
      this.nap(Math.min(left, NAP_MS));
    }
    const slept = performance.now() >= end;
    this.#report.resumed('clock_nanosleep', since, c.id, NO_FD, slept ? undefined : 'stop');
    return slept;
  }

  nap(milliseconds: number): void {
    const nanoseconds = BigInt(Math.ceil(milliseconds * 1e6));
    this.#sys.clock_nanosleep(CLOCK_MONOTONIC, 0, BigInt64Array.of(0n, nanoseconds), null);
  }

  /** shutdown(2). */
  shutdown(c: Connection, how: number): number {
    this.#pause(c.id, c.fd, 'shutdown');
    this.#report.about(c.id);
    return this.#result(this.#sys.shutdown(c.fd, how));
  }

  /** close(2): from here on the number may be another connection's. It also leaves the interest list (epoll(7)). */
  close(c: Connection, reason: CloseReason): void {
    this.#pause(c.id, c.fd, 'close');
    this.#report.about(c.id);
    this.#sys.close(c.fd);
    this.#report.closed(c, reason);
  }

  /** The kernel has closed it for us. */
  closed(c: Connection, reason: CloseReason): void {
    this.#report.closed(c, reason);
  }

  closeListener(listener: Listener): void {
    this.#report.about(NOBODY);
    this.#sys.close(listener.fd);
  }

  /** ioctl(2), SIOCINQ: bytes that have come and were not read; `ss` shows them as Recv-Q (tcp(7)). */
  unread(c: Connection): number {
    return this.#ioctl(c, SIOCINQ);
  }

  /** ioctl(2), SIOCOUTQ: bytes that were sent and that the client has not acknowledged; Send-Q in `ss` (tcp(7)). */
  unsent(c: Connection): number {
    return this.#ioctl(c, SIOCOUTQ);
  }

  /** setsockopt(2), SO_RCVTIMEO: how long recv may sleep before -EAGAIN (socket(7)). Called only for a change. */
  setReceiveTimeout(c: Connection, milliseconds: number): void {
    // 0 means forever, so the least is a millisecond.
    const whole =
      milliseconds === Number.POSITIVE_INFINITY ? this.#forever : Math.max(1, Math.round(milliseconds));
    if (whole === c.receiveTimeoutMs) return;
    c.receiveTimeoutMs = whole;
    this.#report.about(c.id);
    this.#setTimeLimit(c.fd, SO_RCVTIMEO, whole);
  }

  #setTimeLimit(fd: number, option: number, milliseconds: number): void {
    setTimeval(milliseconds);
    this.#sys.setsockopt(fd, SOL_SOCKET, option, timevalBytes, timevalBytes.length);
  }

  /** poll(2) on the listener: whether a client waits in the accept queue. Then accept does not sleep. */
  acceptable(listener: Listener): boolean {
    this.#report.about(NOBODY);
    this.#one.set(0, listener.fd, POLLIN);
    return this.#sys.poll(this.#one.bytes, 1, 0) > 0;
  }

  /** eventfd(2): a count that others add to, which makes it readable. */
  eventfd(): number {
    return this.#result(this.#sys.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }

  /** read(2) of an eventfd, which sets its count to 0. */
  read(fd: number): number {
    this.#report.about(NOBODY);
    return this.#result(this.#sys.read(fd, this.#count, 8));
  }

  /** write(2) to an eventfd: adds 1 to its count, which wakes the thread that watches it. */
  write(fd: number): number {
    this.#count[0] = 1n;
    return this.#result(this.#sys.write(fd, this.#count, 8));
  }

  /** epoll_create1(2). */
  epoll_create1(flags: number): number {
    return this.#result(this.#sys.epoll_create1(flags));
  }

  /** epoll_ctl(2). `event` has the interest in `socket`, and what epoll_wait returns with its readiness. */
  epoll_ctl(epfd: number, operation: number, socket: Socket, interest: number, event: EpollEvents): number {
    this.#pause(socket.id, socket.fd, 'epoll_ctl');
    this.#report.about(socket.id);
    const result = this.#result(this.#sys.epoll_ctl(epfd, operation, socket.fd, event.bytes));
    if (result < 0) return result;
    if (operation === EPOLL_CTL_DEL) this.unwatched(socket.id, socket.fd);
    else this.watching(socket.id, socket.fd, interest);
    return result;
  }

  /** The interest list has changed: the kernel's own, or the server's, of which the kernel hears at the next wait. */
  watching(id: number, fd: number, interest: number): void {
    this.#report.watching(id, fd, interest);
  }

  unwatched(id: number, fd: number): void {
    this.#report.unwatched(id, fd);
  }

  // The next three are the only calls in which a loop sleeps, each loop in one of them. `milliseconds` -1 is without limit.

  /** epoll_wait(2). */
  epoll_wait(epfd: number, ready: EpollEvents, milliseconds: number): number {
    const since = this.#beginWait('epoll_wait', epfd);
    const result = this.#sys.epoll_wait(epfd, ready.bytes, ready.length, milliseconds);
    return this.#endWait('epoll_wait', epfd, since, result, milliseconds);
  }

  /** poll(2) of the first `count` of `fds`. */
  poll(fds: PollFds, count: number, milliseconds: number): number {
    const since = this.#beginWait('poll', NO_FD);
    const result = this.#sys.poll(fds.bytes, count, milliseconds);
    return this.#endWait('poll', NO_FD, since, result, milliseconds);
  }

  /** select(2) of the descriptors below `nfds`. It leaves in the sets those that are ready, and gives how many bits are left. */
  select(nfds: number, reading: FdSet, writing: FdSet, milliseconds: number): number {
    const since = this.#beginWait('select', NO_FD);
    setTimeval(milliseconds);
    const timeout = milliseconds < 0 ? null : timeval;
    const result = this.#sys.select(nfds, reading.words, writing.words, null, timeout);
    return this.#endWait('select', NO_FD, since, result, milliseconds);
  }

  #beginWait(call: SleepCall & StepCall, epfd: number): number {
    this.#pause(NOBODY, epfd, call);
    return this.#report.blocked(call, NOBODY, epfd);
  }

  #endWait(call: SleepCall, epfd: number, since: number, returned: number, milliseconds: number): number {
    const result = this.#result(returned);
    const timer = result === 0 && milliseconds > 0 ? 'timer' : undefined;
    this.#report.resumed(call, since, NOBODY, epfd, this.#wokenBy(result) ?? timer);
    return result;
  }

  /** io_uring_setup(2): a ring's descriptor. `params` is a struct io_uring_params, and is filled. */
  io_uring_setup(entries: number, params: Int32Array): number {
    return this.#result(this.#sys.io_uring_setup(entries, new Uint8Array(params.buffer)));
  }

  /** io_uring_register(2). */
  io_uring_register(ring: number, operation: number, argument: Uint8Array, count: number): number {
    return this.#result(this.#sys.io_uring_register(ring, operation, argument, count));
  }

  /** io_uring_enter(2): hands in what was submitted, and returns at once. */
  io_uring_submit(ring: number, toSubmit: number): number {
    this.#report.about(NOBODY);
    return this.#result(this.#sys.io_uring_enter(ring, toSubmit, 0, 0, null, 0));
  }

  /**
   * io_uring_enter(2): hands in what was submitted and sleeps until something is done, the only call in which such a
   * server sleeps. `limit`: a struct io_uring_getevents_arg; null for ever.
   */
  io_uring_enter(ring: CompletionQueue, toSubmit: number, limit: Uint8Array | null): number {
    this.#pause(NOBODY, ring.fd, 'io_uring_enter');
    const since = this.#report.blocked('io_uring_enter', NOBODY, ring.fd);
    const flags = limit === null ? IORING_ENTER_GETEVENTS : WAIT_WITH_LIMIT;
    const size = limit === null ? 0 : limit.length;
    const result = this.#result(this.#sys.io_uring_enter(ring.fd, toSubmit, 1, flags, limit, size));
    const timer = ring.empty && !interrupted(result) ? 'timer' : undefined;
    this.#report.resumed('io_uring_enter', since, NOBODY, ring.fd, this.#wokenBy(result) ?? timer);
    return result;
  }

  /** The kernel is about to be asked to do this (io_uring_enter(2)). */
  submitted(operation: Operation, { id, fd }: Socket, goesOn: boolean, linked: boolean): void {
    this.#pause(id, fd, undefined, operation);
    this.#report.submitted(operation, id, fd, goesOn, linked);
  }

  /** The loop turns to something that the kernel has done. */
  completed(operation: Operation, { id, fd }: Socket, result: number, goesOn: boolean, buffer: number): void {
    this.#report.completed(operation, id, fd, result, goesOn, buffer);
  }

  /** The loop turns to a socket that is ready. */
  ready({ id, fd }: Socket, readiness: number): void {
    this.#report.ready(id, fd, readiness);
  }

  #ioctl(c: Connection, request: number): number {
    this.#report.about(c.id);
    this.#sys.ioctl(c.fd, request, this.#number);
    return this.#number[0]!;
  }

  /** Before a call on a socket, which may sleep. Returns the time, for {@link #end}. */
  #begin(call: SleepCall & StepCall, { id, fd }: Socket): number {
    this.#pause(id, fd, call);
    if (this.sleep) return this.#report.blocked(call, id, fd);
    this.#report.about(id);
    return 0;
  }

  #end(call: SleepCall, { id, fd }: Socket, since: number, returned: number): number {
    const result = this.#result(returned); // first of all: errno is the last call's
    if (this.sleep) this.#report.resumed(call, since, id, fd, result > 0 ? undefined : this.#wokenBy(result));
    else if (wouldBlock(result)) this.#report.wouldBlock(call, id, fd);
    return result;
  }

  /** What ended a sleep without a result. */
  #wokenBy(result: number): Waker | undefined {
    if (this.#memory.stopping) return 'stop'; // which wakes a process by a signal
    return interrupted(result) ? 'signal' : undefined;
  }

  #result(returned: number): number {
    return returned < 0 ? -this.#sys.errno() : returned;
  }

  /** With --pace, --board or --step, before each step. It comes before the step's events: it is no sleep in a call. */
  #pause(id: number, fd: number, call?: StepCall, operation?: Operation): void {
    if (this.#pacer === undefined) return;
    if (this.#pacer.pause(id, fd, call, operation)) this.#report.countSleeps();
  }
}

/** A struct timeval: seconds and microseconds, 64 bits each. We use the low halves only. */
const timeval = new Int32Array(4);
const timevalBytes = new Uint8Array(timeval.buffer);

function setTimeval(milliseconds: number): void {
  timeval[0] = Math.floor(milliseconds / 1000);
  timeval[2] = Math.round((milliseconds % 1000) * 1000);
}
