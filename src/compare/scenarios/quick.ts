// Many short requests: the case that every server is built for.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded, throughput } from '../verdict.js';

export const scenario: Scenario = {
  order: 10,
  teaches:
    'Both models handle short requests well. They differ in who waits for the next request, and in which call.',
  question:
    'Ten clients send ten requests each, every request on a new connection. How many threads will each server use?',
  measured: 'quick requests',
  serve: ['--keep-alive'],
  load: { connections: 16, seconds: 3 },
  run: async ({ step }) => {
    await step('one client sends a request', (clients) => clients.quick({ requests: 1, measured: false }));
    await step('ten clients send ten requests each', (clients) =>
      clients.quick({ requests: 100, atOnce: 10 }),
    );
  },
  verdict: (models) => [threadsNeeded(models), latencyOf(models, 'quick requests'), throughput(models)],
};
