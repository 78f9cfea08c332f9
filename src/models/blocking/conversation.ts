// One connection on a thread that serves no other: each call sleeps until it can do its work, so the code runs from top
// to bottom. Put it beside evented/conversation.ts: where this thread sleeps, the loop returns what it waits for.

import { SHUT_WR } from '../../posix/constants.js';
import { interrupted, wouldBlock } from '../../posix/errors.js';
import type { Calls } from '../calls.js';
import type { ServerConnection } from '../server-connection.js';
import type { ServerThread } from '../server-thread.js';
import * as steps from '../steps.js';

export class Conversation {
  readonly #thread: ServerThread;
  readonly #calls: Calls;
  readonly #buffer = Buffer.alloc(steps.RECEIVE_BYTES);

  constructor(thread: ServerThread, calls: Calls) {
    this.#thread = thread;
    this.#calls = calls;
  }

  /** Serves the connection from its first byte to its close. A bad peer costs only its own connection. */
  serve(c: ServerConnection): steps.Ending {
    try {
      return this.#close(c, this.#converse(c));
    } catch (thrown) {
      return this.#close(c, steps.endedBy(this.#thread, c, thrown));
    }
  }

  #converse(c: ServerConnection): steps.Ending {
    const { session } = c;
    for (;;) {
      while (!session.next()) this.#receive(c);
      steps.answer(this.#thread, c);
      steps.compute(this.#thread, c);
      this.#sleep(c);
      while (!session.outbox.empty) this.#send(c);
      switch (steps.afterwards(this.#calls, c)) {
        case 'keep':
          continue;
        case 'leave-open':
          return 'left-open';
        case 'linger':
          this.#calls.shutdown(c, SHUT_WR);
          while (!session.lingeredEnough) this.#linger(c);
          return session.reason;
        case 'close':
          return session.reason;
      }
    }
  }

  /** recv(2) sleeps until the client has sent something. It may be a part of a request: then again. */
  #receive(c: ServerConnection): void {
    const { session } = c;
    if (this.#thread.memory.stopping) throw steps.STOPPED; // a stop wakes a process by a signal
    this.#calls.setReceiveTimeout(c, session.patience);
    const bytes = this.#calls.recv(c, this.#buffer);
    if (bytes > 0) session.received(this.#buffer, bytes);
    else if (bytes === 0) throw steps.PEER_CLOSED;
    else if (wouldBlock(bytes)) steps.checkTime(this.#thread, c);
    else if (!interrupted(bytes)) steps.failed(this.#thread, c, 'recv', bytes);
  }

  /** clock_nanosleep(2): the whole thread sleeps, and only its own client waits for it. */
  #sleep(c: ServerConnection): void {
    const { sleepMs } = c.session;
    if (sleepMs > 0 && !this.#calls.nanosleep(c, sleepMs)) throw steps.STOPPED;
  }

  /** send(2) sleeps while the client takes no more. It may take less than it was given: then again. */
  #send(c: ServerConnection): void {
    const { session } = c;
    const bytes = this.#calls.send(c, session.outbox);
    if (bytes >= 0) session.sent(bytes);
    else if (!wouldBlock(bytes) && !interrupted(bytes)) steps.failed(this.#thread, c, 'send', bytes);
    if (session.outbox.empty) return;
    session.unsent(this.#calls.unsent(c));
    steps.checkTime(this.#thread, c);
  }

  /** It has said "no more from me". Reads what still comes and drops it. */
  #linger(c: ServerConnection): void {
    const { session } = c;
    this.#calls.setReceiveTimeout(c, session.patience);
    const bytes = this.#calls.recv(c, this.#buffer);
    if (bytes > 0) session.dropped(bytes);
    else if (this.#thread.memory.stopping || (!wouldBlock(bytes) && !interrupted(bytes))) session.lingered();
  }

  #close(c: ServerConnection, ending: steps.Ending): steps.Ending {
    this.#thread.shared.fd = -1; // a stop wakes the thread by this number, which may soon be another connection's
    steps.close(this.#thread, this.#calls, c, ending);
    return ending;
  }
}
