// Handlers that wait: for a database, say.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadCost, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 50,
  teaches:
    'Waiting can be shared: ten threads sleep side by side, and ten timers wait in one loop, but one at a time adds up.',
  question: 'Ten clients ask for something that takes 200 ms of waiting: when has the last one its reply?',
  measured: 'requests that wait 200 ms',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('ten clients ask at once, so that their threads are there', (clients) => clients.warmUp(10));
    await step('ten clients ask for /sleep?ms=200', (clients) =>
      clients.quick({ requests: 10, target: '/sleep?ms=200' }),
    );
  },
  verdict: (models) => [latencyOf(models, 'such requests'), threadsNeeded(models), threadCost(models)],
};
