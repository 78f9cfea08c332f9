// What the kernel is asked to do, and what it has done. None of this is a system call: a submission is a few words in
// memory, and one io_uring_enter(2) hands in all of them and waits for the next completions.

import { performance } from 'node:perf_hooks';
import type { Outbox } from '../../http/reply.js';
import { type CloseReason, OPERATIONS, type Operation } from '../../lifecycle/events.js';
import type { Listener } from '../../net/listener.js';
import {
  AF_INET6,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_WAITALL,
  SO_PEERNAME,
  SOCK_CLOEXEC,
  SOL_SOCKET,
} from '../../posix/constants.js';
import { cancelled } from '../../posix/errors.js';
import * as io from '../../posix/io-uring.js';
import { IPV4_ADDRESS_BYTES, SOCKET_ADDRESS_BYTES } from '../../posix/socket-address.js';
import { addressOf } from '../../posix/system-calls.js';
import type { Calls, Socket } from '../calls.js';
import { type Timed, Timers } from '../loop/timers.js';
import { BUFFER_GROUP, ReceiveBuffers } from './buffers.js';
import type { CompletionConnection } from './connection.js';
import type { IoUring } from './ring.js';

const NEVER = Number.POSITIVE_INFINITY;
/** The number that stands for the listener; connections have those from 1. */
const LISTENER = 0;

/** What can be asked for, and how. */
interface SubmissionKind {
  readonly operation: Operation;
  /** Comes back with the completion. */
  readonly number: number;
  /** The first word of a submission: the opcode, flags, and flags of the operation's own (ioprio). */
  readonly word: number;
  readonly goesOn: boolean;
  readonly linked: boolean;
}

function kind(operation: Operation, opcode: number, flags = 0, ioprio = 0): SubmissionKind {
  const word = opcode | (flags << 8) | (ioprio << 16);
  const linked = flags === io.IOSQE_IO_LINK;
  return { operation, number: OPERATIONS.indexOf(operation), word, goesOn: ioprio !== 0, linked };
}

const ACCEPT = kind('accept', io.IORING_OP_ACCEPT, 0, io.IORING_ACCEPT_MULTISHOT);
const GETSOCKOPT = kind('getsockopt', io.IORING_OP_URING_CMD);
const RECV = kind('recv', io.IORING_OP_RECV, io.IOSQE_BUFFER_SELECT);
const MULTISHOT_RECV = kind('recv', io.IORING_OP_RECV, io.IOSQE_BUFFER_SELECT, io.IORING_RECV_MULTISHOT);
const TIMEOUT = kind('timeout', io.IORING_OP_TIMEOUT);
const SEND = kind('send', io.IORING_OP_SEND);
/** The next submission begins when this one has succeeded; where it fails, that one is cancelled. */
const LINKED_SEND = kind('send', io.IORING_OP_SEND, io.IOSQE_IO_LINK);
const SIOCINQ = kind('siocinq', io.IORING_OP_URING_CMD);
const CLOSE = kind('close', io.IORING_OP_CLOSE);
const CANCEL = kind('cancel', io.IORING_OP_ASYNC_CANCEL);

/** Something that the kernel has done. */
export interface Done {
  /** Undefined: it was asked for the listener. */
  readonly connection: CompletionConnection | undefined;
  readonly operation: Operation;
  /** What a call would have returned: a result, or -errno. */
  readonly result: number;
  /** It is still in flight. */
  readonly goesOn: boolean;
  /** The number of the buffer that was received into, or 0. */
  readonly buffer: number;
}

export class Operations {
  readonly #calls: Calls;
  readonly #ring: IoUring;
  readonly #buffers: ReceiveBuffers;
  readonly #timers = new Timers<Timed>();
  readonly #listener: Listener;
  readonly #recv: SubmissionKind;
  /** By the number that a submission carries. */
  readonly #connections: (CompletionConnection | undefined)[] = [undefined];
  readonly #free: CompletionConnection[] = [];
  #accepting = false;
  #now = performance.now();
  #wokeAt = this.#now;
  /** How much was asked for that is not done. */
  inFlight = 0;

  /** `keepAlive`: a connection may carry many requests, so that its recv goes on after the first. */
  constructor(calls: Calls, ring: IoUring, listener: Listener, keepAlive: boolean) {
    this.#calls = calls;
    this.#ring = ring;
    this.#buffers = new ReceiveBuffers(calls, ring.fd);
    this.#listener = listener;
    this.#recv = keepAlive ? MULTISHOT_RECV : RECV;
  }

  /** The time of this turn, in milliseconds: see models/loop/loop.ts. */
  get now(): number {
    return this.#calls.paced ? performance.now() : this.#now;
  }

  lookAtClock(): void {
    this.#now = performance.now();
  }

  /** An object for one more connection: one that has served its last, or a new one with the number that it is to have. */
  connection(make: (slot: number) => CompletionConnection): CompletionConnection {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const made = make(this.#connections.length);
    this.#connections.push(made);
    return made;
  }

  /** Those that are here. */
  get open(): CompletionConnection[] {
    return this.#connections.flatMap((each) => (each === undefined || each.at === 'ended' ? [] : each));
  }

  /** accept(2), again and again, until it fails. */
  accept(): void {
    this.#accepting = true;
    const sqe = this.#submit(ACCEPT, this.#listener, LISTENER);
    this.#ring.set(sqe, io.SQE.flags, SOCK_CLOEXEC);
  }

  cancelAccept(): void {
    if (!this.#accepting) return;
    const sqe = this.#submit(CANCEL, this.#listener, LISTENER);
    this.#ring.set(sqe, io.SQE.address, LISTENER);
    this.#ring.set(sqe, io.SQE.address + 1, ACCEPT.number);
  }

  /** getsockopt(2), SO_PEERNAME: the client's address. A multishot accept has no room for each one's. */
  getpeername(c: CompletionConnection): void {
    c.naming = true;
    const sqe = this.#ask(GETSOCKOPT, c);
    this.#ring.set(sqe, io.SQE.off, io.SOCKET_URING_OP_GETSOCKOPT);
    this.#ring.set(sqe, io.SQE.address, SOL_SOCKET);
    this.#ring.set(sqe, io.SQE.address + 1, SO_PEERNAME);
    const ipv6 = this.#listener.address[0] === AF_INET6;
    this.#ring.set(sqe, io.SQE.optionLength, ipv6 ? SOCKET_ADDRESS_BYTES : IPV4_ADDRESS_BYTES);
    this.#ring.setAddress(sqe, io.SQE.address3, c.peerAddress);
  }

  /** recv(2), into whichever buffer is free when bytes come. One in flight is enough. */
  recv(c: CompletionConnection): void {
    if (c.receiving) return;
    c.receiving = true;
    const sqe = this.#ask(this.#recv, c);
    this.#ring.set(sqe, io.SQE.bufferGroup, BUFFER_GROUP);
  }

  /** A time that has to pass. It completes with -ETIME. */
  timeout(c: CompletionConnection, milliseconds: number): void {
    c.sleeping = true;
    c.timespec.milliseconds = milliseconds;
    const sqe = this.#ask(TIMEOUT, c);
    this.#ring.setAddress(sqe, io.SQE.address, c.timespec.address);
    this.#ring.set(sqe, io.SQE.length, 1);
  }

  /** send(2): the kernel reads the bytes where they lie, at any time until it has completed. */
  send(c: CompletionConnection, { chunk }: Outbox): void {
    this.#send(SEND, c, chunk, MSG_NOSIGNAL);
  }

  /** send(2), and when all is sent, close(2). MSG_MORE: so the reply and the FIN leave in one segment, not in two. */
  sendThenClose(c: CompletionConnection, { chunk }: Outbox): void {
    this.#ring.makeRoomFor(2);
    this.#send(LINKED_SEND, c, chunk, MSG_NOSIGNAL | MSG_WAITALL | MSG_MORE);
    this.#close(c);
  }

  /** send(2), and when all is sent, ioctl(2), SIOCINQ: bytes that have come and that nobody has read. */
  sendThenLook(c: CompletionConnection, { chunk }: Outbox): void {
    this.#ring.makeRoomFor(2);
    this.#send(LINKED_SEND, c, chunk, MSG_NOSIGNAL | MSG_WAITALL);
    const sqe = this.#ask(SIOCINQ, c);
    this.#ring.set(sqe, io.SQE.off, io.SOCKET_URING_OP_SIOCINQ);
  }

  /** close(2), unless one is already in flight behind a send. */
  close(c: CompletionConnection, reason: CloseReason): void {
    c.reason = reason;
    if (!c.closing) this.#close(c);
  }

  /** What is in flight and may take long is given up: it completes with -ECANCELED, or with what it has done by then. */
  cancel(c: CompletionConnection): void {
    if (c.sleeping) this.#cancel(c, TIMEOUT);
    if (c.sending) this.#cancel(c, SEND);
    if (c.receiving && !c.cancelling) this.cancelRecv(c);
  }

  cancelRecv(c: CompletionConnection): void {
    c.cancelling = true;
    this.#cancel(c, RECV);
  }

  /** Bytes have come in time, and the kernel is about to receive them: it does not do all of its work in one turn. */
  hasArrived(c: CompletionConnection): boolean {
    return c.receiving && this.#calls.unread(c) > 0;
  }

  /** What siocinq has said, as a call. */
  unread(c: CompletionConnection): number {
    return c.unreadBytes;
  }

  /** Calls that never sleep, and are rare. The kernel would give them to a thread of its own, or has no operation for them. */
  unsent(c: CompletionConnection): number {
    return this.#calls.unsent(c);
  }

  shutdown(c: CompletionConnection, how: number): void {
    this.#calls.shutdown(c, how);
  }

  /** When the loop must turn to `item`, at the latest; Infinity: only when something is done. */
  until(item: Timed, time: number): void {
    this.#timers.set(item, time);
  }

  /** Sleeps until something is done, or a time has come. */
  wait(limit = NEVER): void {
    const next = this.#timers.untilNext(this.now);
    this.#ring.wait(next < 0 && limit === NEVER ? -1 : Math.min(next < 0 ? limit : next, limit));
    this.lookAtClock();
    this.#wokeAt = this.#now;
  }

  /** The next thing that is done; undefined where the loop must wait. {@link release} it. */
  next(): Done | undefined {
    if (!this.#ring.next()) return undefined;
    const { who, what, result, flags } = this.#ring;
    const connection = this.#connections[who];
    const operation = OPERATIONS[what]!;
    const goesOn = (flags & io.IORING_CQE_F_MORE) !== 0;
    const buffer = (flags & io.IORING_CQE_F_BUFFER) === 0 ? 0 : flags >>> io.IORING_CQE_BUFFER_SHIFT;
    this.#calls.completed(operation, connection ?? this.#listener, result, goesOn, buffer);
    if (!goesOn) this.inFlight--;
    if (operation === 'accept') this.#accepting = goesOn;
    if (connection === undefined) return { connection, operation, result, goesOn, buffer };
    if (!goesOn) connection.inFlight--;
    switch (operation) {
      case 'getsockopt':
        connection.naming = false;
        break;
      case 'recv':
        if (!goesOn) connection.receiving = connection.cancelling = false;
        this.#calls.received(connection, result);
        break;
      case 'timeout':
        connection.sleeping = false;
        break;
      case 'send':
        connection.sending = false;
        this.#calls.sent(connection, connection.session.outbox, result);
        break;
      case 'siocinq':
        connection.unreadBytes = result;
        break;
      case 'close':
        // The send before it in its chain has failed, and so it was not begun.
        if (cancelled(result)) this.#close(connection);
        else this.#calls.closed(connection, connection.reason);
    }
    return { connection, operation, result, goesOn, buffer };
  }

  /** What was received, in a buffer that is the kernel's again after {@link release}. */
  received({ buffer }: Done): Buffer {
    return this.#buffers.at(buffer);
  }

  /** The kernel gets its buffer back; a connection that has ended, and for which nothing is in flight, is free. */
  release({ connection, buffer }: Done): void {
    if (buffer !== 0) this.#buffers.give(buffer);
    if (connection?.at === 'ended' && connection.inFlight === 0) this.#free.push(connection);
  }

  /** The next whose time has come; what was done before that was looked at first. */
  nextDue(): Timed | undefined {
    return this.#timers.nextDue(this.#wokeAt);
  }

  #send(what: SubmissionKind, c: CompletionConnection, chunk: Uint8Array, flags: number): void {
    c.sending = true;
    const sqe = this.#ask(what, c);
    this.#ring.setAddress(sqe, io.SQE.address, addressOf(chunk));
    this.#ring.set(sqe, io.SQE.length, chunk.length);
    this.#ring.set(sqe, io.SQE.flags, flags);
  }

  #close(c: CompletionConnection): void {
    c.closing = true;
    this.#ask(CLOSE, c);
  }

  #cancel(c: CompletionConnection, what: SubmissionKind): void {
    const sqe = this.#ask(CANCEL, c);
    this.#ring.set(sqe, io.SQE.address, c.slot); // the two numbers of the submission to cancel
    this.#ring.set(sqe, io.SQE.address + 1, what.number);
  }

  /** Asks for something on a connection. Gives the place of the submission, for IoUring.set(). */
  #ask(what: SubmissionKind, c: CompletionConnection): number {
    c.inFlight++;
    return this.#submit(what, c, c.slot);
  }

  #submit(what: SubmissionKind, socket: Socket, who: number): number {
    this.inFlight++;
    this.#calls.submitted(what.operation, socket, what.goesOn, what.linked);
    return this.#ring.submit(what.word, socket.fd, who, what.number);
  }
}
