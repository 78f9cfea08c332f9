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
/** After the system has refused a thread, how long to wait before it is asked again, in milliseconds. */
const NEXT_ATTEMPT_MS = 1_000;
/** How often the acceptor looks whether a thread that starts is ready, in milliseconds. */
const LOOK_EVERY_MS = 5;

export class WorkerThreads {
  readonly #acceptor: ServerThread;
  readonly #entry: URL;
  readonly #data: object;
  readonly #onUnserved: (connection: Connection, threadWasToStart: boolean) => void;
  /** The threads' parts of the memory; each serves one thread after the other. */
  readonly #parts: ThreadMemory[] = [];
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
    return this.#parts.filter(({ state }) => state !== THREAD.none).length;
  }

  get idle(): number {
    return this.#parts.filter(({ state }) => state === THREAD.idle).length;
  }

  /** The lowest one in this state: so the threads used last are used next, and the others stay asleep. */
  find(state: number): ThreadMemory | undefined {
    for (const part of this.#parts) if (part.state === state) return part;
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
   * missing, until `done` or until the server stops.
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
   * Starts one, for this connection if there is one. False if the system gives no further thread (pthread_create(3),
   * EAGAIN): then those that run have to be enough.
   */
  start(connection?: Connection): boolean {
    const { memory, options } = this.#acceptor;
    const shared = this.find(THREAD.none) ?? this.#newPart();
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
      shared: shared.index,
      name: threadName(options, shared.index, shared.serial),
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

  /** The server stops: every idle thread ends. The busy ones see the stop by themselves. */
  dismiss(): void {
    for (const part of this.#parts) part.changeState(THREAD.idle, THREAD.dismissed);
  }

  /** A thread could not start, or died and did not report its end: out of descriptors or of memory, for example. */
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

  #newPart(): ThreadMemory {
    const part = this.#acceptor.memory.ofThread(this.#parts.length + 1); // the first is the acceptor's own
    this.#parts.push(part);
    return part;
  }
}
