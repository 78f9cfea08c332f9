// The blocking server: an acceptor thread that sleeps in accept(2), and a thread for each connection that sleeps in
// recv(2) and send(2). However slow a client is, only its own thread waits for it.

import { Connection } from '../../net/connection.js';
import { openListener } from '../../net/listener.js';
import { SO_SNDTIMEO } from '../../posix/constants.js';
import { Acceptor } from '../acceptance.js';
import { napWithoutRoom, type ServerThread, setTimeoutOf } from '../server-thread.js';
import { ConnectionThreads } from './connection-threads.js';

/** The acceptor thread: open, then accept and hand over until the server is to stop. */
export async function serve(thread: ServerThread): Promise<void> {
  const { sys, options, memory, tell } = thread;
  const listener = openListener(sys, options, 0);
  setTimeoutOf(sys, listener.fd, SO_SNDTIMEO, options.limits.sendTimeout); // each connection takes it over
  tell.listening(listener.fd, listener.address, options.backlog);

  const acceptor = new Acceptor(thread, listener, 0, () => new Connection());
  const threads = new ConnectionThreads(thread);
  try {
    while (!memory.stopping) {
      // A thread first, then a connection: while all are busy the next clients stay in the kernel's accept queue.
      if (!threads.anyFree && !(await threads.waitForFree())) break;
      const acceptance = acceptor.acceptBlocking();
      if (acceptance === 'stopped') break;
      if (acceptance === 'no-room') napWithoutRoom(sys);
      if (acceptance !== 'accepted') continue;
      threads.handOver(acceptor.connection);
      // Threads tell how they start and end to this thread's own JavaScript loop, which runs only when we yield to it.
      if (threads.needCare) await threads.care(() => acceptor.someoneWaits);
    }
  } finally {
    memory.stop(); // already so, unless the listener broke: then too the connection threads are to end
    sys.close(listener.fd);
    threads.dismiss();
  }
}
