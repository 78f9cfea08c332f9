// Processes: the parent accepts, and each connection is served by a process of its own, as inetd and the first Apache did.
// With --prefork the processes are there before, and each accepts for itself; the parent only keeps the listener.

import { parentPort } from 'node:worker_threads';
import { THREAD, type ThreadMemory } from '../../lifecycle/server-memory.js';
import { Connection } from '../../net/connection.js';
import type { Listener } from '../../net/listener.js';
import { Acceptor } from '../acceptor.js';
import type { Calls } from '../calls.js';
import type { ServerThread } from '../server-thread.js';
import { handOver } from './hand-over.js';
import { FIRST_PROCESS_PART, type StartProcess } from './process-data.js';

export function serve(thread: ServerThread): void {
  const calls = thread.calls(0);
  const listener = calls.listen(thread.options);
  if (thread.options.processes.prefork > 0) keepListener(thread);
  else acceptAll(thread, calls, listener);
  calls.closeListener(listener);
}

const ask = (message: StartProcess): void => parentPort?.postMessage(message);

/** The children accept; each has the listener among its own descriptors. This thread sleeps until the server stops. */
function keepListener({ memory, options, report }: ServerThread): void {
  for (let i = 0; i < options.processes.prefork; i++) ask({ part: FIRST_PROCESS_PART + i, accepts: true });
  const since = report.waiting('stop');
  while (!memory.stopping) memory.sleepUntilStop();
  report.awake(since, true);
}

function acceptAll(thread: ServerThread, calls: Calls, listener: Listener): void {
  const connection = new Connection(); // its process finds all it needs of it in shared memory
  const acceptor = new Acceptor(thread, calls, listener, () => connection);
  while (!thread.memory.stopping) {
    // A part of the memory first, then a connection: while all are taken the next clients stay in the kernel's accept queue.
    const part = freePart(thread) ?? waitForPart(thread);
    if (part === undefined) break;
    const accepted = acceptor.accept();
    if (typeof accepted === 'string') continue;
    handOver(part, accepted);
    part.connectionBegins();
    part.changeState(THREAD.none, THREAD.busy);
    ask({ part: part.index, accepts: false });
  }
}

function freePart({ memory, options }: ServerThread): ThreadMemory | undefined {
  for (let i = 0; i < options.processes.most; i++) {
    const part = memory.ofThread(FIRST_PROCESS_PART + i);
    if (part.state === THREAD.none) return part;
  }
  return undefined;
}

/** Sleeps until a process has ended. Undefined if the server stops. */
function waitForPart(thread: ServerThread): ThreadMemory | undefined {
  const { memory, options, report } = thread;
  report.threadsBusy(options.processes.most);
  const since = report.waiting('free-thread', options.processes.most);
  const part = memory.sleepUntilFreed(() => freePart(thread));
  report.awake(since, memory.stopping);
  return memory.stopping ? undefined : part;
}
