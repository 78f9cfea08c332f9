// The completion server: one thread, one loop, as in evented/server.ts. It does not ask which sockets are ready, it asks the
// kernel to do the work and learns when it is done. It sleeps in io_uring_enter(2), and makes hardly another call.

import { SOCK_NONBLOCK } from '../../posix/constants.js';
import { Acceptor, WITHOUT_ROOM_MS } from '../acceptor.js';
import type { Timed } from '../loop/timers.js';
import type { ServerThread } from '../server-thread.js';
import { CompletionConnection } from './connection.js';
import { Conversation } from './conversation.js';
import { type Done, Operations } from './operations.js';
import { IoUring } from './ring.js';

/** Submissions that one call hands in, and completions for which there is room. */
const RING = { submissions: 1024, completions: 4096 };
/** How long a stop waits for what is in flight, in milliseconds. */
const MOST_TO_STOP_MS = 1_000;

export function serve(thread: ServerThread): void {
  const { options, memory, handle } = thread;
  const calls = thread.calls(SOCK_NONBLOCK);
  const ring = new IoUring(calls, RING);
  const listener = calls.listen(options);
  const operations = new Operations(calls, ring, listener, options.keepAlive);
  const conversation = new Conversation(thread, operations);
  const acceptor = new Acceptor(thread, calls, listener, () =>
    operations.connection((slot) => new CompletionConnection(slot, options, handle, operations)),
  );
  /** While there is no descriptor for one more connection. */
  const pause: Timed = { due: Number.POSITIVE_INFINITY, heapIndex: -1, heapTime: 0 };

  operations.accept();
  while (!memory.stopping) turn();
  stop();

  /** Continues the connections that waited for what is done, then those whose time has come. */
  function turn(): void {
    takeWhatIsDone();
    for (let due = operations.nextDue(); due !== undefined; due = operations.nextDue()) {
      if (due instanceof CompletionConnection) conversation.resume(due);
      else operations.accept();
    }
  }

  /** Sleeps until something is done, or a time has come. */
  function takeWhatIsDone(limitMs?: number): void {
    operations.wait(limitMs);
    for (let done = operations.next(); done !== undefined; done = operations.next()) {
      take(done);
      operations.release(done);
    }
  }

  /** What has no connection is about the listener: its accept, or at the end the cancel of that. */
  function take(done: Done): void {
    const { connection, operation } = done;
    if (operation === 'accept') accepted(done);
    else if (connection === undefined) return;
    else if (operation === 'getsockopt') named(connection, done);
    else conversation.completed(connection, done);
  }

  /** A connection, or why there is none. accept(2) goes on by itself until something is wrong. */
  function accepted({ result, goesOn }: Done): void {
    if (result >= 0) {
      const c = acceptor.opened(result);
      operations.getpeername(c);
      conversation.resume(c);
    } else if (acceptor.notAccepted(result) === 'no-room')
      return operations.until(pause, operations.now + WITHOUT_ROOM_MS); // or it would fail at once
    if (!goesOn && !memory.stopping) operations.accept();
  }

  /** The client's address is known, before anything that it sent: what is asked for first is also done first. */
  function named(c: CompletionConnection, { result }: Done): void {
    if (result < 0) c.peer.fill(0); // its address is not known any longer; it is served anyway
    if (acceptor.admit(c) !== c) conversation.forget(c);
  }

  /** Who was accepted just now is closed too, as soon as its address is known. */
  function stop(): void {
    const end = performance.now() + MOST_TO_STOP_MS;
    operations.cancelAccept();
    for (;;) {
      for (const each of operations.open) if (!each.naming) conversation.close(each, 'stopping');
      if (operations.inFlight === 0 || performance.now() >= end) break;
      takeWhatIsDone(MOST_TO_STOP_MS);
    }
    calls.closeListener(listener);
  }
}
