// Connections that are kept and not used, and a few requests beside them.

import type { Scenario } from '../scenario.js';
import { latencyOf, memoryGrown, startCost, threadsNeeded } from '../verdict.js';

export const scenario: Scenario = {
  order: 70,
  teaches: 'An idle connection costs the blocking server a thread and the loop a few hundred bytes.',
  question:
    'Many clients keep their connection open and send nothing more. What does each connection cost the server?',
  measured: 'quick requests beside idle connections',
  serve: ['--keep-alive', '--timeout=0'],
  connections: 200,
  patienceMs: 30_000,
  run: async ({ connections, step }) => {
    await step(`${connections} clients send one request and keep their connection open`, (clients) =>
      clients.idle(connections),
    );
    await step('a hundred quick requests, one after the other', (clients) =>
      clients.quick({ requests: 100, atOnce: 1 }),
    );
    await step('all clients close', (clients) => clients.leave());
  },
  verdict: (models) => [
    threadsNeeded(models),
    memoryGrown(models),
    startCost(models),
    latencyOf(models, 'quick requests beside them'),
  ],
};
