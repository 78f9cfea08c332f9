// The steps of a conversation that are the same in every model. What differs is in the models' own files.

import type { Afterwards } from '../http/session.js';
import type { CloseReason, SleepCall } from '../lifecycle/events.js';
import type { Connection } from '../net/connection.js';
import { fourTupleOf } from '../net/ends.js';
import { isSystemCallError, peerReset, shortageOf } from '../posix/errors.js';
import { burn } from './burn.js';
import type { Calls } from './calls.js';
import { labelOf } from './options.js';
import type { ServerConnection } from './server-connection.js';
import type { ServingThread } from './server-thread.js';

/** How a connection ends: closed for a reason, or left open (--keep-open). */
export type Ending = CloseReason | 'left-open';

/** Room for what one recv returns, in bytes. */
export const RECEIVE_BYTES = 64 * 1024;

/** Thrown to end a conversation before its reply is out. It is no error in the program: clients may do this. */
class Ended {
  readonly reason: CloseReason;

  constructor(reason: CloseReason) {
    this.reason = reason;
  }
}
export const PEER_CLOSED = new Ended('peer-closed');
export const STOPPED = new Ended('stopping');
const RESET = new Ended('reset');
export const TIMED_OUT = new Ended('timed-out');
const FAILED = new Ended('error');

/** The handler's reply to the request that has come. */
export function answer(thread: ServingThread, c: ServerConnection): void {
  const { report, memory } = thread;
  const { session } = c;
  const request = session.request!;
  if (memory.stopping) throw STOPPED;
  if (request.kind === 'request') report.request(c, request);
  else report.badRequest(c, request);
  session.answer(() => describe(thread, c));
}

/** Whether the request asks for CPU time, which is spent here. Meanwhile this thread does nothing else. */
export function compute({ memory, cpuMs }: ServingThread, { session }: ServerConnection): boolean {
  if (session.computeMs === 0) return false;
  if (!burn(session.computeMs, memory, cpuMs)) throw STOPPED;
  return true;
}

/** What `/connection` shows: the addresses that accept4(2) and getsockname(2) gave. */
function describe({ options, name, tid }: ServingThread, { id, fd, peer, local }: Connection) {
  const { mode, loops } = options;
  return {
    mode,
    model: labelOf(options),
    loops,
    fourTuple: fourTupleOf(peer, local),
    connection: id,
    fd,
    thread: name,
    tid,
  };
}

/** What to do with the connection, now that its reply is sent. */
export function afterwards(calls: Pick<Calls, 'unread'>, c: ServerConnection): Afterwards {
  const { session } = c;
  const next = session.afterwards();
  return next === 'close' && !session.saidLast && calls.unread(c) > 0 ? session.linger() : next;
}

/** A call on the connection would block. Throws where the client's time is up. */
export function checkTime({ report, memory, options }: ServingThread, c: ServerConnection): void {
  const { awaiting, overdue } = c.session;
  if (!overdue || awaiting === 'linger' || memory.stopping) return;
  report.timedOut(c, awaiting, options.limits[`${awaiting}Timeout`]);
  throw TIMED_OUT;
}

/** A call on the connection failed for good: throws the reason. `result` is -errno. */
export function failed(
  { report, memory }: ServingThread,
  c: ServerConnection,
  call: SleepCall,
  result: number,
): never {
  if (memory.stopping) throw STOPPED;
  if (peerReset(result)) {
    report.reset(c);
    throw RESET;
  }
  report.failed(c, call, -result);
  throw FAILED;
}

/**
 * Why a conversation ended before its reply was out. An error in the program itself costs this one connection, and so does
 * a poller that cannot watch one more.
 */
export function endedBy(
  { report, memory }: ServingThread,
  c: ServerConnection,
  thrown: unknown,
): CloseReason {
  if (thrown instanceof Ended) return memory.stopping ? 'stopping' : thrown.reason;
  const shortage = isSystemCallError(thrown) ? shortageOf(-thrown.errno) : undefined;
  if (shortage !== undefined) {
    report.refused(shortage, c.id, c.fd);
    return 'refused';
  }
  report.crashed(c, thrown);
  return 'error';
}

/** close(2), or the close that is left out. */
export function close(
  { report, memory }: ServingThread,
  calls: Pick<Calls, 'close'>,
  c: ServerConnection,
  ending: Ending,
): void {
  if (ending === 'left-open') return report.leftOpen(c);
  memory.connectionClosed(); // first: a client that sees the close may connect again at once
  calls.close(c, ending);
}
