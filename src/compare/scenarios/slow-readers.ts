// Clients that read a long reply slowly, and quick ones beside them.

import type { Scenario } from '../scenario.js';
import { latencyOf, threadsNeeded } from '../verdict.js';

const MEGABYTE = 1_000_000;

export const scenario: Scenario = {
  order: 40,
  teaches:
    "A reply that the client does not read fills the kernel's buffer. Then a thread sleeps in send; the loop watches for EPOLLOUT and serves other clients.",
  question: 'Three clients read 30 MB each, slowly. What does each server do while their buffers are full?',
  measured: 'quick requests beside slow readers',
  modes: ['iterative', 'blocking', 'evented'],
  serve: ['--keep-alive'],
  run: async ({ step }) => {
    await step('warm-up: eight clients send a request, so threads start', (clients) => clients.warmUp(8));
    await step('three clients read 30 MB slowly, twenty send quick requests', async (clients) => {
      const slow = clients.quick({
        requests: 3,
        target: `/bytes?count=${30 * MEGABYTE}`,
        read: { bytes: 0.8 * MEGABYTE, everyMs: 25 },
        measured: false,
      });
      await Promise.all([slow, clients.quick({ requests: 20, everyMs: 25 })]);
    });
  },
  verdict: (models) => [latencyOf(models, 'quick requests beside them'), threadsNeeded(models)],
};
