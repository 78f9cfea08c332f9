// A connection thread: serves the connection it was started for, then sleeps until it is handed the next.
// A worker thread of its own, with its own V8; it shares nothing with the acceptor but a part of the memory.

import { workerData } from 'node:worker_threads';
import { nowUs } from '../../lifecycle/clock.js';
import { NO_FD, NOBODY } from '../../lifecycle/reporter.js';
import { THREAD } from '../../lifecycle/server-memory.js';
import { Calls } from '../calls.js';
import { endThread } from '../end-thread.js';
import { ServerConnection } from '../server-connection.js';
import { beginThread, type ServerThread, type ThreadData } from '../server-thread.js';
import { Conversation } from './conversation.js';
import { takeOver } from './hand-over.js';

function serveConnections(thread: ServerThread, startedAt: number): void {
  const { shared, report, options, handle } = thread;
  const conversation = new Conversation(thread, new Calls(thread, 0));
  const connection = new ServerConnection(options, handle);
  report.threadStarted(shared.connection, thread.tid, shared.serial, nowUs() - startedAt);
  for (;;) {
    takeOver(shared, connection);
    conversation.serve(connection);
    if (!waitForNext(thread)) break;
    report.threadReused(shared.connection, shared.fd);
  }
  end(thread);
}

/** Sleeps until the acceptor hands over a connection. False: the thread has to end. */
function waitForNext({ shared, memory, options, report }: ServerThread): boolean {
  if (memory.stopping || !memory.becomeIdle(options.spareThreads)) return false;
  const since = report.blocked('futex', NOBODY, NO_FD, 'work');
  shared.changeState(THREAD.busy, THREAD.idle);
  memory.threadFreed();
  // When the server stops, the acceptor dismisses idle threads. One that becomes idle later dismisses itself.
  if (memory.stopping) shared.changeState(THREAD.idle, THREAD.dismissed);
  while (shared.state === THREAD.idle) shared.sleepWhile(THREAD.idle);
  memory.leaveIdle();
  const given = shared.state === THREAD.busy;
  report.resumed('futex', since, NOBODY, NO_FD, given ? undefined : 'stop');
  return given;
}

function end(thread: ServerThread): void {
  const { shared, memory } = thread;
  endThread(thread);
  shared.leave();
  memory.threadFreed();
  // The process is about to end. Ending this thread's V8 first would only delay that.
  if (memory.stopping) shared.sleepWhile(THREAD.none);
}

const data = workerData as ThreadData;
serveConnections(beginThread(data), data.startedAt);
