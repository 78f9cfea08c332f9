// Clients whose request comes in a byte at a time, and quick ones beside them.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 30,
  teaches:
    'A slow request takes many reads. Between them a thread sleeps in recv, the loop serves other clients, and the iterative server lets all others wait.',
  question: 'Three clients send one byte every 30 milliseconds. Who else has to wait for them?',
  measured: 'quick requests beside slow senders',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('warm-up: eight clients send a request, so threads start', (clients) => clients.warmUp(8));
    await step('three clients send one byte every 30 ms, forty send quick requests', async (clients) => {
      const slow = clients.quick({ requests: 3, sendEveryMs: 30, measured: false });
      await Promise.all([slow, clients.quick({ requests: 40, everyMs: 25 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside them'), threadsNeeded(models)],
};
