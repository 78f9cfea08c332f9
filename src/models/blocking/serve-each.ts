// What every thread does that serves one connection after the other: begin, serve each that it is given, end.
// Where the next one comes from is the only difference between a connection thread and one of a pool.

import { nowUs } from '../../lifecycle/clock.js';
import { THREAD } from '../../lifecycle/server-memory.js';
import type { Calls } from '../calls.js';
import { endThread } from '../end-thread.js';
import { ServerConnection } from '../server-connection.js';
import type { ServerThread } from '../server-thread.js';
import { Conversation } from './conversation.js';
import { takeOver } from './hand-over.js';

/** `next` sleeps until the thread's memory has a connection; false if the thread must end. */
export function serveEach(thread: ServerThread, calls: Calls, startedAt: number, next: () => boolean): void {
  const { shared, report, options, handle } = thread;
  const conversation = new Conversation(thread, calls);
  const connection = new ServerConnection(options, handle);
  report.threadStarted(shared.connection, thread.tid, shared.serial, nowUs() - startedAt);
  while (next()) {
    takeOver(shared, connection);
    conversation.serve(connection);
  }
  end(thread);
}

function end(thread: ServerThread): void {
  const { shared, memory } = thread;
  endThread(thread);
  shared.leave();
  memory.threadFreed();
  // The process is about to end. Ending this thread's V8 first would only delay that.
  if (memory.stopping) shared.sleepWhile(THREAD.none);
}
