// Clients that connect and say nothing, and one that asks.

import type { Scenario } from '../scenario.js';
import { threadsNeeded, whoAnswered } from '../verdict.js';

export const scenario: Scenario = {
  order: 20,
  teaches:
    'A client that says nothing costs the iterative server everything, the blocking server a sleeping thread, and the loop an entry in its interest list.',
  question:
    'Four clients connect and say nothing, then a fifth sends a request. Which servers will answer it?',
  measured: 'requests beside silent clients',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  patienceMs: 2000,
  pausesBeforeReply: 40,
  run: async ({ step }) => {
    await step('warm-up: five clients send a request, so threads start', (clients) => clients.warmUp(5));
    await step('four clients connect and say nothing', (clients) => clients.silent(4));
    await step('a fifth sends a request, and waits for at most two seconds', (clients) =>
      clients.quick({ requests: 1 }),
    );
    await step('the four close', (clients) => clients.leave());
  },
  verdict: (models) => [whoAnswered(models), threadsNeeded(models)],
};
