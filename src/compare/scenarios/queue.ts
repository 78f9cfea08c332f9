// More clients at once than a pool has threads: its queue fills up.

import type { Scenario } from '../scenario.js';
import { latencyOf, queueFilled, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 55,
  teaches:
    'A pool never has more threads than it began with, so clients wait: first in its own queue, and when that is full, in the accept queue of the kernel.',
  question:
    'A pool has four threads and a queue for sixteen connections. Thirty clients connect at once, and each request makes the server wait 200 ms. Where do the clients wait, and for how long?',
  measured: 'requests that wait 200 ms',
  modes: ['blocking', 'pool', 'evented'],
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('warm-up: thirty clients send a request, so threads start', (clients) => clients.warmUp(30));
    await step('thirty clients connect at once and request /sleep?ms=200', (clients) =>
      clients.quick({ requests: 30, target: '/sleep?ms=200' }),
    );
  },
  verdict: (models) => [latencyOf(models, 'such requests'), queueFilled(models), threadsNeeded(models)],
};
