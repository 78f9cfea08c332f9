// The acceptor's side of the connection threads: find an idle one, or start one, and hand a connection over.
// Idle threads are kept and used again, because a fresh one costs a whole V8 isolate: milliseconds and megabytes.

import type { CloseReason } from '../../lifecycle/events.js';
import { THREAD, type ThreadMemory } from '../../lifecycle/server-memory.js';
import type { Connection } from '../../net/connection.js';
import type { Calls } from '../calls.js';
import { entry } from '../entries.js';
import type { ServerThread } from '../server-thread.js';
import { handOver } from './hand-over.js';
import { WorkerThreads } from './worker-threads.js';

/** How long to wait for a thread that may soon be idle, in milliseconds: a fresh one takes longer to start. */
const PATIENCE_MS = 5;

/** How often an acceptor that waits for a free thread yields to its JavaScript loop, in milliseconds. */
const CARE_EVERY_MS = 100;

export class ConnectionThreads {
  readonly #acceptor: ServerThread;
  readonly #calls: Calls;
  readonly #threads: WorkerThreads;
  /** Accepted connections that have no thread yet, because the system gave none. */
  readonly #waiting: Connection[] = [];

  constructor(acceptor: ServerThread, calls: Calls) {
    this.#acceptor = acceptor;
    this.#calls = calls;
    this.#threads = new WorkerThreads(
      acceptor,
      entry('connection-thread'),
      {},
      (connection, threadWasToStart) => {
        if (threadWasToStart) this.#keepOrClose(connection);
        else this.#close(connection, 'error');
      },
    );
  }

  /** Whether a thread is idle, or one more may be started. */
  get anyFree(): boolean {
    return this.#threads.find(THREAD.idle) !== undefined || this.#mayStart();
  }

  /** Sleeps until a thread is idle or one more may be started. False if the server stops. */
  async waitForFree(): Promise<boolean> {
    const { memory, options, report } = this.#acceptor;
    if (memory.sleepUntilFreed(() => this.anyFree, PATIENCE_MS)) return true;
    const { alive } = this.#threads;
    if (alive === options.maxThreads) report.threadsBusy(alive);
    const starting = alive < options.maxThreads ? memory.threadsStarting : 0;
    const since =
      starting > 0 ? report.waiting('thread-start', starting) : report.waiting('free-thread', alive);
    while (!memory.sleepUntilFreed(() => this.anyFree, CARE_EVERY_MS) && !memory.stopping)
      await new Promise(setImmediate);
    report.awake(since, memory.stopping);
    return !memory.stopping;
  }

  /** Gives the connection to an idle thread, or to a fresh one. If there is neither, it waits for the next care(). */
  handOver(connection: Connection): void {
    for (;;) {
      const idle = this.#threads.find(THREAD.idle) ?? this.#soonIdle();
      if (idle === undefined) break;
      handOver(idle, connection);
      if (idle.changeState(THREAD.idle, THREAD.busy)) return;
      // That thread has just ended, because the server stops.
    }
    if (this.#mayStart() && this.#threads.start(connection)) return;
    this.#keepOrClose(connection);
  }

  #soonIdle(): ThreadMemory | undefined {
    const { memory, options } = this.#acceptor;
    if (options.spareThreads === 0 || this.#threads.alive === 0) return undefined;
    return memory.sleepUntilFreed(() => this.#threads.find(THREAD.idle), PATIENCE_MS);
  }

  /** Whether a thread is starting, has ended, or is missing. */
  get needCare(): boolean {
    return this.#threads.needCare || this.#waiting.length > 0 || this.#missingSpare > 0;
  }

  /** How many threads must be started, so that enough are ready for the next clients. */
  get #missingSpare(): number {
    const { memory, options } = this.#acceptor;
    if (options.minSpareThreads === 0) return 0; // no need to look at each thread
    const ready = this.#threads.idle + memory.threadsStarting;
    return Math.min(options.minSpareThreads - ready, options.maxThreads - this.#threads.alive);
  }

  /**
   * Stays in the JavaScript loop, where threads that fail or end are seen, while one is starting or missing. `someoneWaits`:
   * whether another client waits to be accepted. That goes first.
   */
  async care(someoneWaits: () => boolean): Promise<void> {
    const { memory } = this.#acceptor;
    await this.#threads.fill(
      () => this.#missingSpare,
      () => {
        const next = this.#waiting.shift();
        if (next !== undefined) this.handOver(next);
        else return (memory.threadsStarting === 0 && this.#missingSpare <= 0) || someoneWaits();
        return false;
      },
    );
  }

  /** The server stops: every idle thread ends. The busy ones see the stop by themselves. */
  dismiss(): void {
    this.#threads.dismiss();
    for (const connection of this.#waiting.splice(0)) this.#close(connection, 'stopping');
  }

  #mayStart(): boolean {
    const { alive } = this.#threads;
    return alive === 0 || (alive < this.#acceptor.options.maxThreads && this.#threads.mayStart);
  }

  /** Without any thread to wait for, a connection is closed without a byte. */
  #keepOrClose(connection: Connection): void {
    if (this.#threads.alive > 0) this.#waiting.push(connection.copy());
    else this.#close(connection, 'error');
  }

  #close(connection: Connection, reason: CloseReason): void {
    this.#acceptor.memory.connectionClosed();
    this.#calls.close(connection, reason);
  }
}
