// A connection thread: serves the connection it was started for, then sleeps until it is handed the next.
// A worker thread of its own, with its own V8; it shares nothing with the acceptor but a part of the memory.

import { workerData } from 'node:worker_threads';
import { THREAD } from '../../lifecycle/server-memory.js';
import { beginThread, type ServerThread, type ThreadData } from '../server-thread.js';
import { serveEach } from './serve-each.js';

/** Sleeps until the acceptor hands over a connection. False if the thread must end. */
function waitForNext({ shared, memory, options, report }: ServerThread): boolean {
  if (memory.stopping || !memory.becomeIdle(options.spareThreads)) return false;
  const since = report.waiting('work');
  shared.changeState(THREAD.busy, THREAD.idle);
  memory.threadFreed();
  // When the server stops, the acceptor dismisses idle threads. One that becomes idle later dismisses itself.
  if (memory.stopping) shared.changeState(THREAD.idle, THREAD.dismissed);
  while (shared.state === THREAD.idle) shared.sleepWhile(THREAD.idle);
  memory.leaveIdle();
  const given = shared.state === THREAD.busy;
  report.awake(since, !given);
  if (given) report.threadReused(shared.connection, shared.fd);
  return given;
}

const data = workerData as ThreadData;
const thread = beginThread(data);
/** A thread that was started for a connection has it already. */
const hasOne = (): boolean => thread.shared.fd >= 0;
serveEach(thread, thread.calls(0), data.startedAt, () => hasOne() || waitForNext(thread));
