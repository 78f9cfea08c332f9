// What a thread of a server works with: the kernel, the options, the shared memory and a voice to tell events with.
// Every model's threads begin here, in a worker thread of their own.

import type { ConnectionFacts } from '../http/handler.js';
import type { CloseReason, Waker } from '../lifecycle/events.js';
import { type Lane, ServerMemory, type ServerMemorySize } from '../lifecycle/server-memory.js';
import { Teller } from '../lifecycle/teller.js';
import type { Connection } from '../net/connection.js';
import { fourTupleOf } from '../net/ends.js';
import { CLOCK_MONOTONIC, SOL_SOCKET } from '../posix/constants.js';
import { interrupted } from '../posix/errors.js';
import { SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import { traced } from '../posix/strace.js';
import { gettid, nameThread, type SystemCalls, systemCalls, threadSleeps } from '../posix/system-calls.js';
import type { ServeOptions } from './options.js';
import { PacedTeller, Pacer } from './pace.js';

/** What a worker thread is started with; it must survive the structured clone. */
export interface ThreadData {
  readonly options: ServeOptions;
  readonly memory: ServerMemorySize;
  readonly lane: number;
  readonly name: string;
  /** When it was asked for, on the common clock. */
  readonly startedAt: number;
}

export interface ServerThread {
  readonly name: string;
  readonly tid: number;
  readonly options: ServeOptions;
  readonly sys: SystemCalls;
  readonly memory: ServerMemory;
  readonly lane: Lane;
  readonly tell: Teller;
}

export function beginThread({ options, memory: size, lane: index, name }: ThreadData): ServerThread {
  nameThread(name);
  const tid = gettid();
  const memory = new ServerMemory(size);
  const lane = memory.lane(index);
  lane.tid = tid;
  const pacer = options.pace && new Pacer(options.pace, memory);
  const tell =
    pacer === undefined
      ? new Teller(memory, lane, options.detail, threadSleeps)
      : new PacedTeller(pacer, memory, lane, options.detail, threadSleeps);
  const calls =
    options.detail === 'calls'
      ? traced(systemCalls, (call, fd, args, result, errno) => tell.call(call, fd, args, result, errno))
      : systemCalls;
  const sys = pacer === undefined ? calls : pacer.slowDown(calls);
  return { name, tid, options, sys, memory, lane, tell };
}

/** What the kernel itself says of a connection, for `/connection` (getpeername(2), getsockname(2)). */
export function describeConnection(
  { sys, name, tid, options }: ServerThread,
  connection: Connection,
): ConnectionFacts {
  const peer = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const local = new Uint8Array(SOCKET_ADDRESS_BYTES);
  sys.getpeername(connection.fd, peer, new Int32Array([SOCKET_ADDRESS_BYTES]));
  sys.getsockname(connection.fd, local, new Int32Array([SOCKET_ADDRESS_BYTES]));
  return {
    mode: options.mode,
    fourTuple: fourTupleOf(peer, local),
    connection: connection.id,
    fd: connection.fd,
    thread: name,
    tid,
  };
}

/** close(2), and whatever is to be known of it. */
export function closeConnection(thread: ServerThread, connection: Connection, reason: CloseReason): void {
  thread.tell.closing();
  thread.sys.close(connection.fd);
  thread.tell.closed(connection, reason);
}

/** What ended a sleep in a call that has given nothing. */
export function wakerOf(errno: number, { memory }: ServerThread): Waker | undefined {
  if (interrupted(errno)) return 'signal';
  return memory.stopping ? 'stop' : undefined;
}

/** No descriptor for one more connection: a moment's sleep, so that asking again does not use up the CPU. */
export function napWithoutRoom(sys: SystemCalls): void {
  sys.clock_nanosleep(CLOCK_MONOTONIC, 0, BigInt64Array.of(0n, 100_000_000n), null);
}

/** A struct timeval: seconds and microseconds, 64 bits each, of which the low halves are enough. */
const timeval = new Int32Array(4);
const timevalBytes = new Uint8Array(timeval.buffer);

/**
 * How long, in seconds, recv (SO_RCVTIMEO) or send (SO_SNDTIMEO) may sleep on a socket: then it gives up with EAGAIN
 * (socket(7)). 0: for ever.
 */
export function setTimeoutOf(sys: SystemCalls, fd: number, option: number, seconds: number): void {
  timeval[0] = seconds; // the fraction is cut off
  timeval[2] = Math.round((seconds % 1) * 1e6);
  sys.setsockopt(fd, SOL_SOCKET, option, timevalBytes, timevalBytes.length);
}
