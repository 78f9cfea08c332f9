// Where a sweep is not fair, and what its figures do not say: printed with every sweep.

import { JAVASCRIPT_ENGINE, RUNTIME } from '../../posix/runtime.js';
import { PTHREAD } from '../verdict.js';
import { memoryText } from './quantities.js';
import type { SweptModel } from './result.js';
import { hasThreadEach, memoryPerConnection } from './verdict.js';

export function fairness(models: readonly SweptModel[]): string[] {
  const threaded = models.find(hasThreadEach);
  const each = threaded && memoryPerConnection(threaded);
  const taken = each === undefined ? '' : `, which took ${memoryText(each.value)} of memory in this run`;
  return [
    ...(threaded === undefined
      ? []
      : [
          `Each connection thread is a worker thread of ${RUNTIME} here, a whole ${JAVASCRIPT_ENGINE}${taken}; ${PTHREAD}. A server in C would reach far more connections with threads.`,
        ]),
    'Memory is the resident memory added since the server began to listen. Some megabytes of it are V8 warming up, with any model. It does not include what fits into memory that V8 already has, nor what the kernel keeps for each socket.',
    'The models ran one after the other, but each server shared the CPUs with its clients.',
    'Requests/s are measured over eight connections, from clients that share one thread. That thread is often the limit, so no sentence compares them.',
    'The probe is 300 requests at each number, so its p99 is the third slowest. One disturbance can change it.',
    "The table from the book measures the calls alone, on its author's machine. Compare how its rows grow, not its seconds.",
  ];
}
