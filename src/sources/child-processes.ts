// The child processes of a server, as the main thread sees them: it starts them, hears how each ended, and tells it.
// Nobody outlives the main thread: the kernel kills a child when the thread that started it ends (PR_SET_PDEATHSIG).

import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nowUs } from '../lifecycle/clock.js';
import { NOBODY, Reporter } from '../lifecycle/reporter.js';
import { type ServerMemory, THREAD } from '../lifecycle/server-memory.js';
import { takeOver } from '../models/blocking/hand-over.js';
import {
  DATA,
  MAIN_PART,
  MEMORY_FD,
  type ProcessData,
  SOCKET_FD,
  type StartProcess,
} from '../models/blocking/process-data.js';
import { entry } from '../models/entries.js';
import type { ServeOptions } from '../models/options.js';
import { threadName } from '../models/thread-names.js';
import { Connection } from '../net/connection.js';
import { systemCalls } from '../posix/system-calls.js';

const ENTRY = fileURLToPath(entry('connection-process'));
/** One that could not even start is started again after so long. */
const NEXT_ATTEMPT_MS = 1_000;

export class ChildProcesses {
  readonly #options: ServeOptions;
  readonly #memory: ServerMemory;
  #report!: Reporter;
  readonly #running = new Set<ChildProcess>();
  #started = 0;
  /** Runs when the last one has ended. */
  onNone = (): void => {};

  constructor(options: ServeOptions, memory: ServerMemory) {
    this.#options = options;
    this.#memory = memory;
    if (options.mode !== 'processes') return;
    const shared = memory.ofThread(MAIN_PART);
    shared.tid = process.pid;
    this.#report = new Reporter(memory, shared, options.detail);
  }

  get none(): boolean {
    return this.#running.size === 0;
  }

  start({ part, accepts }: StartProcess): void {
    const memory = this.#memory;
    const shared = memory.ofThread(part);
    const accepted = shared.fd;
    if (memory.stopping) {
      if (accepts) return;
      systemCalls.close(accepted);
      return this.#closeFor(part);
    }
    shared.fd = accepts ? -1 : SOCKET_FD;
    if (accepts) {
      shared.connection = NOBODY;
      shared.changeState(THREAD.none, THREAD.busy);
    }
    shared.serial = ++this.#started;
    shared.tid = 0; // until the process itself writes it
    memory.threadStarting();
    const data: ProcessData = {
      options: this.#options,
      memory: { ...memory.size, memory: { fd: MEMORY_FD } },
      shared: part,
      name: threadName(this.#options, part, shared.serial),
      startedAt: nowUs(),
      parent: process.pid,
      accepts,
    };
    const { fd } = memory.size.memory as { fd: number };
    // Detached: Ctrl-C in the terminal reaches the parent alone, which then stops its children in order.
    const child = spawn(process.execPath, [ENTRY], {
      stdio: ['ignore', 'ignore', 'inherit', accepts ? memory.listener : accepted, fd],
      env: { ...process.env, [DATA]: JSON.stringify(data) },
      detached: true,
    });
    // The parent's own copy: with it open, the child's close would be no end for the client.
    if (!accepts) systemCalls.close(accepted);
    this.#running.add(child);
    child.on('error', () => this.#onEnd(child, part, accepts));
    child.on('exit', (status, signal) => {
      this.#report.processEnded(
        shared.fd < 0 ? NOBODY : shared.connection,
        child.pid!,
        status ?? 0,
        signal === null ? 0 : constants.signals[signal],
      );
      this.#onEnd(child, part, accepts);
    });
  }

  signal(signal: NodeJS.Signals): void {
    for (const child of this.#running) child.kill(signal);
  }

  /** Whatever the child has not told by itself, and a successor for one that accepts. */
  #onEnd(child: ChildProcess, part: number, accepts: boolean): void {
    const memory = this.#memory;
    const shared = memory.ofThread(part);
    if (child.pid === undefined) this.#report.refused('no-process');
    const never = shared.tid === 0;
    if (never) memory.threadNotStarted();
    else if (shared.state === THREAD.busy) memory.threadEnded(); // it was killed before it could say so
    if (shared.fd >= 0) this.#closeFor(part);
    shared.leave();
    memory.threadFreed();
    this.#running.delete(child);
    if (accepts && !memory.stopping)
      setTimeout(() => !memory.stopping && this.start({ part, accepts }), never ? NEXT_ATTEMPT_MS : 0);
    if (this.none) this.onNone();
  }

  /** The kernel has closed the connection of a process that is gone. */
  #closeFor(part: number): void {
    const shared = this.#memory.ofThread(part);
    const connection = new Connection();
    takeOver(shared, connection);
    Object.assign(connection, shared.ofConnection);
    shared.fd = -1;
    this.#memory.connectionClosed();
    this.#report.closed(connection, this.#memory.stopping ? 'stopping' : 'error');
  }
}
