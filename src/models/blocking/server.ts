// The blocking server: an acceptor thread that sleeps in accept(2), and a thread for each connection that sleeps in
// recv(2) and send(2). However slow a client is, only its own thread waits for it.

import { Connection } from '../../net/connection.js';
import { openListener } from '../../net/listener.js';
import { Acceptor } from '../acceptance.js';
import { closeConnection, napWithoutRoom, type ServerThread } from '../server-thread.js';
import { ConnectionThreads } from './connection-threads.js';

/** The acceptor thread: open, then accept and hand over until the server is to stop. */
export async function serve(thread: ServerThread): Promise<void> {
  const { sys, options, memory, tell } = thread;
  const listener = openListener(sys, options, 0);
  tell.listening(listener.fd, listener.address, options.backlog);

  const connection = new Connection();
  const acceptor = new Acceptor(thread, listener, 0, () => connection);
  const threads = new ConnectionThreads(thread);
  while (!memory.stopping) {
    // A thread first, then a connection: while all are busy the next clients stay in the kernel's accept queue.
    if (!threads.waitForFree()) break;
    const acceptance = acceptor.acceptBlocking();
    if (acceptance === 'stopped') break;
    if (acceptance === 'no-room') napWithoutRoom(sys);
    if (acceptance !== 'accepted') continue;
    // No thread for it, now or later: it is closed without a byte.
    if (!threads.handOver(connection)) closeConnection(thread, connection, 'error');
    // Threads that ended are cleaned up by this thread's own JavaScript loop, which runs only when we yield to it.
    if (threads.anyEnded) await new Promise(setImmediate);
  }
  sys.close(listener.fd);
  threads.dismiss();
}
