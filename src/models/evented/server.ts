// The evented server: one thread, one loop. It sleeps in epoll_wait(2) alone, and is told which sockets are ready.
// No call on a connection ever sleeps; what a thread would keep on its stack, a connection keeps in its own object.

import { createHandler, type Handler } from '../../http/handler.js';
import type { BadRequest, Request } from '../../http/request.js';
import type { CloseReason, SleepCall, Timeout } from '../../lifecycle/events.js';
import { type Listener, openListener } from '../../net/listener.js';
import { EPOLLET, EPOLLIN, EPOLLOUT, MSG_NOSIGNAL, SHUT_WR, SOCK_NONBLOCK } from '../../posix/constants.js';
import { interrupted, peerReset, wouldBlock } from '../../posix/errors.js';
import { threadCpuMs } from '../../posix/system-calls.js';
import { Acceptor } from '../acceptance.js';
import { burn } from '../burn.js';
import { LINGER_BYTES, LINGER_MS } from '../limits.js';
import { closeConnection, describeConnection, type ServerThread } from '../server-thread.js';
import { EventedConnection } from './connection.js';
import { isBroken, isReadable, isWritable, Poller } from './poller.js';
import { Timers } from './timers.js';

const RECEIVE_BYTES = 64 * 1024;
const WITHOUT_ROOM_MS = 100;
/** What one connection may do in one turn of the loop, so that a fast one can't keep the others waiting. */
const ACCEPTS_A_TURN = 64;
const CALLS_A_TURN = 16;
/** The listener's tag on the interest list; connections have their ids, which begin at 1. */
const LISTENER = 0;

export function serve(thread: ServerThread): void {
  const { sys, options, memory, tell } = thread;
  const listener = openListener(sys, options, SOCK_NONBLOCK);
  tell.listening(listener.fd, listener.address, options.backlog);
  const loop = new Loop(thread, listener);
  while (!memory.stopping) loop.turn();
  sys.close(listener.fd);
  loop.closeAll();
}

class Loop {
  readonly #thread: ServerThread;
  readonly #listener: Listener;
  readonly #acceptor: Acceptor<EventedConnection>;
  readonly #poller: Poller;
  readonly #handle: Handler;
  readonly #timers = new Timers<EventedConnection>();
  readonly #buffer = Buffer.alloc(RECEIVE_BYTES);
  /** By descriptor, as the kernel's own table of them. A closed one's object stays, for the next of that number. */
  readonly #connections: (EventedConnection | undefined)[] = [];
  readonly #trigger: number;
  /** The time of this turn, in milliseconds of performance.now(). */
  #now = performance.now();
  #acceptAgainAt = Number.POSITIVE_INFINITY;

  constructor(thread: ServerThread, listener: Listener) {
    this.#thread = thread;
    this.#listener = listener;
    const { keepAlive, limits } = thread.options;
    this.#handle = createHandler({ keepAlive, ...limits });
    this.#acceptor = new Acceptor(thread, listener, SOCK_NONBLOCK, (fd) => {
      this.#connections[fd] ??= new EventedConnection(limits.maxHead);
      return this.#connections[fd];
    });
    this.#trigger = thread.options.edgeTriggered ? EPOLLET : 0;
    this.#poller = new Poller(thread.sys);
    // The listener is level-triggered in either case: connections left in the accept queue are reported again.
    this.#poller.add(listener.fd, EPOLLIN, LISTENER);
    thread.tell.watching(0, listener.fd, EPOLLIN);
  }

  /** Sleep until something is ready or due, then do all that can be done without sleeping. */
  turn(): void {
    const { tell, memory } = this.#thread;
    const since = tell.blocked('epoll_wait', 0, this.#poller.fd);
    const ready = this.#poller.wait(this.#patience());
    const woken = ready === 0 ? 'timer' : ready < 0 ? 'signal' : undefined;
    tell.resumed('epoll_wait', since, 0, this.#poller.fd, memory.stopping ? 'stop' : woken);
    this.#now = performance.now();
    for (let i = 0; i < ready; i++) {
      this.#onReady(this.#poller.readyFd(i), this.#poller.readyTag(i), this.#poller.readiness(i));
    }
    this.#timers.fireDue(this.#now, this.#onDue);
    if (this.#now >= this.#acceptAgainAt) this.#acceptAgain();
  }

  #patience(): number {
    const untilTimer = this.#timers.untilNext(performance.now());
    if (this.#acceptAgainAt === Number.POSITIVE_INFINITY) return untilTimer;
    return untilTimer < 0 ? WITHOUT_ROOM_MS : Math.min(untilTimer, WITHOUT_ROOM_MS);
  }

  #onReady(fd: number, tag: number, readiness: number): void {
    const { tell } = this.#thread;
    tell.ready(tag, fd, readiness);
    if (tag === LISTENER) return this.#onAcceptable();
    const connection = this.#connections[fd];
    // Closed in this same turn, and perhaps its number already given to another: this readiness is not that one's.
    if (connection === undefined || connection.id !== tag || connection.state === 'closed') return;
    try {
      if (isReadable(readiness) && connection.state === 'receiving') this.#onReadable(connection);
      else if (isReadable(readiness) && connection.state === 'lingering') this.#onLingering(connection);
      else if (isWritable(readiness) && connection.state === 'sending') this.#onWritable(connection);
      else if (isBroken(readiness)) this.#onBroken(connection);
    } catch (error) {
      this.#onCrash(connection, error);
    }
  }

  /** The accept queue is not empty: accept(2) until it is, and watch each connection. */
  #onAcceptable(): void {
    for (let i = 0; i < ACCEPTS_A_TURN; i++) {
      const acceptance = this.#acceptor.accept();
      if (acceptance === 'accepted') this.#onAccepted(this.#acceptor.connection);
      else if (acceptance === 'no-room') return this.#pauseAccepting();
      else if (acceptance !== 'again') return;
    }
  }

  #onAccepted(connection: EventedConnection): void {
    const { tell, options } = this.#thread;
    const interest = EPOLLIN | this.#trigger;
    try {
      this.#poller.add(connection.fd, interest, connection.id);
    } catch {
      return this.#close(connection, 'error'); // the user's limit of watches is reached (epoll(7))
    }
    connection.interest = interest;
    tell.watching(connection.id, connection.fd, interest);
    this.#setTimeout(connection, options.limits.headTimeout);
  }

  /** No descriptor for one more: look away from the listener for a moment, or it would be reported ready at once. */
  #pauseAccepting(): void {
    this.#poller.modify(this.#listener.fd, 0, LISTENER);
    this.#thread.tell.unwatched(0, this.#listener.fd);
    this.#acceptAgainAt = this.#now + WITHOUT_ROOM_MS;
  }

  #acceptAgain(): void {
    this.#poller.modify(this.#listener.fd, EPOLLIN, LISTENER);
    this.#thread.tell.watching(0, this.#listener.fd, EPOLLIN);
    this.#acceptAgainAt = Number.POSITIVE_INFINITY;
  }

  /**
   * recv(2) has something, or knows that nothing will come. Level-triggered, once is enough: what is left is reported
   * again. Edge-triggered, it is reported only when more comes, so it must be read until it would block.
   */
  #onReadable(connection: EventedConnection): void {
    const { sys, tell } = this.#thread;
    const calls = this.#trigger === EPOLLET ? CALLS_A_TURN : 1;
    for (let i = 0; i < calls; i++) {
      const bytes = sys.recv(connection.fd, this.#buffer, RECEIVE_BYTES, 0);
      if (bytes > 0) {
        tell.received(connection, bytes);
        if (connection.idle) this.#expectHead(connection);
        connection.inbox.push(this.#buffer, bytes);
        this.#serve(connection);
        if (connection.state !== 'receiving') return;
      } else if (bytes === 0) {
        tell.peerClosed(connection);
        return this.#close(connection, 'peer-closed');
      } else {
        const errno = sys.errno();
        if (wouldBlock(errno)) return tell.wouldBlock('recv', connection.id, connection.fd);
        if (!interrupted(errno)) return this.#endedBy(connection, 'recv', errno);
      }
    }
    if (this.#trigger === EPOLLET) this.#rearm(connection, EPOLLIN);
  }

  /** Answers what has arrived, in order, until it is used up or a reply has to wait. */
  #serve(connection: EventedConnection): void {
    for (;;) {
      const request = connection.inbox.next();
      if (request === undefined) return;
      if (!this.#answer(connection, request)) return;
      if (connection.reply!.sleepMs > 0) return this.#sleep(connection);
      if (!this.#send(connection)) return;
    }
  }

  /** False where a stop has cut the work short: then there is no reply, and the loop is about to end. */
  #answer(connection: EventedConnection, request: Request | BadRequest): boolean {
    const { tell, memory } = this.#thread;
    if (request.kind === 'request') tell.request(connection, request.method, request.target);
    else tell.badRequest(connection, request.status, request.problem);
    const reply = this.#handle(request, () => describeConnection(this.#thread, connection));
    // The whole loop waits: that is the lesson.
    if (reply.computeMs > 0 && !burn(reply.computeMs, memory, threadCpuMs)) return false;
    connection.reason = request.kind === 'bad-request' ? 'bad-request' : 'replied';
    connection.reply = reply;
    connection.outbox.put(reply);
    return true;
  }

  /** A timer in place of a sleep: the loop goes on with the others, and comes back to this one when it is due. */
  #sleep(connection: EventedConnection): void {
    connection.state = 'sleeping';
    connection.inbox.keep();
    this.#watch(connection, 0);
    this.#timers.set(connection, performance.now() + connection.reply!.sleepMs);
  }

  /**
   * send(2) until all is sent or it would block; then interest in writing, and back to the loop. True where the reply
   * is out and the next request may be answered.
   */
  #send(connection: EventedConnection): boolean {
    const { sys, tell } = this.#thread;
    const { outbox } = connection;
    for (let i = 0; !outbox.empty; i++) {
      if (i === CALLS_A_TURN) {
        this.#rearm(connection, EPOLLOUT); // it may still take more, and then that is no change
        this.#waitToSend(connection);
        return false;
      }
      const bytes = sys.send(connection.fd, outbox.chunk, outbox.chunk.length, MSG_NOSIGNAL);
      if (bytes >= 0) {
        outbox.sent(bytes);
        tell.sent(connection, bytes, outbox.empty ? connection.reply!.status : 0);
        continue;
      }
      const errno = sys.errno();
      if (wouldBlock(errno)) {
        tell.wouldBlock('send', connection.id, connection.fd);
        this.#waitToSend(connection);
        return false;
      }
      if (!interrupted(errno)) {
        this.#endedBy(connection, 'send', errno);
        return false;
      }
    }
    return this.#onReplied(connection);
  }

  /** Until the reply is out nothing more is read from this client: it gets no faster than it takes. */
  #waitToSend(connection: EventedConnection): void {
    connection.state = 'sending';
    connection.inbox.keep();
    this.#watch(connection, EPOLLOUT);
    this.#setTimeout(connection, this.#thread.options.limits.sendTimeout);
  }

  #onWritable(connection: EventedConnection): void {
    if (this.#send(connection)) this.#serve(connection);
  }

  #onReplied(connection: EventedConnection): boolean {
    const { sys, options } = this.#thread;
    const afterwards = connection.reply!.afterwards;
    connection.reply = undefined;
    if (afterwards === 'keep') {
      connection.state = 'receiving';
      this.#watch(connection, EPOLLIN);
      if (connection.inbox.pending) {
        this.#expectHead(connection);
      } else {
        connection.idle = true;
        this.#setTimeout(connection, options.limits.idleTimeout);
      }
      return true;
    }
    if (options.keepOpen) {
      this.#leaveOpen(connection);
    } else if (afterwards === 'linger') {
      sys.shutdown(connection.fd, SHUT_WR);
      connection.state = 'lingering';
      connection.lingerBytes = LINGER_BYTES;
      this.#rearm(connection, EPOLLIN);
      this.#timers.set(connection, this.#now + LINGER_MS);
    } else {
      this.#close(connection, connection.reason);
    }
    return false;
  }

  /** Reads what still comes and drops it, until the client closes or time is up: see Reply.afterwards. */
  #onLingering(connection: EventedConnection): void {
    const { sys, tell } = this.#thread;
    const bytes = sys.recv(connection.fd, this.#buffer, RECEIVE_BYTES, 0);
    if (bytes > 0 && connection.lingerBytes > bytes) {
      tell.received(connection, bytes);
      connection.lingerBytes -= bytes;
      if (this.#trigger === EPOLLET) this.#rearm(connection, EPOLLIN);
    } else if (bytes > 0 || bytes === 0 || !wouldBlock(sys.errno())) {
      this.#close(connection, connection.reason);
    }
  }

  readonly #onDue = (connection: EventedConnection): void => {
    switch (connection.state) {
      case 'sleeping':
        return this.#onAwake(connection);
      case 'receiving':
        return this.#onTimeout(connection, connection.idle ? 'idle' : 'head');
      case 'sending':
        return this.#onTimeout(connection, 'send');
      case 'lingering':
        return this.#close(connection, connection.reason);
    }
  };

  #onAwake(connection: EventedConnection): void {
    try {
      if (this.#send(connection)) this.#serve(connection);
    } catch (error) {
      this.#onCrash(connection, error);
    }
  }

  #onTimeout(connection: EventedConnection, waitingFor: Timeout): void {
    const { tell, options } = this.#thread;
    tell.timedOut(connection, waitingFor, options.limits[`${waitingFor}Timeout`]);
    this.#close(connection, 'timed-out');
  }

  #onBroken(connection: EventedConnection): void {
    this.#thread.tell.reset(connection);
    this.#close(connection, 'reset');
  }

  #endedBy(connection: EventedConnection, call: SleepCall, errno: number): void {
    if (peerReset(errno)) return this.#onBroken(connection);
    this.#thread.tell.failed(connection, call, errno);
    this.#close(connection, 'error');
  }

  /** An error in the program itself costs this one connection, and is told. */
  #onCrash(connection: EventedConnection, error: unknown): void {
    this.#thread.tell.crashed(connection, error);
    if (connection.state !== 'closed') this.#close(connection, 'error');
  }

  /** The one place where interest changes. */
  #watch(connection: EventedConnection, readiness: number): void {
    if (connection.interest !== (readiness | this.#trigger)) this.#rearm(connection, readiness);
  }

  /** As #watch, and where it is edge-triggered makes the kernel report again what is ready now (epoll_ctl(2), MOD). */
  #rearm(connection: EventedConnection, readiness: number): void {
    const interest = readiness | this.#trigger;
    if (connection.interest === interest && this.#trigger === 0) return;
    this.#poller.modify(connection.fd, interest, connection.id);
    connection.interest = interest;
    this.#thread.tell.watching(connection.id, connection.fd, interest);
  }

  /** The head has begun, and has so long to end, however often a byte of it comes. */
  #expectHead(connection: EventedConnection): void {
    connection.idle = false;
    this.#setTimeout(connection, this.#thread.options.limits.headTimeout);
  }

  #setTimeout(connection: EventedConnection, seconds: number): void {
    this.#timers.set(connection, seconds > 0 ? this.#now + seconds * 1000 : Number.POSITIVE_INFINITY);
  }

  /** The close that is left out: nobody reads, writes or closes this connection from here on. */
  #leaveOpen(connection: EventedConnection): void {
    const { tell } = this.#thread;
    this.#poller.remove(connection.fd);
    tell.unwatched(connection.id, connection.fd);
    connection.state = 'left-open';
    this.#timers.set(connection, Number.POSITIVE_INFINITY);
    tell.leftOpen(connection);
  }

  /** close(2) takes the descriptor off the interest list too. */
  #close(connection: EventedConnection, reason: CloseReason): void {
    connection.state = 'closed';
    this.#timers.set(connection, Number.POSITIVE_INFINITY);
    closeConnection(this.#thread, connection, reason);
  }

  closeAll(): void {
    for (const connection of this.#connections) {
      if (connection === undefined || connection.state === 'closed' || connection.state === 'left-open')
        continue;
      this.#close(connection, 'stopping');
    }
  }
}
