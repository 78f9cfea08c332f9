// Runs a model on the system calls: starts its first threads, and wakes its threads to stop them.
// Runs on the main thread, which never makes a call that can sleep.

import { Worker } from 'node:worker_threads';
import { nowUs } from '../lifecycle/clock.js';
import type { ServerMemory } from '../lifecycle/server-memory.js';
import type { StartProcess } from '../models/blocking/process-data.js';
import { type EntryPoint, entry } from '../models/entries.js';
import type { ServeOptions } from '../models/options.js';
import type { ServerFailure, ServerHandle } from '../models/server-handle.js';
import type { ThreadData } from '../models/server-thread.js';
import { threadName } from '../models/thread-names.js';
import { SHUT_RD, SHUT_RDWR } from '../posix/constants.js';
import { letOthersTrace, systemCalls } from '../posix/system-calls.js';
import { ChildProcesses } from './child-processes.js';

/** When the system gives no thread, it is asked again after so long. */
const NEXT_ATTEMPT_MS = 1_000;
const WAKE_EVERY_MS = 20;
/** How long a reply may still be sent after the stop, in milliseconds. */
const GRACE_MS = 300;

export function startSystemCallServer(options: ServeOptions, memory: ServerMemory): ServerHandle {
  letOthersTrace(); // for inspect and strace
  let failure: ServerFailure | undefined;
  let waking: NodeJS.Timeout | undefined;
  const fail = (why: ServerFailure): void => {
    failure ??= why;
    stop(); // other threads may still be asleep
  };
  let resolveEnded: (failure: ServerFailure | undefined) => void = () => {};
  const ended = new Promise<ServerFailure | undefined>((resolve) => {
    resolveEnded = resolve;
  });
  const children = new ChildProcesses(options, memory);
  const end = (): void => {
    if (!children.none) return;
    clearInterval(waking);
    resolveEnded(failure);
  };
  let running = options.loops + options.workers;
  const threadEnded = (): void => {
    if (--running === 0) end();
  };
  children.onNone = () => running === 0 && end();
  for (let index = 0; index < options.loops; index++) {
    const worker = startThread(options, memory, index, 'first-thread');
    worker.on('message', (message: ServerFailure | StartProcess) => {
      if ('part' in message) children.start(message);
      else fail(message);
    });
    worker.on('error', (error) => {
      const { code, message } = error as NodeJS.ErrnoException;
      fail({ message, ...(code === undefined ? {} : { code }) });
    });
    worker.on('exit', threadEnded);
  }

  for (let i = 0; i < options.workers; i++) startWorker(options.loops + i);

  /** One that dies is replaced. */
  function startWorker(index: number): void {
    if (memory.stopping) return;
    const shared = memory.ofThread(index);
    shared.tid = 0; // until the thread itself writes it
    const worker = startThread(options, memory, index, 'worker-thread');
    worker.on('error', () => {}); // what it was is of no use to a client, and its end follows
    worker.on('exit', () => {
      if (memory.stopping) return threadEnded();
      const started = shared.tid !== 0;
      shared.leave();
      if (started) memory.threadEnded();
      else memory.threadNotStarted();
      systemCalls.write(memory.waker, BigUint64Array.of(1n), 8); // the loop may wait for it
      setTimeout(() => startWorker(index), started ? 0 : NEXT_ATTEMPT_MS).unref();
    });
  }

  function wake(patient: boolean): void {
    // The descriptors of another process can't be shut down from here, but a signal ends the sleep of its call.
    const own = options.mode === 'processes' ? 1 : memory.threadsUsed;
    wakeThreads(memory, own, patient ? SHUT_RD : SHUT_RDWR);
    children.signal(patient ? 'SIGTERM' : 'SIGKILL');
  }

  /** A declaration, for a thread may fail before this line is reached. */
  function stop(): void {
    if (waking !== undefined) return;
    memory.stop();
    const since = performance.now();
    // Again and again: a thread may have been just about to sleep.
    waking = setInterval(() => {
      if (memory.allThreadsEnded) return end();
      wake(performance.now() - since < GRACE_MS);
    }, WAKE_EVERY_MS);
    wake(true);
  }
  return { ended, stop };
}

/** One that accepts, or a worker. Connection threads are started by their acceptor. */
function startThread(options: ServeOptions, memory: ServerMemory, index: number, file: EntryPoint): Worker {
  const workerData: ThreadData = {
    options,
    memory: memory.size,
    shared: index,
    name: threadName(options, index, 0),
    startedAt: nowUs(),
  };
  memory.threadStarting();
  return new Worker(entry(file), { workerData, execArgv: [] });
}

/**
 * shutdown(2) on the socket that a thread sleeps on ends its sleep: accept gives EINVAL, recv gives 0, send gives EPIPE,
 * and epoll_wait reports the listener. By now it does no harm if the number is no socket any longer, or another one.
 */
function wakeThreads(memory: ServerMemory, threads: number, how: number): void {
  if (memory.listener >= 0) systemCalls.shutdown(memory.listener, SHUT_RDWR);
  for (let i = 0; i < threads; i++) {
    const shared = memory.ofThread(i);
    shared.dismiss();
    if (shared.fd >= 0) systemCalls.shutdown(shared.fd, how);
  }
}
