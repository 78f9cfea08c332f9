// The listener of a loop. One loop has it for itself. Several have one each with the same port, between which the kernel
// shares out the clients (SO_REUSEPORT), or all watch the same one (--share listener).

import type { Listener } from '../../net/listener.js';
import type { Calls } from '../calls.js';
import type { ServerThread } from '../server-thread.js';

export function openLoopListener(thread: ServerThread, calls: Calls): Listener {
  const { options, memory } = thread;
  if (options.loops === 1) return calls.listen(options);
  const isFirst = thread.shared.index === 0;
  const listener = isFirst ? calls.listenFirst(options) : furtherListener(thread, calls);
  memory.loopListens();
  // Not before all of them listen: a client that came now would always be the first loop's.
  if (isFirst && memory.waitForListening(options.loops)) calls.listening(listener, options.backlog);
  return listener;
}

function furtherListener({ options, shared }: ServerThread, calls: Calls): Listener {
  if (options.share === 'listener') return calls.firstListener();
  const listener = calls.listenToo(options);
  shared.fd = listener.fd; // a stop wakes the loop that sleeps on it
  return listener;
}

/** A listener that loops share is closed by the last of them: it is what wakes the others. */
export function closeListener(
  { options, memory, shared }: ServerThread,
  calls: Calls,
  listener: Listener,
): void {
  const left = memory.loopStopsListening();
  shared.fd = -1;
  if (options.share !== 'listener' || left === 0) calls.closeListener(listener);
}
