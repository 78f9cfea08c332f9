// A storm of connections: everybody connects in the same moment, and does it again.

import type { Scenario } from '../scenario.js';
import { latencyOf, memoryGrown, threadCost, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 80,
  teaches:
    'When all come at once, the kernel queues them for whoever accepts: a thread has to be started for each, or found idle; the loop takes one after the other.',
  question: 'A hundred clients connect in the same moment: which server answers the last one first?',
  measured: 'requests of the first storm',
  connections: 100,
  run: async ({ connections, step }) => {
    await step(`${connections} clients connect and ask at once`, (clients) =>
      clients.quick({ requests: connections }),
    );
    await step('and once more, now that the threads are there', (clients) =>
      clients.quick({ requests: connections, measured: false }),
    );
  },
  verdict: (models) => [
    latencyOf(models, 'requests of the first storm'),
    threadsNeeded(models),
    threadCost(models),
    memoryGrown(models),
  ],
};
