// --workers: threads that only compute, while the loop serves other clients. A result is one more thing that a connection
// waits for: a worker that is done writes to an eventfd, which the loop watches.

import type { CloseReason } from '../../lifecycle/events.js';
import { THREAD, type ThreadMemory } from '../../lifecycle/server-memory.js';
import { SystemCallError } from '../../posix/errors.js';
import type { Calls, Socket } from '../calls.js';
import { onlyTime, type Wait } from '../loop/loop.js';
import type { ServerThread } from '../server-thread.js';
import { endedBy } from '../steps.js';
import type { EventedConnection } from './connection.js';

/** How many computations may wait for a worker. Further clients are told to try again later (503). */
const MOST_WAITING = 64;

/** It waits for the worker alone. If the connection breaks meanwhile, the loop is told, and send(2) fails. */
const HANDED_OVER = onlyTime(Number.POSITIVE_INFINITY);

/** A connection that waits. Its object may stand for another one when the worker is done: its client may be gone. */
interface Computation {
  readonly c: EventedConnection;
  readonly id: number;
}

/** The conversation, for those whose computation has come to its end. */
interface Resumable {
  resume(c: EventedConnection): void;
  close(c: EventedConnection, reason: CloseReason): void;
}

/** One worker as the loop sees it. */
interface Worker {
  readonly number: number;
  readonly shared: ThreadMemory;
  computation: Computation | undefined;
}

export class Workers {
  /** What the loop watches. Its id is no connection's. */
  readonly waker: Socket;
  readonly #thread: ServerThread;
  readonly #calls: Calls;
  readonly #workers: readonly Worker[];
  readonly #waiting: Computation[] = [];

  constructor(thread: ServerThread, calls: Calls) {
    const { memory, options } = thread;
    this.#thread = thread;
    this.#calls = calls;
    const fd = calls.eventfd();
    if (fd < 0) throw new SystemCallError('eventfd', -fd);
    this.waker = { id: -1, fd };
    memory.waker = fd;
    this.#workers = Array.from({ length: options.workers }, (_, i) => ({
      number: i + 1,
      shared: memory.ofThread(options.loops + i),
      computation: undefined,
    }));
  }

  /** What the connection waits for now; undefined if it can go on: the queue is full, and its reply says so. */
  handOver(c: EventedConnection): Wait | undefined {
    if (this.#waiting.length === MOST_WAITING) {
      this.#thread.report.refused('compute-queue-full', c.id, c.fd);
      c.session.unavailable();
      return undefined;
    }
    c.computing = true;
    this.#waiting.push({ c, id: c.id });
    this.#handOn();
    if (this.#waiting.at(-1)?.c === c) this.#thread.report.computeQueued(c.id, c.fd, this.#waiting.length);
    return HANDED_OVER;
  }

  /** The eventfd was written to: some workers are done, or have just started, or one has died. */
  collect(conversation: Resumable): void {
    this.#calls.read(this.waker.fd);
    for (const worker of this.#workers) {
      const { shared, computation } = worker;
      const done = shared.changeState(THREAD.done, THREAD.idle);
      if (computation === undefined || (!done && shared.state === THREAD.busy)) continue;
      worker.computation = undefined;
      const { c, id } = computation;
      if (c.id !== id || !c.computing) continue; // its client has left meanwhile
      c.computing = false;
      if (done) {
        this.#thread.report.handedBack(id, c.fd, worker.number);
        conversation.resume(c);
      } else conversation.close(c, endedBy(this.#thread, c, new Error('its worker has ended')));
    }
    this.#handOn();
  }

  /** Gives those that wait, the first first, to the workers that are idle. */
  #handOn(): void {
    for (const worker of this.#workers) {
      while (worker.computation === undefined && worker.shared.state === THREAD.idle) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        if (next.c.id === next.id && next.c.computing) this.#give(worker, next);
      }
    }
  }

  #give(worker: Worker, computation: Computation): void {
    const { c, id } = computation;
    const { shared, number } = worker;
    worker.computation = computation;
    shared.connection = id;
    shared.computationFd = c.fd;
    shared.computeMs = c.session.computeMs;
    this.#thread.report.handedOver(id, c.fd, number);
    shared.changeState(THREAD.idle, THREAD.busy);
  }
}
