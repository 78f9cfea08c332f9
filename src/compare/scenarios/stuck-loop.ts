// Two loops, and a handler that computes in one of them: who waits for it depends on who chose the loop.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { latencyOf } from '../verdict.js';

/** So that the loop computes by then: whoever it has accepted before waits for it too, whatever the listener. */
const BEFORE_QUICK_ONES_MS = 300;

export const scenario: Scenario = {
  order: 64,
  teaches:
    'Where each loop has a listener of its own, the kernel sends clients to a loop that is stuck too; where all share one listener, a loop that is free takes them.',
  question: 'One of two loops computes for a second: how many of the quick clients notice?',
  measured: 'quick requests while one loop computes',
  modes: ['evented', 'evented:loops=2', 'evented:loops=2:share=listener'],
  run: async ({ step }) => {
    await step('one asks for /compute?ms=1000, and a moment later forty quick ones ask', async (clients) => {
      const compute = clients.quick({ requests: 1, target: '/compute?ms=1000', measured: false });
      await sleep(BEFORE_QUICK_ONES_MS);
      await Promise.all([compute, clients.quick({ requests: 40, everyMs: 20 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside it')],
};
