// One connection on a thread that serves them all, written as if it served no other. Put it beside
// blocking/conversation.ts: it differs by `await`. Where that thread sleeps, this function is suspended.

import { SHUT_WR } from '../../posix/constants.js';
import { interrupted, wouldBlock } from '../../posix/errors.js';
import type { Socket } from '../calls.js';
import type { Loop } from '../loop/loop.js';
import type { ServerThread } from '../server-thread.js';
import * as steps from '../steps.js';
import type { AsyncCalls } from './async-calls.js';
import type { AsyncConnection } from './connection.js';

export class Conversation {
  readonly #thread: ServerThread;
  readonly #calls: AsyncCalls;
  readonly #loop: Loop<Socket>;
  readonly #buffer = Buffer.alloc(steps.RECEIVE_BYTES);

  constructor(thread: ServerThread, calls: AsyncCalls, loop: Loop<Socket>) {
    this.#thread = thread;
    this.#calls = calls;
    this.#loop = loop;
  }

  /** Serves the connection from its first byte to its close. A bad peer costs only its own connection. */
  async serve(c: AsyncConnection): Promise<void> {
    try {
      this.close(c, await this.#converse(c));
    } catch (thrown) {
      this.close(c, steps.endedBy(this.#thread, c, thrown));
    }
  }

  async #converse(c: AsyncConnection): Promise<steps.Ending> {
    const { session } = c;
    for (;;) {
      while (!session.next()) await this.#receive(c);
      steps.answer(this.#thread, c);
      if (steps.compute(this.#thread, c)) this.#loop.lookAtClock();
      await this.#sleep(c);
      while (!session.outbox.empty) await this.#send(c);
      switch (steps.afterwards(this.#calls, c)) {
        case 'keep':
          continue;
        case 'leave-open':
          return 'left-open';
        case 'linger':
          this.#calls.shutdown(c, SHUT_WR);
          while (!session.lingeredEnough) await this.#linger(c);
          return session.reason;
        case 'close':
          return session.reason;
      }
    }
  }

  /** Awaits what the client sends. It may be a part of a request: then again. */
  async #receive(c: AsyncConnection): Promise<void> {
    const { session } = c;
    const bytes = await this.#calls.recv(c, this.#buffer);
    if (bytes > 0) session.received(this.#buffer, bytes);
    else if (bytes === 0) throw steps.PEER_CLOSED;
    else if (wouldBlock(bytes)) steps.checkTime(this.#thread, c);
    else if (!interrupted(bytes)) steps.failed(this.#thread, c, 'recv', bytes);
  }

  /** Awaits a timer. The thread serves others meanwhile. */
  async #sleep(c: AsyncConnection): Promise<void> {
    const { sleepMs } = c.session;
    if (sleepMs > 0 && !(await this.#calls.nanosleep(c, sleepMs))) throw steps.STOPPED;
  }

  /** Awaits that the client takes more. send(2) may take less than it was given: then again. */
  async #send(c: AsyncConnection): Promise<void> {
    const { session } = c;
    const bytes = await this.#calls.send(c, session.outbox);
    if (bytes >= 0) session.sent(bytes);
    else if (!wouldBlock(bytes) && !interrupted(bytes)) steps.failed(this.#thread, c, 'send', bytes);
    if (session.outbox.empty) return;
    session.unsent(this.#calls.unsent(c));
    steps.checkTime(this.#thread, c);
  }

  /** It has said "no more from me". Reads what still comes and drops it. */
  async #linger(c: AsyncConnection): Promise<void> {
    const { session } = c;
    const bytes = await this.#calls.recv(c, this.#buffer);
    if (bytes > 0) session.dropped(bytes);
    else if (!wouldBlock(bytes) && !interrupted(bytes)) session.lingered();
  }

  close(c: AsyncConnection, ending: steps.Ending): void {
    if (ending === 'left-open') this.#loop.remove(c);
    else this.#loop.forget(c);
    steps.close(this.#thread, this.#calls, c, ending);
  }
}
