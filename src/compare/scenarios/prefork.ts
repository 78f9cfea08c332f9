// A process that serves is killed: one of several, or the only one.

import type { Scenario } from '../scenario.js';
import { whoNoticed } from '../verdict.js';

export const scenario: Scenario = {
  order: 90,
  teaches:
    'A process that dies costs the connections that it serves. Where each client has a process of its own, that is one connection; where one process serves all, it is all of them.',
  question:
    'Four clients hold a connection. The process that serves the first of them is killed. Who will notice?',
  measured: 'requests after a process was killed',
  modes: ['blocking', 'evented', 'processes:prefork=4'],
  serve: ['--keep-alive', '--timeout=0'],
  kills: true,
  run: async ({ step }) => {
    await step('four clients send one request and keep their connection open', (clients) => clients.idle(4));
    await step(
      'the process of the first is killed; then all four ask again, and a fifth',
      async (clients) => {
        await clients.killServerOfFirst();
        await clients.askAgain();
        await clients.quick({ requests: 1 });
      },
    );
  },
  verdict: (models) => [whoNoticed(models)],
};
