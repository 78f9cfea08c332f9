// Where a comparison is not fair, and what its figures do not say: told with every one of them.

import { JAVASCRIPT_ENGINE, RUNTIME } from '../posix/runtime.js';
import type { ModelResult } from './comparison.js';
import { megabytes, memoryTaken, PTHREAD } from './verdict.js';

const MEASURED = [
  'Memory and CPU are looked at every 200 ms: a shorter peak of memory may be missing.',
  'CPU seconds, CPU for each request and context switches are those of the threads that serve; each process also has one that tells the events, and Node has a few of its own.',
];
const NOT_MEASURED = [
  'Memory, CPU time and context switches were not measured: they are read from /proc, which is not there.',
];

export function fairness(models: readonly ModelResult[], pace: string | undefined): string[] {
  const notes = [
    models.length > 1
      ? 'All servers ran at the same time on this machine, and so did their clients: they took CPU from each other.'
      : 'The clients ran on the same machine as the server: they took CPU from each other.',
    "All clients share one thread of JavaScript. The time that a reply waits for that thread is in the latencies, and is not the server's.",
    ...(models.some(({ figures }) => figures.peakMemory !== undefined) ? MEASURED : []),
    ...(models.some(({ pid, figures }) => pid !== 0 && figures.peakMemory === undefined) ? NOT_MEASURED : []),
  ];
  if (models.some(({ load }) => load !== undefined)) {
    notes.push(
      "At full speed the servers ran one after the other, with no events told, over connections that were kept. The clients share one thread: where a server used much less than a CPU, requests/s and their latencies are what the clients can do, not the server. CPU for each request is the server's own.",
    );
  }
  const threaded = models.find(({ figures }) => figures.threadsStarted > 0);
  if (threaded !== undefined) {
    const taken = memoryTaken(threaded);
    const each =
      taken === undefined
        ? ''
        : `: ${megabytes(taken / threaded.figures.threadsStarted)} of memory each in this run`;
    notes.push(
      `A connection thread here is a worker thread of ${RUNTIME}, a whole ${JAVASCRIPT_ENGINE}${each}; ${PTHREAD}. A server in C would show far less difference in memory and start-up.`,
    );
  }
  if (pace !== undefined) {
    notes.unshift(
      `Paced (${pace}): every server paused before each of its steps, so no duration is its own, and none is compared: threads pause side by side, a loop makes its pauses one after the other, and so looks slower than it is. Nothing was measured at full speed.`,
    );
  }
  return notes;
}
