// One handler that computes, while quick requests come in: where threads win.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 60,
  teaches:
    'Here threads win. The kernel takes the CPU from the computing thread and gives it to the others, but nothing interrupts a handler that runs in the loop.',
  question: 'One request computes for a second. How long will the quick requests beside it take?',
  measured: 'quick requests beside one that computes',
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('warm-up: eight clients send a request, so threads start', (clients) => clients.warmUp(8));
    await step('one client requests /compute?ms=1000, a hundred send quick requests', async (clients) => {
      const compute = clients.quick({ requests: 1, target: '/compute?ms=1000', measured: false });
      await Promise.all([compute, clients.quick({ requests: 100, everyMs: 10 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside it'), threadsNeeded(models)],
};
