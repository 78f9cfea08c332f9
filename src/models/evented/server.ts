// The evented server: one thread, one loop; with --loops, several. It sleeps in its poller alone, and the kernel says which
// sockets are ready. What a thread would keep on its stack, a connection keeps in its own object.

import { SOCK_NONBLOCK } from '../../posix/constants.js';
import { ACCEPTS_A_TURN, Acceptor, WITHOUT_ROOM_MS } from '../acceptor.js';
import type { Socket } from '../calls.js';
import { Loop, onlyTime, readable, type Wait } from '../loop/loop.js';
import type { ServerThread } from '../server-thread.js';
import { EventedConnection } from './connection.js';
import { Conversation } from './conversation.js';
import { closeListener, openLoopListener } from './listeners.js';
import { Workers } from './workers.js';

export function serve(thread: ServerThread): void {
  const { options, memory, handle } = thread;
  const calls = thread.calls(SOCK_NONBLOCK);
  const listener = openLoopListener(thread, calls);
  const loop = new Loop<Socket>(calls, options);
  const workers = options.workers > 0 ? new Workers(thread, calls) : undefined;
  const conversation = new Conversation(thread, calls, loop, workers);
  /** By descriptor. A closed one's object stays, for the next of that number. */
  const connections: EventedConnection[] = [];
  const objectFor = (fd: number): EventedConnection => {
    connections[fd] ??= new EventedConnection(options, handle, loop);
    return connections[fd];
  };
  const acceptor = new Acceptor(thread, calls, listener, objectFor, loop.limit);

  if (workers !== undefined) loop.arm(workers.waker, readable());
  loop.arm(listener, readable());
  while (!memory.stopping) turn();
  closeListener(thread, calls, listener);
  for (const each of loop.all) if (each instanceof EventedConnection) conversation.close(each, 'stopping');

  /** Sleeps until somebody can go on, then does all that can be done without sleeping. */
  function turn(): void {
    loop.wait();
    for (let each = loop.next(); each !== undefined; each = loop.next()) {
      if (each instanceof EventedConnection) {
        each.mayRead = true;
        each.computing = false; // whatever comes of it then, this connection has left
        conversation.resume(each);
      } else if (each === listener) loop.arm(listener, accept());
      else workers?.collect(conversation);
    }
  }

  /** accept(2) until the accept queue is empty. Each connection begins to wait for its request. */
  function accept(): Wait {
    for (let i = 0; i < ACCEPTS_A_TURN; i++) {
      const accepted = acceptor.accept();
      if (accepted instanceof EventedConnection) conversation.resume(accepted);
      else if (accepted === 'no-room')
        return onlyTime(loop.now + WITHOUT_ROOM_MS); // or it would be reported at once
      else if (accepted !== 'again') break;
    }
    return readable();
  }
}
