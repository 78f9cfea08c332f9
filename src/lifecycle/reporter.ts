// Reports what happens on one server thread: a method for each event, and the thread's totals.
// It stamps the time, writes a record into the thread's ring and returns: no allocation, no lock, no waiting.

import type { BadRequest, Request } from '../http/request.js';
import type { Connection } from '../net/connection.js';
import { SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import { nowUs } from './clock.js';
import {
  CALLS,
  CLOSE_REASONS,
  type CloseReason,
  FUTEX_REASONS,
  type FutexReason,
  KIND,
  numbersOf,
  OPERATIONS,
  type Operation,
  REFUSE_REASONS,
  type RefuseReason,
  RING_EVENTS,
  SLEPT,
  type SleepCall,
  STEP_CALLS,
  type StepCall,
  TIMEOUTS,
  type Timeout,
  WAKERS,
  type Waker,
} from './events.js';
import type { Ring } from './ring.js';
import type { ServerMemory, ThreadMemory } from './server-memory.js';

/** `none` reports only `listening`. Totals are kept in any case. */
export type Detail = 'lifecycle' | 'calls' | 'none';

/** Stands for "no connection" and "no descriptor" in a record. */
export const NOBODY = 0;
export const NO_FD = -1;

/** How many numbers the record of each event has, by its kind. */
const NUMBERS = [0, ...RING_EVENTS.map((event) => numbersOf(event).length)];

/** For a shorter call, in microseconds, we do not ask whether the thread slept: asking takes half a microsecond. */
const SHORT_US = 100;

export class Reporter {
  readonly #memory: ServerMemory;
  readonly #shared: ThreadMemory;
  readonly #ring: Ring;
  readonly #quiet: boolean;
  /** Whose system calls the thread is making, for `call` events. */
  #connection = NOBODY;

  /** How often the thread had slept by the last time that this was asked. */
  #sleeps = 0;
  readonly #threadSleeps: () => number;

  /** `threadSleeps` gives how often the calling thread has gone to sleep so far. */
  constructor(memory: ServerMemory, shared: ThreadMemory, detail: Detail, threadSleeps = () => 0) {
    this.#memory = memory;
    this.#threadSleeps = threadSleeps;
    this.#shared = shared;
    this.#ring = shared.ring;
    this.#quiet = detail === 'none';
  }

  listening(fd: number, address: Uint8Array, backlog: number): void {
    const at = nowUs();
    this.#listener(KIND.listening, at, fd, address, backlog);
    this.#memory.listeningAt = at; // after the record: the main thread now begins to read the ring
  }

  alsoListening(fd: number, address: Uint8Array, backlog: number): void {
    if (!this.#quiet) this.#listener(KIND['also-listening'], nowUs(), fd, address, backlog);
  }

  #listener(kind: number, at: number, fd: number, address: Uint8Array, backlog: number): void {
    const start = this.#open(at, kind, NOBODY, fd, SOCKET_ADDRESS_BYTES, backlog);
    if (start < 0) return;
    this.#bytes(start, address);
    this.#ring.publish();
  }

  accepted(connection: Connection): void {
    this.#shared.addConnection();
    this.#connection = connection.id;
    if (this.#quiet) return;
    connection.acceptedAt = nowUs();
    const { id, fd, peer, local, acceptedAt } = connection;
    const start = this.#open(acceptedAt, KIND.accepted, id, fd, 2 * SOCKET_ADDRESS_BYTES);
    if (start < 0) return;
    this.#bytes(start, peer);
    this.#bytes(start + SOCKET_ADDRESS_BYTES, local);
    this.#ring.publish();
  }

  /** Which connection the next system calls are about. */
  about(connectionId: number): void {
    this.#connection = connectionId;
  }

  threadStarted(connectionId: number, tid: number, serial: number, tookUs: number): void {
    this.countSleeps();
    this.#connection = connectionId;
    this.#report(KIND['thread-started'], connectionId, NO_FD, tid, serial, tookUs);
  }

  threadReused(id: number, fd: number): void {
    this.#connection = id;
    this.#report(KIND['thread-reused'], id, fd);
  }

  threadEnded(): void {
    this.#report(KIND['thread-ended'], NOBODY, NO_FD);
  }

  /** `status` and `signal` as wait(2) gives them: one of them is 0, or both. */
  processEnded(id: number, child: number, status: number, signal: number): void {
    this.#report(KIND['process-ended'], id, NO_FD, child, status, signal);
  }

  threadsBusy(threads: number): void {
    this.#report(KIND['threads-busy'], NOBODY, NO_FD, threads);
  }

  /** `place`: 0 where an idle thread is about to take it. */
  queued({ id, fd }: Connection, place: number): void {
    this.#memory.queued(place);
    this.#report(KIND.queued, id, fd, place);
  }

  /** A thread of a pool takes it: it waited `waitedUs`, `length` still wait, and it went before `overtook` that came earlier. */
  dequeued(id: number, fd: number, waitedUs: number, length: number, overtook: number): void {
    this.#connection = id;
    this.#report(KIND.dequeued, id, fd, waitedUs, length, overtook);
  }

  queueFull(limit: number): void {
    this.#report(KIND['queue-full'], NOBODY, NO_FD, limit);
  }

  /** Just before a call that may sleep. Returns the time, for {@link resumed}. */
  blocked(call: SleepCall, id = NOBODY, fd = NO_FD, waitingFor?: FutexReason, threads = 0): number {
    this.#connection = id;
    if (this.#quiet) return 0;
    const at = nowUs();
    this.#reportAt(at, KIND.blocked, id, fd, CALLS.indexOf(call), FUTEX_REASONS.indexOf(waitingFor), threads);
    return at;
  }

  /**
   * Just before a sleep in futex(2). `threads`: how many there are, if the thread waits for one of several. Returns the
   * time, for {@link awake}.
   */
  waiting(reason: FutexReason, threads = 0): number {
    return this.blocked('futex', NOBODY, NO_FD, reason, threads);
  }

  /** `stopping`: the server stops, and what was waited for did not come. */
  awake(since: number, stopping: boolean): void {
    this.resumed('futex', since, NOBODY, NO_FD, stopping ? 'stop' : undefined);
  }

  /** `wokenBy`: set if the call returned nothing. */
  resumed(call: SleepCall, since: number, id = NOBODY, fd = NO_FD, wokenBy?: Waker): void {
    if (this.#quiet) return;
    const at = nowUs();
    const waited = at - since;
    this.#reportAt(
      at,
      KIND.resumed,
      id,
      fd,
      CALLS.indexOf(call),
      waited,
      waited < SHORT_US ? 0 : this.#slept(),
      WAKERS.indexOf(wokenBy),
    );
  }

  /** A call can take long without a sleep: another thread had the CPU. */
  #slept(): number {
    const before = this.#sleeps;
    this.countSleeps();
    return SLEPT.indexOf(this.#sleeps !== before);
  }

  /** Sleeps until now do not belong to the next call. */
  countSleeps(): void {
    if (!this.#quiet) this.#sleeps = this.#threadSleeps();
  }

  /** The thread stops before this call, or before it submits this operation. */
  aboutTo(id: number, fd: number, call: StepCall | undefined, operation: Operation | undefined): void {
    const step = call === undefined ? 0 : STEP_CALLS.indexOf(call) + 1;
    const submission = operation === undefined ? 0 : OPERATIONS.indexOf(operation) + 1;
    this.#report(KIND['about-to'], id, fd, step, submission);
  }

  watching(id: number, fd: number, interest: number): void {
    this.#report(KIND.watching, id, fd, interest);
  }

  unwatched(id: number, fd: number): void {
    this.#report(KIND.unwatched, id, fd);
  }

  ready(id: number, fd: number, readiness: number): void {
    this.#connection = id;
    this.#report(KIND.ready, id, fd, readiness);
  }

  /** The kernel is about to be asked to do something. */
  submitted(operation: Operation, id: number, fd: number, goesOn: boolean, linked: boolean): void {
    if (this.#quiet) return;
    this.#report(KIND.submitted, id, fd, OPERATIONS.indexOf(operation), Number(goesOn), Number(linked));
  }

  /** It is done, or has failed. `buffer` 0: none was filled. */
  completed(
    operation: Operation,
    id: number,
    fd: number,
    result: number,
    goesOn: boolean,
    buffer: number,
  ): void {
    this.#connection = id;
    if (this.#quiet) return;
    const errno = result < 0 ? -result : 0;
    this.#reportAt(
      nowUs(),
      KIND.completed,
      id,
      fd,
      OPERATIONS.indexOf(operation),
      result,
      errno,
      Number(goesOn),
      buffer,
    );
  }

  wouldBlock(call: SleepCall, id: number, fd: number): void {
    this.#report(KIND['would-block'], id, fd, CALLS.indexOf(call));
  }

  received(connection: Connection, bytes: number): void {
    connection.bytesIn += bytes;
    this.#shared.addBytesIn(bytes);
    this.#report(KIND.received, connection.id, connection.fd, bytes);
  }

  request(connection: Connection, { method, target }: Request): void {
    connection.requests++;
    this.#shared.addRequest();
    if (this.#quiet) return;
    const length = method.length + 1 + target.length;
    const start = this.#open(nowUs(), KIND.request, connection.id, connection.fd, length);
    if (start < 0) return;
    this.#text(start, method);
    this.#text(start + method.length, ' ');
    this.#text(start + method.length + 1, target);
    this.#ring.publish();
  }

  badRequest(connection: Connection, { status, problem }: BadRequest): void {
    connection.requests++;
    this.#shared.addRequest();
    this.#reportText(KIND['bad-request'], connection.id, connection.fd, problem, status);
  }

  computeQueued(id: number, fd: number, waiting: number): void {
    this.#report(KIND['compute-queued'], id, fd, waiting);
  }

  handedOver(id: number, fd: number, worker: number): void {
    this.#report(KIND['handed-over'], id, fd, worker);
  }

  computed(id: number, fd: number, tookUs: number, eventfd: number): void {
    this.#report(KIND.computed, id, fd, tookUs, eventfd);
  }

  handedBack(id: number, fd: number, worker: number): void {
    this.#report(KIND['handed-back'], id, fd, worker);
  }

  /** `status`: the reply's, if this completes it, otherwise 0. */
  sent(connection: Connection, bytes: number, status: number): void {
    connection.bytesOut += bytes;
    this.#shared.addBytesOut(bytes);
    this.#report(KIND.sent, connection.id, connection.fd, bytes, status);
  }

  peerClosed(connection: Connection): void {
    this.#report(KIND['peer-closed'], connection.id, connection.fd);
  }

  reset(connection: Connection): void {
    this.#report(KIND.reset, connection.id, connection.fd);
  }

  timedOut(connection: Connection, waitingFor: Timeout, seconds: number): void {
    this.#report(KIND['timed-out'], connection.id, connection.fd, TIMEOUTS.indexOf(waitingFor), seconds);
  }

  refused(reason: RefuseReason, id = NOBODY, fd = NO_FD): void {
    this.#report(KIND.refused, id, fd, REFUSE_REASONS.indexOf(reason));
  }

  /** A call on a connection failed in an unusual way. */
  failed(connection: Connection, call: SleepCall, errno: number): void {
    this.#report(KIND.failed, connection.id, connection.fd, CALLS.indexOf(call), errno);
  }

  /** An error in the program itself, while it served this connection. */
  crashed(connection: Connection, error: unknown): void {
    this.#reportText(KIND.crashed, connection.id, connection.fd, String(error));
  }

  leftOpen(connection: Connection): void {
    this.#report(KIND['left-open'], connection.id, connection.fd);
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#connection = NOBODY;
    if (this.#quiet) return;
    const at = nowUs();
    const { id, fd, acceptedAt, bytesIn, bytesOut, requests } = connection;
    const why = CLOSE_REASONS.indexOf(reason);
    this.#reportAt(at, KIND.closed, id, fd, why, at - acceptedAt, bytesIn, bytesOut, requests);
  }

  /** One system call, as posix/strace.ts writes it. `fd` is the first argument where that is a descriptor. */
  call(name: string, fd: number, args: readonly string[], result: number, errno: number): void {
    this.#reportText(KIND.call, this.#connection, fd, [name, ...args].join('\0'), result, errno);
  }

  #report(kind: number, id: number, fd: number, n0 = 0, n1 = 0, n2 = 0): void {
    if (!this.#quiet) this.#reportAt(nowUs(), kind, id, fd, n0, n1, n2);
  }

  /** A record is only as long as its event needs, so that a burst of events fits the ring. */
  #reportAt(at: number, kind: number, id: number, fd: number, n0 = 0, n1 = 0, n2 = 0, n3 = 0, n4 = 0): void {
    const numbers = NUMBERS[kind]!;
    const p = this.#ring.reserve(kind, id, fd, at, numbers * 2);
    if (p < 0) return;
    const floats = this.#ring.floats;
    const first = p >> 1;
    if (numbers > 0) floats[first] = n0;
    if (numbers > 1) floats[first + 1] = n1;
    if (numbers > 2) floats[first + 2] = n2;
    if (numbers > 3) floats[first + 3] = n3;
    if (numbers > 4) floats[first + 4] = n4;
    this.#ring.publish();
  }

  #reportText(kind: number, id: number, fd: number, text: string, n0 = 0, n1 = 0): void {
    if (this.#quiet) return;
    const start = this.#open(nowUs(), kind, id, fd, text.length, n0, n1);
    if (start < 0) return;
    this.#text(start, text);
    this.#ring.publish();
  }

  /** A record that has bytes behind its numbers, after a word with their length. Gives where the bytes begin, or -1. */
  #open(at: number, kind: number, id: number, fd: number, bytes: number, n0 = 0, n1 = 0): number {
    const numbers = NUMBERS[kind]!;
    const p = this.#ring.reserve(kind, id, fd, at, numbers * 2 + 1 + ((bytes + 3) >> 2));
    if (p < 0) return -1;
    if (numbers > 0) this.#ring.floats[p >> 1] = n0;
    if (numbers > 1) this.#ring.floats[(p >> 1) + 1] = n1;
    const lengthWord = p + numbers * 2;
    this.#ring.words[lengthWord] = bytes;
    return (lengthWord + 1) * 4;
  }

  #bytes(start: number, bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.#ring.bytes[start + i] = bytes[i]!;
  }

  #text(start: number, text: string): void {
    for (let i = 0; i < text.length; i++) this.#ring.bytes[start + i] = text.charCodeAt(i);
  }
}
