// Where a comparison is not fair, and what its figures do not say: told with every one of them.

import type { ModelResult } from './comparison.js';
import { megabytes, PTHREAD } from './verdict.js';

export function fairness(models: readonly ModelResult[], pace: string | undefined): string[] {
  const notes = [
    'All servers ran at the same time on this machine, and so did their clients: they took CPU from each other.',
    'CPU seconds and context switches are those of the threads that serve; each process also has one that tells the events, and Node has a few of its own.',
  ];
  if (models.some(({ load }) => load !== undefined)) {
    notes.push(
      'At full speed the servers ran one after the other, with no events told, over connections that were kept.',
    );
  }
  const threaded = models.find(({ figures }) => figures.threadsStarted > 0);
  if (threaded !== undefined) {
    const { peakMemory, memoryAtStart, threadsStarted } = threaded.figures;
    const each = Math.max(0, peakMemory - memoryAtStart) / threadsStarted;
    notes.push(
      `A connection thread here is a worker thread of Node, a whole V8: ${megabytes(each)} of memory each in this run; ${PTHREAD}. A server in C would show far less difference in memory and start-up.`,
    );
  }
  if (pace !== undefined) {
    notes.unshift(
      `Paced (${pace}): every server paused before each of its steps, so no duration is its own, and nothing was measured at full speed.`,
    );
  }
  return notes;
}
