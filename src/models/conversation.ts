// One connection, served with calls that sleep: recv until a request is whole, answer, send, and close.
// The iterative server runs it in the thread that accepts; the blocking server in a thread for each connection.

import { createHandler, type Handler } from '../http/handler.js';
import { Outbox, type Reply } from '../http/reply.js';
import type { BadRequest, Request } from '../http/request.js';
import { RequestReader } from '../http/request-reader.js';
import type { CloseReason, SleepCall } from '../lifecycle/events.js';
import type { Connection } from '../net/connection.js';
import {
  CLOCK_MONOTONIC,
  MSG_NOSIGNAL,
  SHUT_WR,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
} from '../posix/constants.js';
import { interrupted, peerReset, wouldBlock } from '../posix/errors.js';
import { threadCpuMs } from '../posix/system-calls.js';
import { burn } from './burn.js';
import { LINGER_BYTES, LINGER_MS } from './limits.js';
import { describeConnection, type ServerThread } from './server-thread.js';

const RECEIVE_BYTES = 64 * 1024;
/** A thread that sleeps looks up this often, in milliseconds, whether the server is to stop. */
const NAP_MS = 250;

export class Conversation {
  readonly #thread: ServerThread;
  readonly #handle: Handler;
  readonly #inbox = new RequestReader();
  readonly #outbox = new Outbox();
  readonly #buffer = Buffer.alloc(RECEIVE_BYTES);

  constructor(thread: ServerThread) {
    this.#thread = thread;
    this.#handle = createHandler(thread.options.keepAlive);
  }

  /** Serves the connection from its first byte to its close. A bad peer costs only its own connection. */
  serve(connection: Connection): void {
    const { options, tell } = this.#thread;
    this.#inbox.reset();
    this.#outbox.clear();
    if (options.timeout > 0) this.#setTimeouts(connection, options.timeout);
    const outcome = this.#converse(connection);
    if (outcome === 'left-open') tell.leftOpen(connection);
    else this.#close(connection, outcome);
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
    for (;;) {
      const since = tell.blocked('recv', id, fd);
      const bytes = sys.recv(fd, this.#buffer, RECEIVE_BYTES, 0);
      const errno = bytes < 0 ? sys.errno() : 0;
      tell.resumed('recv', since, id, fd);
      if (bytes > 0) {
        tell.received(connection, bytes);
        this.#inbox.push(this.#buffer, bytes);
        return undefined;
      }
      if (bytes === 0) {
        if (memory.stopping) return 'stopping';
        tell.peerClosed(connection);
        return 'peer-closed';
      }
      if (!interrupted(errno)) return this.#endedBy('recv', errno, connection);
    }
  }

  /** Gives the reply, after the sleep or the work that the request asked for. */
  #answer(connection: Connection, request: Request | BadRequest): Reply {
    const { tell, memory } = this.#thread;
    const reply = this.#handle(request, () => describeConnection(this.#thread, connection));
    if (request.kind === 'request') tell.request(connection, request.method, request.target, reply.status);
    else tell.badRequest(connection, reply.status, request.problem);
    if (reply.sleepMs > 0) this.#sleep(connection, reply.sleepMs);
    if (reply.computeMs > 0) burn(reply.computeMs, memory, threadCpuMs);
    return reply;
  }

  /** clock_nanosleep(2): the whole thread sleeps, and nobody else but its client waits for it. */
  #sleep({ id, fd }: Connection, milliseconds: number): void {
    const { sys, tell, memory } = this.#thread;
    const since = tell.blocked('clock_nanosleep', id, fd);
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !memory.stopping; left = end - performance.now()) {
      const nap = BigInt(Math.ceil(Math.min(left, NAP_MS) * 1e6));
      sys.clock_nanosleep(CLOCK_MONOTONIC, 0, BigInt64Array.of(0n, nap), null);
    }
    tell.resumed('clock_nanosleep', since, id, fd);
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
      tell.resumed('send', since, id, fd);
      if (bytes >= 0) {
        tell.sent(connection, bytes);
        outbox.sent(bytes);
      } else if (!interrupted(errno)) {
        return this.#endedBy('send', errno, connection);
      }
    }
    return undefined;
  }

  #endedBy(call: SleepCall, errno: number, connection: Connection): CloseReason {
    const { tell, memory, options } = this.#thread;
    if (memory.stopping) return 'stopping';
    if (wouldBlock(errno)) {
      tell.timedOut(connection, call === 'recv' ? 'request' : 'send', options.timeout);
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
    this.#setTimeouts(connection, LINGER_MS / 1000);
    const end = performance.now() + LINGER_MS;
    const most = connection.bytesIn + LINGER_BYTES;
    while (performance.now() < end && connection.bytesIn < most && !memory.stopping) {
      const bytes = sys.recv(connection.fd, this.#buffer, RECEIVE_BYTES, 0);
      if (bytes <= 0) return;
      tell.received(connection, bytes);
    }
  }

  /** recv and send give up with EAGAIN when they have slept so long (socket(7)). */
  #setTimeouts({ fd }: Connection, seconds: number): void {
    const { sys } = this.#thread;
    const whole = Math.floor(seconds);
    const timeval = BigInt64Array.of(BigInt(whole), BigInt(Math.round((seconds - whole) * 1e6)));
    const bytes = new Uint8Array(timeval.buffer);
    sys.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, bytes, bytes.length);
    sys.setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, bytes, bytes.length);
  }

  #close(connection: Connection, reason: CloseReason): void {
    const { sys, tell, lane, memory } = this.#thread;
    lane.fd = -1; // from here on the number may belong to another connection
    memory.connectionClosed();
    sys.close(connection.fd);
    tell.closed(connection, reason);
  }
}
