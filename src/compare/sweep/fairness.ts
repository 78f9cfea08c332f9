// Where a sweep is not fair, and what its figures do not say: printed with every sweep.

import { costOf, startedForEach } from '../started.js';
import { memoryText } from './quantities.js';
import type { SweptModel } from './result.js';
import { memoryPerConnection } from './verdict.js';

export function sweepFairness(models: readonly SweptModel[]): string[] {
  return [
    ...models.filter(({ points }) => points.length > 0).flatMap(costInC),
    'Memory is the resident memory added since the server began to listen. Some megabytes of it are V8 warming up, with any model. It does not include what fits into memory that V8 already has, nor what the kernel keeps for each socket.',
    'The models ran one after the other, but each server shared the CPUs with its clients.',
    'Requests/s are measured over eight connections, or over one if the model serves few at once. The clients share one thread, which is often the limit, so no sentence compares them.',
    'The probe is 300 requests at each number, so its p99 is the third slowest. One disturbance can change it.',
    ...(models.some(({ points }) => points.some(({ probe }) => probe.count < 100))
      ? [
          'With processes the probe is 10 requests, because each starts a process. Its p99 is the slowest of them.',
        ]
      : []),
    "The table from the book measures the calls alone, on its author's machine. Compare how its rows grow, not its seconds.",
  ];
}

function costInC(model: SweptModel): string[] {
  const started = startedForEach(model.mode);
  if (started === undefined) return [];
  const each = memoryPerConnection(model);
  const taken = each === undefined ? '' : `, which took ${memoryText(each.value)} of memory in this run`;
  return [`${costOf(started, taken)} A server in C would reach far more connections with ${started.many}.`];
}
