// The acceptor's side of the connection threads: find an idle one, or start one, and hand a connection over.
// Idle threads are kept and used again, because a fresh one costs a whole V8 isolate: milliseconds and megabytes.

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { nowUs } from '../../lifecycle/clock.js';
import type { CloseReason } from '../../lifecycle/events.js';
import { NO_FD, NOBODY } from '../../lifecycle/reporter.js';
import { THREAD, type ThreadMemory } from '../../lifecycle/server-memory.js';
import { Connection } from '../../net/connection.js';
import type { Calls } from '../calls.js';
import type { ServerThread, ThreadData } from '../server-thread.js';
import { handOver, takeOver } from './hand-over.js';

/** Starting a thread is work for a CPU: with more of them at once, each would only take longer. */
const MOST_STARTING = availableParallelism();

/** A thread that is about to be idle is worth waiting for so long: a fresh one takes longer to start. */
const PATIENCE_MS = 5;

/** While it sleeps for a free thread the acceptor looks after the others so often. */
const CARE_EVERY_MS = 100;
/** When the system gives no further thread, it is asked again after so long. */
const NEXT_ATTEMPT_MS = 1_000;

/** connection-thread.ts and all it imports, in one file by the build: loading them one by one takes twice as long. */
const ENTRY = new URL('./connection-thread.cjs', import.meta.url);

/** One thread's memory and the thread that has it, or had it last. */
interface Slot {
  readonly index: number;
  readonly shared: ThreadMemory;
}

export class ConnectionThreads {
  readonly #acceptor: ServerThread;
  readonly #calls: Calls;
  readonly #slots: Slot[] = [];
  #growAgainAt = 0;
  #started = 0;
  #cleanedUp = 0;
  /** Accepted, and without a thread so far: only where the system gave none when it was asked. */
  readonly #waiting: Connection[] = [];

  constructor(acceptor: ServerThread, calls: Calls) {
    this.#acceptor = acceptor;
    this.#calls = calls;
  }

  /** Whether a thread is idle, or one more may be started. */
  get anyFree(): boolean {
    return this.#find(THREAD.idle) !== undefined || this.#mayStart();
  }

  /** Sleeps until a thread is idle or one more may be started. False where the server is to stop. */
  async waitForFree(): Promise<boolean> {
    const { memory, options, report } = this.#acceptor;
    const someFree = (): true | undefined => this.anyFree || undefined;
    if (this.#within(PATIENCE_MS, someFree)) return true;
    const alive = this.#alive();
    if (alive === options.maxThreads) report.threadsBusy(alive);
    const starting = alive < options.maxThreads ? memory.threadsStarting : 0;
    const since =
      starting > 0
        ? report.blocked('futex', NOBODY, NO_FD, 'thread-start', starting)
        : report.blocked('futex', NOBODY, NO_FD, 'free-thread', alive);
    while (!this.#within(CARE_EVERY_MS, someFree) && !memory.stopping) await new Promise(setImmediate);
    const { stopping } = memory;
    report.resumed('futex', since, NOBODY, NO_FD, stopping ? 'stop' : undefined);
    return !stopping;
  }

  /** Gives the connection to an idle thread, or to a fresh one; where there is neither it waits for the next care. */
  handOver(connection: Connection): void {
    for (;;) {
      // The lowest idle one, so that the threads used last are used next and the others stay asleep.
      const idle = this.#find(THREAD.idle) ?? this.#soonIdle();
      if (idle === undefined) break;
      handOver(idle.shared, connection);
      if (idle.shared.changeState(THREAD.idle, THREAD.busy)) return;
      // It ended just now, because the server is to stop.
    }
    if (this.#mayStart() && this.#start(connection)) return;
    this.#keepOrClose(connection);
  }

  #soonIdle(): Slot | undefined {
    if (this.#acceptor.options.spareThreads === 0 || this.#alive() === 0) return undefined;
    return this.#within(PATIENCE_MS, () => this.#find(THREAD.idle));
  }

  /** Whether a thread is starting, has ended, or is missing. */
  get needCare(): boolean {
    const { memory } = this.#acceptor;
    return memory.threadsStarting > 0 || memory.threadsEnded > this.#cleanedUp || this.#waiting.length > 0;
  }

  /**
   * Stays in the JavaScript loop, where threads that fail or end are seen, while one is starting or a connection has
   * none; `someoneWaits` says that another client is there to be accepted meanwhile.
   */
  async care(someoneWaits: () => boolean): Promise<void> {
    const { memory } = this.#acceptor;
    await new Promise(setImmediate);
    while (!memory.stopping) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.handOver(next);
      else if (memory.threadsStarting === 0 || someoneWaits()) return;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    }
  }

  /** Looks again each time a thread comes free, for so many milliseconds. */
  #within<T>(milliseconds: number, look: () => T | undefined): T | undefined {
    const { memory } = this.#acceptor;
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !memory.stopping; left = end - performance.now()) {
      const freed = memory.timesFreed; // before the look, so that none that comes free meanwhile is missed
      const found = look();
      if (found !== undefined) return found;
      memory.sleepUntilFreed(freed, left);
    }
    return look();
  }

  /** The server stops: every idle thread goes home. The busy ones see for themselves. */
  dismiss(): void {
    for (const { shared } of this.#slots) shared.changeState(THREAD.idle, THREAD.dismissed);
    for (const connection of this.#waiting.splice(0)) this.#close(connection, 'stopping');
  }

  #mayStart(): boolean {
    const { memory, options } = this.#acceptor;
    const alive = this.#alive();
    if (alive === 0) return true;
    const mayGrow = alive < options.maxThreads && performance.now() >= this.#growAgainAt;
    return mayGrow && memory.threadsStarting < MOST_STARTING;
  }

  #alive(): number {
    let alive = 0;
    for (const { shared } of this.#slots) if (shared.state !== THREAD.none) alive++;
    return alive;
  }

  #find(state: number): Slot | undefined {
    for (const slot of this.#slots) if (slot.shared.state === state) return slot;
    return undefined;
  }

  /** False where the system gives no further thread (pthread_create(3), EAGAIN): then those that run must do. */
  #start(connection: Connection): boolean {
    const { memory, options } = this.#acceptor;
    const slot = this.#find(THREAD.none) ?? this.#newSlot();
    const { shared, index } = slot;
    handOver(shared, connection);
    shared.changeState(THREAD.none, THREAD.busy);
    shared.serial = ++this.#started;
    shared.tid = 0; // until the thread itself writes it
    memory.threadStarting();
    const workerData: ThreadData = {
      options,
      memory: memory.size,
      shared: index,
      name: `conn-${shared.serial}`,
      startedAt: nowUs(),
    };
    try {
      const worker = new Worker(ENTRY, { workerData, env: SHARE_ENV, execArgv: [] });
      worker.on('exit', () => this.#cleanedUp++);
      worker.on('error', (error) => this.#onDeath(shared, error));
      return true;
    } catch {
      shared.fd = -1;
      shared.leave();
      this.#noThread();
      return false;
    }
  }

  /** Without any thread to wait for, a connection is closed without a byte. */
  #keepOrClose(connection: Connection): void {
    if (this.#alive() > 0) this.#waiting.push(connection.copy());
    else this.#close(connection, 'error');
  }

  #close(connection: Connection, reason: CloseReason): void {
    this.#acceptor.memory.connectionClosed();
    this.#calls.close(connection, reason);
  }

  /** A thread that could not start, or not even tell its end: for want of descriptors, of memory. */
  #onDeath(shared: ThreadMemory, error: Error): void {
    const { memory, report } = this.#acceptor;
    const connection = new Connection();
    takeOver(shared, connection);
    const started = shared.tid !== 0;
    shared.fd = -1;
    shared.leave();
    if (started) {
      memory.threadEnded();
      report.crashed(connection, error);
      if (connection.fd >= 0) this.#close(connection, 'error');
    } else if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      memory.threadNotStarted();
      report.crashed(
        connection,
        `${fileURLToPath(ENTRY)} is gone, and a thread needs it; restart the server`,
      );
      this.#close(connection, 'error');
    } else {
      this.#noThread();
      this.#keepOrClose(connection);
    }
    memory.threadFreed();
  }

  #noThread(): void {
    this.#acceptor.memory.threadNotStarted();
    this.#growAgainAt = performance.now() + NEXT_ATTEMPT_MS;
    this.#acceptor.report.refused('no-thread');
  }

  #newSlot(): Slot {
    const index = this.#slots.length + 1;
    const slot = { index, shared: this.#acceptor.memory.ofThread(index) };
    this.#slots.push(slot);
    return slot;
  }
}
