// One connection, served with calls that sleep: recv until a request is whole, answer, send, and close.
// The iterative server runs it in the thread that accepts; the blocking server in a thread for each connection.

import { createHandler, type Handler } from '../http/handler.js';
import { Outbox, type Reply } from '../http/reply.js';
import type { BadRequest, Request } from '../http/request.js';
import { RequestReader } from '../http/request-reader.js';
import type { CloseReason, SleepCall, Timeout } from '../lifecycle/events.js';
import { NO_FD } from '../lifecycle/teller.js';
import type { Connection } from '../net/connection.js';
import { CLOCK_MONOTONIC, MSG_NOSIGNAL, SHUT_WR, SO_RCVTIMEO } from '../posix/constants.js';
import { interrupted, peerReset, wouldBlock } from '../posix/errors.js';
import { threadCpuMs } from '../posix/system-calls.js';
import { burn } from './burn.js';
import { LINGER_BYTES, LINGER_MS } from './limits.js';
import {
  closeConnection,
  describeConnection,
  type ServerThread,
  setTimeoutOf,
  wakerOf,
} from './server-thread.js';

const RECEIVE_BYTES = 64 * 1024;
/** A thread that sleeps looks up this often, in milliseconds, whether the server is to stop. */
const NAP_MS = 250;

export class Conversation {
  readonly #thread: ServerThread;
  readonly #handle: Handler;
  readonly #inbox: RequestReader;
  readonly #outbox = new Outbox();
  readonly #buffer = Buffer.alloc(RECEIVE_BYTES);
  /** When the head that is awaited began, in milliseconds of performance.now(). */
  #headSince = 0;
  /** What the socket's SO_RCVTIMEO is, in seconds. */
  #receiveTimeout = 0;

  constructor(thread: ServerThread) {
    this.#thread = thread;
    const { keepAlive, limits } = thread.options;
    this.#inbox = new RequestReader(limits.maxHead);
    this.#handle = createHandler({ keepAlive, ...limits });
  }

  /** Serves the connection from its first byte to its close. A bad peer costs only its own connection. */
  serve(connection: Connection): void {
    const { tell } = this.#thread;
    this.#inbox.reset();
    this.#outbox.clear();
    this.#headSince = performance.now();
    this.#receiveTimeout = 0;
    const outcome = this.#converseSafely(connection);
    if (outcome === 'left-open') tell.leftOpen(connection);
    else this.#close(connection, outcome);
  }

  /** An error in the program itself costs this one connection, and is told. */
  #converseSafely(connection: Connection): CloseReason | 'left-open' {
    try {
      return this.#converse(connection);
    } catch (error) {
      this.#thread.tell.crashed(connection, error);
      return 'error';
    }
  }

  #converse(connection: Connection): CloseReason | 'left-open' {
    const { options, memory } = this.#thread;
    for (;;) {
      const request = this.#inbox.next();
      if (request === undefined) {
        const end = this.#receive(connection);
        if (end !== undefined) return end;
        continue;
      }
      const reply = this.#answer(connection, request);
      if (reply === undefined) return 'stopping';
      const end = this.#send(connection, reply);
      if (end !== undefined) return end;
      if (reply.afterwards === 'keep') {
        if (memory.stopping) return 'stopping';
        continue;
      }
      if (options.keepOpen) return 'left-open';
      if (reply.afterwards === 'linger') this.#linger(connection);
      return request.kind === 'bad-request' ? 'bad-request' : 'replied';
    }
  }

  /** recv(2): sleeps until the client has sent something. Gives the reason where there is nothing more to come. */
  #receive(connection: Connection): CloseReason | undefined {
    const { sys, tell, memory } = this.#thread;
    const { id, fd } = connection;
    const betweenRequests = connection.requests > 0 && !this.#inbox.pending;
    this.#setReceiveTimeout(connection, this.#patience(betweenRequests));
    for (;;) {
      const since = tell.blocked('recv', id, fd);
      const bytes = sys.recv(fd, this.#buffer, RECEIVE_BYTES, 0);
      const errno = bytes < 0 ? sys.errno() : 0;
      tell.resumed('recv', since, id, fd, bytes > 0 ? undefined : wakerOf(errno, this.#thread));
      if (bytes > 0) {
        if (betweenRequests) this.#headSince = performance.now();
        tell.received(connection, bytes);
        this.#inbox.push(this.#buffer, bytes);
        return undefined;
      }
      if (bytes === 0) {
        if (memory.stopping) return 'stopping';
        tell.peerClosed(connection);
        return 'peer-closed';
      }
      if (!interrupted(errno))
        return this.#endedBy('recv', errno, connection, betweenRequests ? 'idle' : 'head');
    }
  }

  /** How long the client may take for its next byte, in seconds; 0: for ever. */
  #patience(betweenRequests: boolean): number {
    const { headTimeout, idleTimeout } = this.#thread.options.limits;
    if (betweenRequests) return idleTimeout;
    if (headTimeout === 0 || !this.#inbox.pending) return headTimeout;
    // A part of the head is here: for the rest there is what is left of its time, however often a byte comes.
    return Math.max(0.001, headTimeout - (performance.now() - this.#headSince) / 1000);
  }

  #setReceiveTimeout(connection: Connection, seconds: number): void {
    if (seconds === this.#receiveTimeout) return;
    this.#receiveTimeout = seconds;
    setTimeoutOf(this.#thread.sys, connection.fd, SO_RCVTIMEO, seconds);
  }

  /** Gives the reply, after the sleep or the work that the request asked for; none where a stop has cut that short. */
  #answer(connection: Connection, request: Request | BadRequest): Reply | undefined {
    const { tell, memory } = this.#thread;
    if (request.kind === 'request') tell.request(connection, request.method, request.target);
    else tell.badRequest(connection, request.status, request.problem);
    const reply = this.#handle(request, () => describeConnection(this.#thread, connection));
    if (reply.sleepMs > 0 && !this.#sleep(connection, reply.sleepMs)) return undefined;
    if (reply.computeMs > 0 && !burn(reply.computeMs, memory, threadCpuMs)) return undefined;
    return reply;
  }

  /** clock_nanosleep(2): the whole thread sleeps, and nobody else but its client waits for it. False: a stop came first. */
  #sleep({ id }: Connection, milliseconds: number): boolean {
    const { sys, tell, memory } = this.#thread;
    const since = tell.blocked('clock_nanosleep', id);
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !memory.stopping; left = end - performance.now()) {
      const nap = BigInt(Math.ceil(Math.min(left, NAP_MS) * 1e6));
      sys.clock_nanosleep(CLOCK_MONOTONIC, 0, BigInt64Array.of(0n, nap), null);
    }
    const slept = performance.now() >= end;
    tell.resumed('clock_nanosleep', since, id, NO_FD, slept ? undefined : 'stop');
    return slept;
  }

  /** send(2): sleeps while the client's side takes no more. It may take less than it was given: then again. */
  #send(connection: Connection, reply: Reply): CloseReason | undefined {
    const { sys, tell } = this.#thread;
    const { id, fd } = connection;
    const outbox = this.#outbox;
    outbox.put(reply);
    while (!outbox.empty) {
      const since = tell.blocked('send', id, fd);
      const bytes = sys.send(fd, outbox.chunk, outbox.chunk.length, MSG_NOSIGNAL);
      const errno = bytes < 0 ? sys.errno() : 0;
      tell.resumed('send', since, id, fd, bytes > 0 ? undefined : wakerOf(errno, this.#thread));
      if (bytes >= 0) {
        outbox.sent(bytes);
        tell.sent(connection, bytes, outbox.empty ? reply.status : 0);
      } else if (!interrupted(errno)) {
        return this.#endedBy('send', errno, connection, 'send');
      }
    }
    return undefined;
  }

  #endedBy(call: SleepCall, errno: number, connection: Connection, waitingFor: Timeout): CloseReason {
    const { tell, memory, options } = this.#thread;
    if (memory.stopping) return 'stopping';
    if (wouldBlock(errno)) {
      tell.timedOut(connection, waitingFor, options.limits[`${waitingFor}Timeout`]);
      return 'timed-out';
    }
    if (peerReset(errno)) {
      tell.reset(connection);
      return 'reset';
    }
    tell.failed(connection, call, errno);
    return 'error';
  }

  /** Says "no more from me", then reads what still comes and drops it: see Reply.afterwards. */
  #linger(connection: Connection): void {
    const { sys, tell, memory } = this.#thread;
    sys.shutdown(connection.fd, SHUT_WR);
    this.#setReceiveTimeout(connection, LINGER_MS / 1000);
    const end = performance.now() + LINGER_MS;
    const most = connection.bytesIn + LINGER_BYTES;
    while (performance.now() < end && connection.bytesIn < most && !memory.stopping) {
      const bytes = sys.recv(connection.fd, this.#buffer, RECEIVE_BYTES, 0);
      if (bytes <= 0) return;
      tell.received(connection, bytes);
    }
  }

  #close(connection: Connection, reason: CloseReason): void {
    this.#thread.lane.fd = -1; // from here on the number may belong to another connection
    closeConnection(this.#thread, connection, reason);
  }
}
