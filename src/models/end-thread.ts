// The end of a thread, whatever it is built on.

import type { ServingThread } from './server-thread.js';

/** The thread's last event. Only then does it count as ended: the main thread waits for that. */
export function endThread({ report, memory }: ServingThread): void {
  report.threadEnded();
  memory.threadEnded();
}
