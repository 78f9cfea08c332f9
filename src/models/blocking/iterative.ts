// The iterative server, the post's first: one thread, one connection at a time.
// While it serves one client it accepts no other: the others wait in the kernel's accept queue.

import { Acceptor } from '../acceptor.js';
import { ServerConnection } from '../server-connection.js';
import type { ServerThread } from '../server-thread.js';
import { Conversation } from './conversation.js';

export function serve(thread: ServerThread): void {
  const { options, memory, shared, handle } = thread;
  const calls = thread.calls(0);
  const listener = calls.listen(options);
  const connection = new ServerConnection(options, handle);
  const acceptor = new Acceptor(thread, calls, listener, () => connection);
  const conversation = new Conversation(thread, calls);

  while (!memory.stopping) {
    const accepted = acceptor.accept();
    if (typeof accepted === 'string') continue;
    shared.fd = accepted.fd; // a stop wakes the thread that sleeps on it
    conversation.serve(accepted);
  }
  calls.closeListener(listener);
}
