// A storm of connections: everybody connects in the same moment and asks for something that takes a while.

import type { Scenario } from '../scenario.js';
import { latencyOf, memoryGrown, threadCost, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 80,
  teaches:
    'When all come at once, the kernel queues them for whoever accepts: a thread has to be started for each, or found idle; the loop takes one after the other.',
  question:
    'A hundred clients connect in the same moment, each for 100 ms of waiting: which server is done first?',
  measured: 'requests of the first storm',
  connections: 100,
  patienceMs: 30_000,
  run: async ({ connections, step }) => {
    const storm = { requests: connections, target: '/sleep?ms=100' };
    await step(`${connections} clients connect and ask for /sleep?ms=100 at once`, (clients) =>
      clients.quick(storm),
    );
    await step('and once more, with the threads that the first storm has started', (clients) =>
      clients.quick({ ...storm, measured: false }),
    );
  },
  verdict: (models) => [
    latencyOf(models, 'requests of the first storm'),
    threadsNeeded(models),
    threadCost(models),
    memoryGrown(models),
  ],
};
