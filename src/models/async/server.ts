// The async server: one thread, one loop, as in evented/server.ts, and conversations written with async and await.
// The loop resolves a promise where the evented server calls resume(): an await is no thread, it is a place to continue.

import type { Listener } from '../../net/listener.js';
import { SOCK_NONBLOCK } from '../../posix/constants.js';
import { ACCEPTS_A_TURN, Acceptor, WITHOUT_ROOM_MS } from '../acceptor.js';
import { Loop, onlyTime, readable, type Wait } from '../loop/loop.js';
import type { ServerThread } from '../server-thread.js';
import { AsyncCalls } from './async-calls.js';
import { AsyncConnection } from './connection.js';
import { Conversation } from './conversation.js';

export async function serve(thread: ServerThread): Promise<void> {
  const { options, memory, handle } = thread;
  const calls = thread.calls(SOCK_NONBLOCK);
  const listener = calls.listen(options);
  const loop = new Loop<Listener | AsyncConnection>(calls, options);
  const asyncCalls = new AsyncCalls(calls, loop, options.edgeTriggered);
  const conversation = new Conversation(thread, asyncCalls, loop);
  // Each a new object: the function that was suspended with the old one may still hold it.
  const objectFor = (): AsyncConnection => new AsyncConnection(options, handle, loop);
  const acceptor = new Acceptor(thread, calls, listener, objectFor, loop.limit);

  loop.arm(listener, readable());
  while (!memory.stopping) await turn();
  calls.closeListener(listener);
  for (const each of loop.all) if (each instanceof AsyncConnection) conversation.close(each, 'stopping');

  /** Sleeps until somebody can go on, then lets each go on until it awaits again. */
  async function turn(): Promise<void> {
    loop.wait();
    for (let each = loop.next(); each !== undefined; each = loop.next()) {
      if (each instanceof AsyncConnection) {
        each.mayRead = each.mayWrite = true;
        await asyncCalls.run(each.resume);
      } else {
        loop.arm(listener, await accept());
      }
    }
  }

  /** accept(2) until the accept queue is empty. A conversation begins with each connection. */
  async function accept(): Promise<Wait> {
    for (let i = 0; i < ACCEPTS_A_TURN; i++) {
      const accepted = acceptor.accept();
      if (accepted instanceof AsyncConnection) await asyncCalls.run(() => converse(accepted));
      else if (accepted === 'no-room') return onlyTime(loop.now + WITHOUT_ROOM_MS);
      else if (accepted !== 'again') break;
    }
    return readable();
  }

  function converse(c: AsyncConnection): void {
    void conversation.serve(c).then(() => asyncCalls.ended());
  }
}
