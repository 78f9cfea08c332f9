// Handlers that wait: for a database, say.

import type { Scenario } from '../scenario.js';
import { latencyOf, startCost, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 50,
  teaches:
    'Waits can overlap: ten threads sleep side by side, and one loop keeps ten timers. A server that serves one client at a time adds the waits up.',
  question:
    'Ten clients send a request that makes the server wait 200 ms. When will the last one get its reply?',
  measured: 'requests that wait 200 ms',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('warm-up: ten clients send a request, so threads start', (clients) => clients.warmUp(10));
    await step('ten clients request /sleep?ms=200', (clients) =>
      clients.quick({ requests: 10, target: '/sleep?ms=200' }),
    );
  },
  verdict: (models) => [latencyOf(models, 'such requests'), threadsNeeded(models), startCost(models)],
};
