// Clients whose request comes in a byte at a time, and quick ones beside them.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 30,
  teaches:
    'A request that trickles in is many reads: a thread sleeps between them in recv, the loop goes on with others, and the iterative server lets them wait.',
  question: 'Three clients send a byte every 30 milliseconds: who else has to wait for them?',
  measured: 'quick requests beside slow senders',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('eight clients ask at once, so that their threads are there', (clients) => clients.warmUp(8));
    await step('three clients send a byte every 30 ms, and forty quick ones ask', async (clients) => {
      const slow = clients.quick({ requests: 3, sendEveryMs: 30, measured: false });
      await Promise.all([slow, clients.quick({ requests: 40, everyMs: 25 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside them'), threadsNeeded(models)],
};
