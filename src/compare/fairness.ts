// Where a comparison is not fair, and what its figures do not say: printed with every comparison.

import { byPace, modeOf } from '../models/options.js';
import { JAVASCRIPT_ENGINE, RUNTIME } from '../posix/runtime.js';
import type { ModelResult } from './comparison.js';
import { megabytes, memoryTaken, PTHREAD } from './verdict.js';

const MEASURED = [
  'Memory and CPU time were read every 200 ms: a short peak may be missing.',
  'CPU time and context switches count only the threads that serve.',
];
const NOT_MEASURED = [
  'Memory, CPU time and context switches were not measured: they come from /proc, which this system does not have.',
];

export function fairness(models: readonly ModelResult[], pace: string | undefined): string[] {
  const notes = [
    models.length > 1
      ? 'All servers and their clients shared the CPUs of this machine.'
      : 'The server and its clients shared the CPUs of this machine.',
    'All clients share one JavaScript thread; latencies include the wait for it.',
    ...(models.some(({ figures }) => figures.peakMemory !== undefined) ? MEASURED : []),
    ...(models.some(({ pid, figures }) => pid !== 0 && figures.peakMemory === undefined) ? NOT_MEASURED : []),
  ];
  if (models.some(({ load }) => load !== undefined)) {
    notes.push(
      'At full speed the servers ran one after the other, reported no events and kept their connections open. Where a server used much less than one CPU, its requests per second and latencies show the limit of the clients. CPU for each request is always its own.',
    );
  }
  const threaded = models.find(
    ({ mode, figures }) => figures.threadsStarted > 0 && modeOf(mode) !== 'processes',
  );
  if (threaded !== undefined) {
    const taken = memoryTaken(threaded);
    const each =
      taken === undefined ? '' : `, ${megabytes(taken / threaded.figures.threadsStarted)} in this run`;
    notes.push(
      `Each connection thread is a worker thread of ${RUNTIME} here, a whole ${JAVASCRIPT_ENGINE}${each}; ${PTHREAD}. In C the servers would differ far less.`,
    );
  }
  if (pace !== undefined) {
    notes.unshift(
      `Slowed down ${byPace(pace)}: every server paused before each of its steps, so durations are not its own and are not compared. Threads pause side by side. A loop pauses once for each step, one after the other, and so looks slower than it is. Nothing was measured at full speed.`,
    );
  }
  return notes;
}
