// A storm of connections: all clients connect at once, with a request that takes a while.

import type { Scenario } from '../scenario.js';
import { latencyOf, memoryGrown, startCost, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 80,
  teaches:
    'When all clients come at once, the kernel queues them until the server accepts. The blocking server has to start a thread for each or find an idle one; the loop accepts one after the other.',
  question:
    'Many clients connect at once, and each request makes the server wait 100 ms. Which server will finish first?',
  measured: 'requests of the first storm',
  connections: 100,
  patienceMs: 30_000,
  run: async ({ connections, step }) => {
    const storm = { requests: connections, target: '/sleep?ms=100' };
    await step(`${connections} clients connect at once and request /sleep?ms=100`, (clients) =>
      clients.quick(storm),
    );
    await step('the same again, with the threads that the first storm started', (clients) =>
      clients.quick({ ...storm, measured: false }),
    );
  },
  verdict: (models) => [
    latencyOf(models, 'requests of the first storm'),
    threadsNeeded(models),
    startCost(models),
    memoryGrown(models),
  ],
};
