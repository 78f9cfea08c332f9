// One connection on a thread that serves them all, where the kernel does the work. Put it beside evented/conversation.ts:
// the steps are the same, and where that one returns what it waits for, this one submits what it wants done.

import type { Operation } from '../../lifecycle/events.js';
import { SHUT_WR } from '../../posix/constants.js';
import { cancelled, outOfBuffers } from '../../posix/errors.js';
import type { ServerThread } from '../server-thread.js';
import * as steps from '../steps.js';
import type { CompletionConnection, Step } from './connection.js';
import type { Done, Operations } from './operations.js';

/** The conversation continues when this operation is done, and not beyond a time, in milliseconds of the loop's clock. */
interface Wait {
  readonly done: Operation;
  readonly until: number;
}
const NEVER = Number.POSITIVE_INFINITY;
/** There is nothing to wait for. */
const GO_ON = undefined;

export class Conversation {
  readonly #thread: ServerThread;
  readonly #operations: Operations;

  constructor(thread: ServerThread, operations: Operations) {
    this.#thread = thread;
    this.#operations = operations;
  }

  /** Takes what the kernel has done for this connection, and goes on where the conversation waits for that. */
  completed(c: CompletionConnection, done: Done): void {
    if (c.at === 'ended') return;
    try {
      if (done.operation === 'recv') this.#received(c, done);
      else if (done.operation === 'send') this.#sent(c, done.result);
    } catch (thrown) {
      return this.close(c, steps.endedBy(this.#thread, c, thrown));
    }
    if (done.operation === c.awaits) this.resume(c);
    c.session.suspend(); // the buffer is about to be the kernel's again
  }

  /** Serves the connection as far as it goes without waiting. A bad peer costs only its own connection. */
  resume(c: CompletionConnection): void {
    try {
      const outcome = this.#converse(c);
      if (typeof outcome === 'string') return this.close(c, outcome);
      c.awaits = outcome.done;
      this.#operations.until(c, outcome.until);
    } catch (thrown) {
      this.close(c, steps.endedBy(this.#thread, c, thrown));
    }
  }

  #converse(c: CompletionConnection): Wait | steps.Ending {
    for (;;) {
      const outcome = this.#step(c);
      if (outcome !== GO_ON) return outcome;
    }
  }

  #step(c: CompletionConnection): Wait | steps.Ending | undefined {
    switch (c.at as Exclude<Step, 'ended'>) {
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

  /** Asks for what the client sends. It may be a part of a request: then again. */
  #receive(c: CompletionConnection): Wait | undefined {
    const { session } = c;
    if (session.next()) return goTo(c, 'answer');
    if (c.peerClosed) throw steps.PEER_CLOSED;
    if (session.overdue && this.#operations.hasArrived(c)) return { done: 'recv', until: NEVER };
    steps.checkTime(this.#thread, c);
    this.#operations.recv(c);
    return { done: 'recv', until: session.deadline };
  }

  /** A recv that goes on brings bytes that nobody waits for yet. It is cancelled then: the rest stays in the kernel. */
  #received(c: CompletionConnection, done: Done): void {
    const { session } = c;
    const { result: bytes } = done;
    if (bytes === 0) c.peerClosed = true;
    else if (bytes > 0 && c.at === 'linger') session.dropped(bytes);
    else if (bytes > 0) session.received(this.#operations.received(done), bytes);
    else if (cancelled(bytes) || outOfBuffers(bytes))
      return; // asked for again when it is needed
    else if (c.at === 'linger') session.lingered();
    else if (c.awaits === 'recv') steps.failed(this.#thread, c, 'recv', bytes);
    if (c.receiving && !c.cancelling && c.awaits !== 'recv') this.#operations.cancelRecv(c);
  }

  /** While it computes, the whole loop waits: that is the lesson. */
  #answer(c: CompletionConnection): undefined {
    steps.answer(this.#thread, c);
    if (steps.compute(this.#thread, c)) this.#operations.lookAtClock();
    return goTo(c, 'sleep');
  }

  /** The kernel lets the time pass, as it does all else. */
  #sleep(c: CompletionConnection): Wait | undefined {
    const { sleepMs } = c.session;
    c.at = 'send';
    if (sleepMs === 0) return GO_ON;
    this.#operations.timeout(c, sleepMs);
    return { done: 'timeout', until: NEVER };
  }

  /** Asks for the send, and where it is known that a close comes next, for that too: it begins when all is sent. */
  #send(c: CompletionConnection): Wait | steps.Ending | undefined {
    const { session } = c;
    if (session.outbox.empty) return this.#onReplied(c);
    if (c.sending) session.unsent(this.#operations.unsent(c)); // it has not completed, and the time has come
    steps.checkTime(this.#thread, c);
    let done: Operation = 'send';
    if (c.sending) done = c.awaits!;
    else if (!session.endsWithReply) this.#operations.send(c, session.outbox);
    else if (session.saidLast) this.#operations.sendThenClose(c, session.outbox);
    else {
      this.#operations.sendThenLook(c, session.outbox);
      done = 'siocinq';
    }
    return { done, until: session.deadline };
  }

  /** It may have sent a part only. Until the rest is sent nothing is read from this client. */
  #sent(c: CompletionConnection, bytes: number): void {
    const { session } = c;
    if (bytes < 0) steps.failed(this.#thread, c, 'send', bytes);
    session.sent(bytes);
    if (!session.outbox.empty) session.unsent(this.#operations.unsent(c));
  }

  #onReplied(c: CompletionConnection): steps.Ending | undefined {
    switch (steps.afterwards(this.#operations, c)) {
      case 'keep':
        return goTo(c, 'receive');
      case 'leave-open':
        return 'left-open';
      case 'linger':
        this.#operations.shutdown(c, SHUT_WR);
        return goTo(c, 'linger');
      case 'close':
        return c.session.reason;
    }
  }

  /** It has said "no more from me". Receives what still comes and drops it. */
  #linger(c: CompletionConnection): Wait | steps.Ending {
    const { session } = c;
    if (session.lingeredEnough || c.peerClosed) return session.reason;
    this.#operations.recv(c);
    return { done: 'recv', until: session.deadline };
  }

  /** The kernel keeps a socket until nothing is in flight on it: what is, must be cancelled, or the close has no effect. */
  close(c: CompletionConnection, ending: steps.Ending): void {
    this.forget(c);
    steps.close(this.#thread, this.#operations, c, ending);
  }

  /** There is nothing more to do for it. */
  forget(c: CompletionConnection): void {
    c.at = 'ended';
    this.#operations.until(c, NEVER);
    this.#operations.cancel(c);
  }
}

function goTo(c: CompletionConnection, step: Step): undefined {
  c.at = step;
}
