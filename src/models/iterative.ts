// The iterative server, the post's first: one thread, one connection at a time.
// While it serves one client it accepts no other; those wait in the kernel's accept queue, whoever they are.

import { Connection } from '../net/connection.js';
import { openListener } from '../net/listener.js';
import { SO_SNDTIMEO } from '../posix/constants.js';
import { Acceptor } from './acceptance.js';
import { Conversation } from './conversation.js';
import { napWithoutRoom, type ServerThread, setTimeoutOf } from './server-thread.js';

export function serve(thread: ServerThread): void {
  const { sys, options, memory, lane, tell } = thread;
  const listener = openListener(sys, options, 0);
  setTimeoutOf(sys, listener.fd, SO_SNDTIMEO, options.limits.sendTimeout); // each connection takes it over
  tell.listening(listener.fd, listener.address, options.backlog);

  const connection = new Connection();
  const acceptor = new Acceptor(thread, listener, 0, () => connection);
  const conversation = new Conversation(thread);
  while (!memory.stopping) {
    const acceptance = acceptor.acceptBlocking();
    if (acceptance === 'stopped') break;
    if (acceptance === 'no-room') napWithoutRoom(sys);
    if (acceptance !== 'accepted') continue;
    lane.fd = connection.fd;
    conversation.serve(connection);
  }
  sys.close(listener.fd);
}
