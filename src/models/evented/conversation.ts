// One connection on a thread that serves them all: no call sleeps, and each step returns what it waits for. Put it beside
// blocking/conversation.ts: the steps are the same, and where that thread sleeps, this one goes back to the loop.

import { SHUT_WR } from '../../posix/constants.js';
import { interrupted, wouldBlock } from '../../posix/errors.js';
import type { Calls, Socket } from '../calls.js';
import { type Loop, OTHERS_FIRST, onlyTime, readable, type Wait, writable } from '../loop/loop.js';
import type { ServerThread } from '../server-thread.js';
import * as steps from '../steps.js';
import type { EventedConnection, Step } from './connection.js';
import type { Workers } from './workers.js';

const STEPS_A_TURN = 64; // so that one client's endless requests do not keep the others waiting: a request takes four
const GO_ON = undefined; // there is nothing to wait for

export class Conversation {
  readonly #thread: ServerThread;
  readonly #calls: Calls;
  readonly #loop: Loop<Socket>;
  readonly #workers: Workers | undefined;
  readonly #buffer = Buffer.alloc(steps.RECEIVE_BYTES);
  readonly #edgeTriggered: boolean;

  constructor(thread: ServerThread, calls: Calls, loop: Loop<Socket>, workers?: Workers) {
    this.#thread = thread;
    this.#calls = calls;
    this.#loop = loop;
    this.#workers = workers;
    this.#edgeTriggered = thread.options.edgeTriggered;
  }

  /** Serves the connection as far as it goes without sleeping. A bad peer costs only its own connection. */
  resume(c: EventedConnection): void {
    try {
      const outcome = this.#converse(c);
      if (typeof outcome === 'string') return this.close(c, outcome);
      c.session.suspend();
      this.#loop.arm(c, outcome);
    } catch (thrown) {
      this.close(c, steps.endedBy(this.#thread, c, thrown));
    }
  }

  #converse(c: EventedConnection): Wait | steps.Ending {
    for (let i = 0; i < STEPS_A_TURN; i++) {
      const outcome = this.#step(c);
      if (outcome !== GO_ON) return outcome;
    }
    return OTHERS_FIRST;
  }

  #step(c: EventedConnection): Wait | steps.Ending | undefined {
    switch (c.at) {
      case 'receive':
        return this.#receive(c);
      case 'answer':
        return this.#answer(c);
      case 'sleep':
        return this.#sleep(c);
      case 'send':
        return this.#send(c);
      case 'linger':
        return this.#linger(c);
    }
  }

  /** recv(2) gives what has come. It may be a part of a request: then again, when there is more. */
  #receive(c: EventedConnection): Wait | undefined {
    const { session } = c;
    if (session.next()) return goTo(c, 'answer');
    if (!c.mayRead) return readable(session.deadline);
    const bytes = this.#recv(c);
    if (bytes > 0) session.received(this.#buffer, bytes);
    else if (bytes === 0) throw steps.PEER_CLOSED;
    else if (wouldBlock(bytes)) steps.checkTime(this.#thread, c);
    else if (!interrupted(bytes)) steps.failed(this.#thread, c, 'recv', bytes);
    return GO_ON;
  }

  /** While it computes, the whole loop waits: that is the lesson. With --workers only this connection does. */
  #answer(c: EventedConnection): Wait | undefined {
    steps.answer(this.#thread, c);
    c.at = 'sleep';
    if (this.#workers !== undefined && c.session.computeMs > 0) return this.#workers.handOver(c);
    if (steps.compute(this.#thread, c)) this.#loop.lookAtClock();
    return GO_ON;
  }

  /** A timer in place of a sleep. If the connection breaks meanwhile, send(2) fails. */
  #sleep(c: EventedConnection): Wait | undefined {
    const { sleepMs } = c.session;
    c.at = 'send';
    return sleepMs > 0 ? onlyTime(this.#loop.now + sleepMs) : GO_ON;
  }

  /** send(2) takes what there is room for: the rest when there is more. Until then nothing is read from this client. */
  #send(c: EventedConnection): Wait | steps.Ending | undefined {
    const { session } = c;
    const bytes = this.#calls.send(c, session.outbox);
    if (bytes >= 0) session.sent(bytes);
    else if (!wouldBlock(bytes) && !interrupted(bytes)) steps.failed(this.#thread, c, 'send', bytes);
    if (session.outbox.empty) return this.#onReplied(c);
    session.unsent(this.#calls.unsent(c));
    steps.checkTime(this.#thread, c);
    return wouldBlock(bytes) ? writable(session.deadline) : GO_ON;
  }

  #onReplied(c: EventedConnection): steps.Ending | undefined {
    switch (steps.afterwards(this.#calls, c)) {
      case 'keep':
        return goTo(c, 'receive');
      case 'leave-open':
        return 'left-open';
      case 'linger':
        this.#calls.shutdown(c, SHUT_WR);
        return goTo(c, 'linger');
      case 'close':
        return c.session.reason;
    }
  }

  /** It has said "no more from me". Reads what still comes and drops it. */
  #linger(c: EventedConnection): Wait | steps.Ending | undefined {
    const { session } = c;
    if (session.lingeredEnough) return session.reason;
    if (!c.mayRead) return readable(session.deadline);
    const bytes = this.#recv(c);
    if (bytes > 0) session.dropped(bytes);
    else if (!wouldBlock(bytes) && !interrupted(bytes)) session.lingered();
    return GO_ON;
  }

  /** Edge-triggered, only what comes later is reported: so it is read until it would block (epoll(7)). */
  #recv(c: EventedConnection): number {
    const bytes = this.#calls.recv(c, this.#buffer);
    c.mayRead = this.#edgeTriggered && !wouldBlock(bytes);
    return bytes;
  }

  close(c: EventedConnection, ending: steps.Ending): void {
    if (ending === 'left-open') this.#loop.remove(c);
    else this.#loop.forget(c);
    steps.close(this.#thread, this.#calls, c, ending);
  }
}

function goTo(c: EventedConnection, step: Step): undefined {
  c.at = step;
}
