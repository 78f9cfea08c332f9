// Where a server begins: a worker thread that opens a listener and runs the chosen model until the server stops.
// It is the acceptor of the blocking server, a loop of the evented one, the only thread of the iterative one.

import { parentPort, workerData } from 'node:worker_threads';
import { nowUs } from '../lifecycle/clock.js';
import { isSystemCallError } from '../posix/errors.js';
import { endThread } from './end-thread.js';
import type { Mode } from './options.js';
import type { ServerFailure } from './server-handle.js';
import { beginThread, callsFor, type ServerThread, type ThreadData } from './server-thread.js';

/** Each model is loaded only where it is run. */
const MODELS: Record<Mode, () => Promise<{ serve(thread: ServerThread): void | Promise<void> }>> = {
  iterative: () => import('./blocking/iterative.js'),
  blocking: () => import('./blocking/server.js'),
  pool: () => import('./blocking/pool.js'),
  processes: () => import('./blocking/processes.js'),
  evented: () => import('./evented/server.js'),
  async: () => import('./async/server.js'),
  completion: () => import('./completion/server.js'),
};

async function run(data: ThreadData): Promise<void> {
  const thread = beginThread(data, await callsFor(data));
  thread.report.threadStarted(0, thread.tid, 0, nowUs() - data.startedAt);
  try {
    const { serve } = await MODELS[data.options.mode]();
    // The loops after the first need its port, or its listener. Without it the server is about to stop.
    if (thread.shared.index === 0 || thread.memory.waitForListening(1)) await serve(thread);
  } catch (error) {
    const failure: ServerFailure = isSystemCallError(error)
      ? { message: error.message, call: error.call, code: error.code }
      : { message: error instanceof Error ? error.message : String(error) };
    parentPort?.postMessage(failure);
  }
  endThread(thread);
}

void run(workerData as ThreadData);
