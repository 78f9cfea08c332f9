// The blocking server: an acceptor thread that sleeps in accept(2), and a thread for each connection that sleeps in
// recv(2) and send(2). However slow a client is, only its own thread waits for it.

import { Connection } from '../../net/connection.js';
import { Acceptor } from '../acceptor.js';
import type { ServerThread } from '../server-thread.js';
import { ConnectionThreads } from './connection-threads.js';

/** The acceptor thread: open, then accept and hand over until the server stops. */
export async function serve(thread: ServerThread): Promise<void> {
  const { options, memory } = thread;
  const calls = thread.calls(0);
  const listener = calls.listen(options);
  const connection = new Connection(); // its thread finds all it needs of it in shared memory
  const acceptor = new Acceptor(thread, calls, listener, () => connection);
  const threads = new ConnectionThreads(thread, calls);
  try {
    while (!memory.stopping) {
      // Node reports how threads start and end in this thread's JavaScript loop, which runs only when we yield to it.
      if (threads.needCare) await threads.care(() => calls.acceptable(listener));
      // A thread first, then a connection: while all are busy the next clients stay in the kernel's accept queue.
      if (!threads.anyFree && !(await threads.waitForFree())) break;
      const accepted = acceptor.accept();
      if (typeof accepted === 'string') continue;
      threads.handOver(accepted);
    }
  } finally {
    memory.stop(); // if the listener broke, the connection threads have to end too
    calls.closeListener(listener);
    threads.dismiss();
  }
}
