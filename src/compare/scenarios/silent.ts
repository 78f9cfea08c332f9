// Clients that connect and say nothing, and one that asks.

import type { Scenario } from '../scenario.js';
import { threadsNeeded, whoAnswered } from '../verdict.js';

export const scenario: Scenario = {
  order: 20,
  teaches:
    'A client that says nothing costs the iterative server everything, the blocking server a thread that sleeps, and the loop a line in its interest list.',
  question: 'Four clients connect and say nothing, then a fifth asks: which servers answer it?',
  measured: 'requests beside silent clients',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  patienceMs: 2000,
  pausesBeforeReply: 40,
  run: async ({ step }) => {
    await step('five clients ask at once, so that their threads are there', (clients) => clients.warmUp(5));
    await step('four clients connect and say nothing', (clients) => clients.silent(4));
    await step('a fifth asks, and waits two seconds at most', (clients) => clients.quick({ requests: 1 }));
    await step('the four close', (clients) => clients.leave());
  },
  verdict: (models) => [whoAnswered(models), threadsNeeded(models)],
};
