// A worker: sleeps until the loop hands it a computation, does it, and wakes the loop.
// It knows a connection by its number alone, and never touches its socket.

import { workerData } from 'node:worker_threads';
import { nowUs } from '../../lifecycle/clock.js';
import { NOBODY } from '../../lifecycle/reporter.js';
import { THREAD } from '../../lifecycle/server-memory.js';
import { burn } from '../burn.js';
import { endThread } from '../end-thread.js';
import { beginThread, callsFor, type ServerThread, type ThreadData } from '../server-thread.js';

async function run(data: ThreadData): Promise<void> {
  const thread = beginThread(data, await callsFor(data));
  const { shared, memory, report, cpuMs } = thread;
  const calls = thread.calls(0);
  shared.changeState(shared.state, THREAD.idle);
  report.threadStarted(NOBODY, thread.tid, shared.serial, nowUs() - data.startedAt);
  if (memory.waker >= 0) calls.write(memory.waker); // the loop may have something for it already
  while (waitForNext(thread)) {
    const since = nowUs();
    if (!burn(shared.computeMs, memory, cpuMs)) break;
    report.computed(shared.connection, shared.computationFd, nowUs() - since, memory.waker);
    shared.changeState(THREAD.busy, THREAD.done); // before the loop is woken: it looks for this
    calls.write(memory.waker);
  }
  endThread(thread);
}

/** Sleeps until the loop hands over a computation. False if the thread must end. */
function waitForNext({ shared, memory, report }: ServerThread): boolean {
  const since = report.waiting('work');
  while (!memory.stopping && shared.state !== THREAD.busy && shared.state !== THREAD.dismissed)
    shared.sleepWhile(shared.state);
  const given = shared.state === THREAD.busy && !memory.stopping;
  report.awake(since, !given);
  return given;
}

void run(workerData as ThreadData);
