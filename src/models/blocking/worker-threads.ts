// The threads that serve for an acceptor: where each has its memory, how one is started, and what a failed start means.
// The model decides how many there are and which of them gets a connection.

import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { nowUs } from '../../lifecycle/clock.js';
import { THREAD, type ThreadMemory } from '../../lifecycle/server-memory.js';
import { Connection } from '../../net/connection.js';
import type { ServerThread, ThreadData } from '../server-thread.js';
import { threadName } from '../thread-names.js';
import { handOver, takeOver } from './hand-over.js';

/** Starting a thread is work for a CPU: with more of them at once, each would only take longer. */
const MOST_STARTING = availableParallelism();
/** When the system gives no further thread, it is asked again after so long. */
const NEXT_ATTEMPT_MS = 1_000;
/** How often the acceptor looks whether a thread that starts is ready, in milliseconds. */
const LOOK_EVERY_MS = 5;

/** One thread's memory and the thread that has it, or had it last. */
interface Slot {
  readonly index: number;
  readonly shared: ThreadMemory;
}

export class WorkerThreads {
  readonly #acceptor: ServerThread;
  readonly #entry: URL;
  readonly #data: object;
  readonly #onUnserved: (connection: Connection, threadWasToStart: boolean) => void;
  readonly #slots: Slot[] = [];
  #growAgainAt = 0;
  #started = 0;
  #cleanedUp = 0;

  /**
   * `entry`: the file that a thread runs; `data`: what it is given beside the server's own. `onUnserved` takes the
   * connection of a thread that has failed, at its start or later.
   */
  constructor(
    acceptor: ServerThread,
    entry: URL,
    data: object,
    onUnserved: (connection: Connection, threadWasToStart: boolean) => void,
  ) {
    this.#acceptor = acceptor;
    this.#entry = entry;
    this.#data = data;
    this.#onUnserved = onUnserved;
  }

  get alive(): number {
    return this.#slots.filter(({ shared }) => shared.state !== THREAD.none).length;
  }

  get idle(): number {
    return this.#slots.filter(({ shared }) => shared.state === THREAD.idle).length;
  }

  /** The lowest one in this state: so the threads used last are used next, and the others stay asleep. */
  find(state: number): ThreadMemory | undefined {
    return this.#slot(state)?.shared;
  }

  #slot(state: number): Slot | undefined {
    for (const slot of this.#slots) if (slot.shared.state === state) return slot;
    return undefined;
  }

  /** Whether the system may be asked for one more. */
  get mayStart(): boolean {
    return performance.now() >= this.#growAgainAt && this.#acceptor.memory.threadsStarting < MOST_STARTING;
  }

  /** Whether a thread is starting, or has ended and is not cleaned up: its acceptor's JavaScript loop must run. */
  get needCare(): boolean {
    const { memory } = this.#acceptor;
    return memory.threadsStarting > 0 || memory.threadsEnded > this.#cleanedUp;
  }

  /**
   * Gives the JavaScript loop its time, in which threads that fail or end are seen, and starts the threads that are
   * missing, until `done` or the server is to stop.
   */
  async fill(missing: () => number, done: () => boolean): Promise<void> {
    const { memory } = this.#acceptor;
    await new Promise(setImmediate);
    while (!memory.stopping && !done()) {
      while (missing() > 0 && this.mayStart && this.start());
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /**
   * Starts one, for this connection where it is given. False where the system gives no further thread
   * (pthread_create(3), EAGAIN): then those that run must do.
   */
  start(connection?: Connection): boolean {
    const { memory, options } = this.#acceptor;
    const { shared, index } = this.#slot(THREAD.none) ?? this.#newSlot();
    if (connection === undefined) shared.connection = 0;
    else handOver(shared, connection);
    shared.changeState(THREAD.none, THREAD.busy);
    shared.serial = ++this.#started;
    shared.tid = 0; // until the thread itself writes it
    memory.threadStarting();
    const workerData: ThreadData = {
      ...this.#data,
      options,
      memory: memory.size,
      shared: index,
      name: threadName(options, index, shared.serial),
      startedAt: nowUs(),
    };
    try {
      const worker = new Worker(this.#entry, { workerData, env: SHARE_ENV, execArgv: [] });
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

  /** The server stops: every idle thread goes home. The busy ones see for themselves. */
  dismiss(): void {
    for (const { shared } of this.#slots) shared.changeState(THREAD.idle, THREAD.dismissed);
  }

  /** A thread that could not start, or not even tell its end: for want of descriptors, of memory. */
  #onDeath(shared: ThreadMemory, error: Error): void {
    const { memory, report } = this.#acceptor;
    const connection = new Connection();
    takeOver(shared, connection);
    const started = shared.tid !== 0;
    const fileIsGone = !started && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    shared.fd = -1;
    shared.leave();
    if (started) {
      memory.threadEnded();
      report.crashed(connection, error);
    } else if (fileIsGone) {
      this.#notStarted();
      report.crashed(
        connection,
        `${fileURLToPath(this.#entry)} is gone, and a thread needs it; restart the server`,
      );
    } else this.#noThread();
    if (connection.fd >= 0) this.#onUnserved(connection, !started && !fileIsGone);
    memory.threadFreed();
  }

  #notStarted(): void {
    this.#acceptor.memory.threadNotStarted();
    this.#growAgainAt = performance.now() + NEXT_ATTEMPT_MS;
  }

  #noThread(): void {
    this.#notStarted();
    this.#acceptor.report.refused('no-thread');
  }

  #newSlot(): Slot {
    const index = this.#slots.length + 1;
    const slot = { index, shared: this.#acceptor.memory.ofThread(index) };
    this.#slots.push(slot);
    return slot;
  }
}
