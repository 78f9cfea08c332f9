// The calls of a conversation that awaits. No call sleeps: before each, the conversation is suspended until the loop says
// that the call has something to do. A promise is the place where it continues.

import type { Outbox } from '../../http/reply.js';
import type { CloseReason } from '../../lifecycle/events.js';
import { wouldBlock } from '../../posix/errors.js';
import type { Calls, Socket } from '../calls.js';
import { type Loop, OTHERS_FIRST, onlyTime, readable, type Wait, writable } from '../loop/loop.js';
import type { AsyncConnection } from './connection.js';

/** So that a client that sends without a pause cannot keep the others waiting. A request takes one or two. */
const CALLS_A_TURN = 16;

export class AsyncCalls {
  readonly #calls: Calls;
  readonly #loop: Loop<Socket>;
  readonly #edgeTriggered: boolean;
  #callsOfTurn = 0;
  #onSuspended = (): void => {};

  constructor(calls: Calls, loop: Loop<Socket>, edgeTriggered: boolean) {
    this.#calls = calls;
    this.#loop = loop;
    this.#edgeTriggered = edgeTriggered;
  }

  /** Lets a conversation begin or continue. Resolves when it waits again, or has ended. */
  run(begin: () => void): Promise<void> {
    this.#callsOfTurn = 0;
    return new Promise((suspended) => {
      this.#onSuspended = suspended;
      begin();
    });
  }

  async recv(c: AsyncConnection, buffer: Uint8Array): Promise<number> {
    if (!c.mayRead) await this.#until(c, readable(c.session.deadline));
    else if (this.#callsOfTurn++ === CALLS_A_TURN) await this.#until(c, OTHERS_FIRST);
    const bytes = this.#calls.recv(c, buffer);
    c.mayRead = this.#edgeTriggered && !wouldBlock(bytes); // as in evented/conversation.ts
    return bytes;
  }

  async send(c: AsyncConnection, outbox: Outbox): Promise<number> {
    if (!c.mayWrite) await this.#until(c, writable(c.session.deadline));
    else if (this.#callsOfTurn++ === CALLS_A_TURN) await this.#until(c, OTHERS_FIRST);
    const bytes = this.#calls.send(c, outbox);
    c.mayWrite = !wouldBlock(bytes);
    return bytes;
  }

  /** A timer in place of a sleep. */
  async nanosleep(c: AsyncConnection, milliseconds: number): Promise<boolean> {
    await this.#until(c, onlyTime(this.#loop.now + milliseconds));
    return true;
  }

  shutdown(c: AsyncConnection, how: number): number {
    return this.#calls.shutdown(c, how);
  }

  unread(c: AsyncConnection): number {
    return this.#calls.unread(c);
  }

  unsent(c: AsyncConnection): number {
    return this.#calls.unsent(c);
  }

  close(c: AsyncConnection, reason: CloseReason): void {
    this.#calls.close(c, reason);
  }

  /** A conversation has ended: the loop continues with the others. */
  ended(): void {
    this.#onSuspended();
  }

  #until(c: AsyncConnection, wait: Wait): Promise<void> {
    c.session.suspend();
    this.#loop.arm(c, wait);
    return new Promise((resume) => {
      c.resume = resume;
      this.#onSuspended();
    });
  }
}
