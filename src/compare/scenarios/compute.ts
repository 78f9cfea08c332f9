// One handler that computes, while quick requests come in: where threads win.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 60,
  teaches:
    'Here threads win: the kernel takes the CPU from the thread that computes and gives it to the others, but nothing takes it from a handler that runs in the loop.',
  question: 'One request computes for 800 ms: how long do the quick ones beside it take?',
  measured: 'quick requests beside one that computes',
  run: async ({ step }) => {
    await step('three clients ask at once', (clients) => clients.quick({ requests: 3, measured: false }));
    await step('one asks for /compute?ms=800, and forty quick ones ask', async (clients) => {
      const compute = clients.quick({ requests: 1, target: '/compute?ms=800', measured: false });
      await Promise.all([compute, clients.quick({ requests: 40, everyMs: 20 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside it'), threadsNeeded(models)],
};
