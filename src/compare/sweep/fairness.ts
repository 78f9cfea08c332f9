// Where a sweep is not fair, and what its figures do not say: told with every one of them.

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
          `A connection thread here is a worker thread of ${RUNTIME}, a whole ${JAVASCRIPT_ENGINE}${taken}; ${PTHREAD}. A server in C would come much further with threads.`,
        ]),
    'Memory is what the process holds resident, beyond what it had when it began to listen: some megabytes of that are V8 growing warm, whatever the model. What finds room in memory that V8 has already does not show, and what the kernel keeps for each socket is not in it.',
    'The models ran one after the other, but the clients ran on the same CPUs as the server they asked.',
    'Requests/s are over eight connections, from clients that share one thread. That thread is often the limit, not the server, so nothing is concluded from them.',
    'The probe is 300 requests at each number, so its p99 is the third slowest: one disturbance is enough to move it.',
    "The table from the book is of the calls alone, on its author's machine; compare how its rows grow, not its seconds.",
  ];
}
