// Where a comparison is not fair, and what its figures do not say: printed with every comparison.

import { byPace } from '../models/options.js';
import type { ModelResult } from './comparison.js';
import { costOf, startedBy } from './started.js';
import { isOther, listed, megabytes, memoryTaken, modes } from './verdict.js';

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
  const others = listed(modes(models.filter(isOther)));
  if (others !== '')
    notes.push(
      `The times, the CPU time and the context switches of ${others} include what strace costs. All threads and processes of such a server are counted, whatever they do.`,
    );
  if (models.some(({ load }) => load !== undefined)) {
    notes.push(
      'At full speed the servers ran one after the other, reported no events and kept their connections open. Where a server used much less than one CPU, its requests per second and latencies show the limit of the clients. CPU for each request is always its own.',
    );
  }
  const costs = models.filter(({ figures }) => figures.threadsStarted > 0).map(startCost);
  if (costs.length > 0) notes.push(`${costs.join(' ')} In C the servers would differ far less.`);
  if (pace !== undefined) {
    notes.unshift(
      `Slowed down ${byPace(pace)}: every server paused before each of its steps, so durations are not its own and are not compared. Threads pause side by side. A loop pauses once for each step, one after the other, and so looks slower than it is. Nothing was measured at full speed.`,
    );
  }
  return notes;
}

function startCost(model: ModelResult): string {
  const taken = memoryTaken(model);
  const { threadsStarted, peakThreads } = model.figures;
  // Beside the first thread, which accepts. A process that has ended has given its memory back.
  const atOnce = Math.max(1, Math.min(threadsStarted, peakThreads - 1));
  const each = taken === undefined ? '' : `, ${megabytes(taken / atOnce)} in this run`;
  return costOf(startedBy(model.mode), each);
}
