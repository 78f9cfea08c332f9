// Runs a model on the system calls: starts its first thread, and wakes its threads to stop them.
// Runs on the main thread, which never makes a call that can sleep.

import { Worker } from 'node:worker_threads';
import { nowUs } from '../lifecycle/clock.js';
import type { ServerMemory } from '../lifecycle/server-memory.js';
import type { StartProcesses } from '../models/blocking/process-data.js';
import type { ServeOptions } from '../models/options.js';
import type { ServerFailure, ServerHandle } from '../models/server-handle.js';
import type { ThreadData } from '../models/server-thread.js';
import { FIRST_THREAD } from '../models/thread-names.js';
import { SHUT_RD, SHUT_RDWR } from '../posix/constants.js';
import { letOthersTrace, systemCalls } from '../posix/system-calls.js';
import { ChildProcesses } from './child-processes.js';

const WAKE_EVERY_MS = 20;
/** How long a reply may still be sent after the stop, in milliseconds. */
const GRACE_MS = 300;

export function startSystemCallServer(options: ServeOptions, memory: ServerMemory): ServerHandle {
  const workerData: ThreadData = {
    options,
    memory: memory.size,
    shared: 0,
    name: FIRST_THREAD[options.mode],
    startedAt: nowUs(),
  };
  letOthersTrace(); // for inspect and strace
  memory.threadStarting();
  const worker = new Worker(new URL('../models/first-thread.js', import.meta.url), {
    workerData,
    execArgv: [],
  });
  let failure: ServerFailure | undefined;
  let waking: NodeJS.Timeout | undefined;
  const children = new ChildProcesses(options, memory);
  worker.on('message', (message: ServerFailure | StartProcesses) => {
    if ('parts' in message) return children.start(message);
    failure = message;
    stop(); // connection threads may still be asleep
  });
  worker.on('error', (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    failure = { message, ...(code === undefined ? {} : { code }) };
  });
  let resolveEnded: (failure: ServerFailure | undefined) => void = () => {};
  const ended = new Promise<ServerFailure | undefined>((resolve) => {
    resolveEnded = resolve;
  });
  let workerEnded = false;
  const end = (): void => {
    if (!children.none) return;
    clearInterval(waking);
    resolveEnded(failure);
  };
  worker.on('exit', () => {
    workerEnded = true;
    end();
  });
  children.onNone = () => workerEnded && end();

  const wake = (patient: boolean): void => {
    // The descriptors of another process can't be shut down from here, but a signal ends the sleep of its call.
    const own = options.mode === 'processes' ? 1 : memory.threadsUsed;
    wakeThreads(memory, own, patient ? SHUT_RD : SHUT_RDWR);
    children.signal(patient ? 'SIGTERM' : 'SIGKILL');
  };
  const stop = (): void => {
    if (waking !== undefined) return;
    memory.stop();
    const since = performance.now();
    // Again and again: a thread may have been just about to sleep.
    waking = setInterval(() => {
      if (memory.allThreadsEnded) return end();
      wake(performance.now() - since < GRACE_MS);
    }, WAKE_EVERY_MS);
    wake(true);
  };
  return { ended, stop };
}

/**
 * shutdown(2) on the socket that a thread sleeps on ends its sleep: accept gives EINVAL, recv gives 0, send gives EPIPE,
 * and epoll_wait reports the listener. By now it does no harm if the number is no socket any longer, or another one.
 */
function wakeThreads(memory: ServerMemory, threads: number, how: number): void {
  if (memory.listener >= 0) systemCalls.shutdown(memory.listener, SHUT_RDWR);
  for (let i = 0; i < threads; i++) {
    const { fd } = memory.ofThread(i);
    if (fd >= 0) systemCalls.shutdown(fd, how);
  }
}
