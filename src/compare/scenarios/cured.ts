// One handler that computes, while quick requests come in, as in `compute`: and a loop that hands it to a worker.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 62,
  teaches:
    'A loop that hands what it has to compute to a worker thread serves the others meanwhile, and needs one thread more, not one for each connection.',
  question:
    'One request computes for a second, and the loop has two workers: how long do the quick ones take?',
  measured: 'quick requests beside one that computes',
  modes: ['blocking', 'evented', 'evented:workers=2'],
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
