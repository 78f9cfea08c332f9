// A thread of a pool: takes a connection from the queue, serves it to its end, takes the next.
// While it serves one connection it serves no other, and it sleeps while its client is slow: that is what a slow client costs.

import { workerData } from 'node:worker_threads';
import { nowUs } from '../../lifecycle/clock.js';
import { beginThread, type ThreadData } from '../server-thread.js';
import { ConnectionQueue } from './connection-queue.js';
import { firstCome, shortestFirst } from './job-size.js';
import type { PoolData } from './pool.js';
import { serveEach } from './serve-each.js';

const data = workerData as ThreadData & PoolData;
const thread = beginThread(data);
const { shared, memory, options, report, handle } = thread;
const calls = thread.calls(0);
const queue = new ConnectionQueue(data.queue, options.pool.queueLimit);
const choose =
  options.pool.queueOrder === 'fifo' ? firstCome : shortestFirst(calls, handle, options.limits.maxHead);

/** Reports the sleep until there is a connection, and gives what reports its end. */
function fallAsleep(): () => void {
  const since = report.waiting('work');
  memory.threadFreed(); // an acceptor that found the queue full may look again
  return () => report.awake(since, queue.closed);
}

serveEach(thread, calls, data.startedAt, () => {
  const taken = queue.take(shared, choose, fallAsleep);
  if (taken === undefined) return false;
  report.dequeued(shared.connection, shared.fd, nowUs() - taken.queuedAt, taken.length, taken.overtook);
  memory.threadFreed();
  return true;
});
