// Where a comparison is not fair, and what its figures do not say: told with every one of them.

import type { ModelResult } from './comparison.js';
import { megabytes, memoryTaken, PTHREAD } from './verdict.js';

export function fairness(models: readonly ModelResult[], pace: string | undefined): string[] {
  const notes = [
    models.length > 1
      ? 'All servers ran at the same time on this machine, and so did their clients: they took CPU from each other.'
      : 'The clients ran on the same machine as the server: they took CPU from each other.',
    "All clients share one thread of JavaScript. The time that a reply waits for that thread is in the latencies, and is not the server's.",
    'Memory and the curves are looked at every 200 ms: a shorter peak of memory may be missing, and one of threads or connections may stand in the table and in no curve.',
    'CPU seconds and context switches are those of the threads that serve; each process also has one that tells the events, and Node has a few of its own.',
  ];
  if (models.some(({ load }) => load !== undefined)) {
    notes.push(
      "At full speed the servers ran one after the other, with no events told, over connections that were kept. The clients share one thread: where a server used much less than a CPU, requests/s and their latencies are what the clients can do, not the server. CPU for each request is the server's own.",
    );
  }
  const threaded = models.find(({ figures }) => figures.threadsStarted > 0);
  if (threaded !== undefined) {
    const each = memoryTaken(threaded) / threaded.figures.threadsStarted;
    notes.push(
      `A connection thread here is a worker thread of Node, a whole V8: ${megabytes(each)} of memory each in this run; ${PTHREAD}. A server in C would show far less difference in memory and start-up.`,
    );
  }
  if (pace !== undefined) {
    notes.unshift(
      `Paced (${pace}): every server paused before each of its steps, so no duration is its own, and none is compared: threads pause side by side, a loop makes its pauses one after the other, and so looks slower than it is. Nothing was measured at full speed.`,
    );
  }
  return notes;
}
