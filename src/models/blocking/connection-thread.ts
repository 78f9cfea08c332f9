// A connection thread: serves the connection it was started for, then sleeps until it is handed the next.
// A worker thread of its own, with its own V8; all that it shares with the acceptor is a lane of memory.

import { workerData } from 'node:worker_threads';
import { nowUs } from '../../lifecycle/clock.js';
import { NO_FD, NOBODY } from '../../lifecycle/reporter.js';
import { THREAD } from '../../lifecycle/server-memory.js';
import { Calls } from '../calls.js';
import { ServerConnection } from '../server-connection.js';
import { beginThread, type ServerThread, type ThreadData } from '../server-thread.js';
import { Conversation } from './conversation.js';
import { takeOver } from './hand-over.js';

function serveConnections(thread: ServerThread, startedAt: number): void {
  const { lane, report, options, handle } = thread;
  const conversation = new Conversation(thread, new Calls(thread, 0));
  const connection = new ServerConnection(options, handle);
  report.threadStarted(lane.connection, thread.tid, lane.serial, nowUs() - startedAt);
  for (;;) {
    takeOver(lane, connection);
    conversation.serve(connection);
    if (!waitForNext(thread)) break;
    report.threadReused(lane.connection, lane.fd);
  }
  end(thread);
}

/** Sleeps until the acceptor hands over a connection. False where the thread is to end. */
function waitForNext({ lane, memory, options, report }: ServerThread): boolean {
  if (memory.stopping || !memory.becomeIdle(options.spareThreads)) return false;
  const since = report.blocked('futex', NOBODY, NO_FD, 'work');
  lane.changeState(THREAD.busy, THREAD.idle);
  memory.threadFreed();
  // The acceptor dismisses those it finds idle when the server stops; who comes later dismisses itself.
  if (memory.stopping) lane.changeState(THREAD.idle, THREAD.dismissed);
  while (lane.state === THREAD.idle) lane.sleepWhile(THREAD.idle);
  memory.leaveIdle();
  const given = lane.state === THREAD.busy;
  report.resumed('futex', since, NOBODY, NO_FD, given ? undefined : 'stop');
  return given;
}

function end({ lane, memory, report }: ServerThread): void {
  report.threadEnded();
  lane.leave();
  memory.threadFreed();
  // The whole process is about to end: taking this thread's V8 down by itself would only hold that up.
  if (memory.stopping) lane.sleepWhile(THREAD.none);
}

const data = workerData as ThreadData;
serveConnections(beginThread(data), data.startedAt);
