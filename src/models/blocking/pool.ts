// The pool: an acceptor, a bounded queue, and a fixed number of threads that take one connection after the other from it.
// The number of threads stays the same, however many clients come. If slow clients have all of them, everybody else waits.

import { Connection } from '../../net/connection.js';
import { Acceptor } from '../acceptor.js';
import { entry } from '../entries.js';
import type { ServerThread } from '../server-thread.js';
import { ConnectionQueue } from './connection-queue.js';
import { WorkerThreads } from './worker-threads.js';

/** What a pool's thread is started with, beside what every thread is. */
export interface PoolData {
  readonly queue: SharedArrayBuffer;
}

/** The acceptor thread: open, start the threads, then accept and queue until the server stops. */
export async function serve(thread: ServerThread): Promise<void> {
  const { options, memory, report } = thread;
  const { pool } = options;
  const calls = thread.calls(0);
  const listener = calls.listen(options);
  const connection = new Connection(); // its thread finds all it needs of it in shared memory
  const acceptor = new Acceptor(thread, calls, listener, () => connection);
  const data: PoolData = { queue: ConnectionQueue.allocate(pool.queueLimit, pool.threads) };
  const queue = new ConnectionQueue(data.queue, pool.queueLimit);
  const threads = new WorkerThreads(thread, entry('pool-thread'), data, (unserved) =>
    close(unserved, 'error'),
  );
  const missing = (): number => pool.threads - threads.alive;
  const close = (c: Connection, reason: 'error' | 'stopping'): void => {
    memory.connectionClosed();
    calls.close(c, reason);
  };
  try {
    // The first client finds all threads there. Later a missing one keeps nobody waiting while there are others.
    await threads.fill(missing, () => queue.idle === pool.threads);
    while (!memory.stopping) {
      if (pool.whenFull === 'wait' && queue.full && !waitForPlace(thread, queue)) break;
      const accepted = acceptor.accept();
      if (typeof accepted === 'string') continue;
      if (!queue.put(accepted, (place) => report.queued(accepted, place)))
        acceptor.refuse(accepted, 'queue-full');
      if (missing() > 0) await threads.fill(missing, () => threads.alive > 0);
    }
  } finally {
    memory.stop(); // if the listener broke, the threads have to end too
    calls.closeListener(listener);
    for (const left of queue.close()) close(left, 'stopping');
  }
}

/** Sleeps until a thread takes a connection from the queue. False if the server stops. */
function waitForPlace({ memory, options, report }: ServerThread, queue: ConnectionQueue): boolean {
  report.queueFull(options.pool.queueLimit);
  const since = report.waiting('queue-place');
  memory.sleepUntilFreed(() => !queue.full);
  report.awake(since, memory.stopping);
  return !memory.stopping;
}
