// Many short requests: the case that every server is built for.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded, throughput } from '../verdict.js';

export const scenario: Scenario = {
  order: 10,
  teaches: 'With short requests both models do well: what differs is who waits for the next one, and where.',
  question: 'Ten clients ask ten times each, a connection each time: how many threads will each server use?',
  measured: 'quick requests',
  serve: ['--keep-alive'],
  load: { connections: 16, seconds: 3 },
  run: async ({ step }) => {
    await step('one client asks', (clients) => clients.quick({ requests: 1, measured: false }));
    await step('ten clients ask, ten times each', (clients) => clients.quick({ requests: 100, atOnce: 10 }));
  },
  verdict: (models) => [threadsNeeded(models), latencyOf(models, 'quick requests'), throughput(models)],
};
