// One handler that computes, while quick requests come in: where threads win.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 60,
  teaches:
    'Here threads win: the kernel takes the CPU from the thread that computes and gives it to the others, but nothing takes it from a handler that runs in the loop.',
  question: 'One request computes for a second: how long do the quick ones beside it take?',
  measured: 'quick requests beside one that computes',
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('eight clients ask at once, so that their threads are there', (clients) => clients.warmUp(8));
    await step('one asks for /compute?ms=1000, and a hundred quick ones ask', async (clients) => {
      const compute = clients.quick({ requests: 1, target: '/compute?ms=1000', measured: false });
      await Promise.all([compute, clients.quick({ requests: 100, everyMs: 10 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside it'), threadsNeeded(models)],
};
