// Made-up figures of models, for the tests of what is said of them.

import type { Comparison, Figures, LoadFigures, ModelResult } from '../../src/compare/comparison.js';
import type { Mode } from '../../src/models/options.js';

export const MEGABYTE = 1024 * 1024;

/** It answered ten, on one thread, and took on 10 MB. */
export const model = (
  mode: Mode,
  figures: Partial<Figures> = {},
  rest: Partial<ModelResult> = {},
): ModelResult => ({
  mode,
  pid: 1,
  port: 1,
  samples: [],
  events: [],
  eventsMissing: 0,
  clients: [],
  figures: {
    answered: 10,
    failed: 0,
    failures: {},
    peakConnections: 1,
    peakThreads: 1,
    peakMemory: 80 * MEGABYTE,
    memoryAtStart: 70 * MEGABYTE,
    cpuSeconds: 0,
    voluntarySwitches: 0,
    involuntarySwitches: 0,
    threadsStarted: 0,
    ...figures,
  },
  ...rest,
});

/** At full speed. */
export const loaded = (mode: Mode, requestsPerSecond: number, cpuUsPerRequest: number): ModelResult => {
  const load: LoadFigures = {
    connections: 16,
    seconds: 3,
    answered: requestsPerSecond * 3,
    failed: 0,
    failures: {},
    requestsPerSecond,
    latency: { count: 1000, p50: 1, p99: 1, max: 1 },
    cpuUsPerRequest,
  };
  return model(mode, {}, { load });
};

export const comparison = (
  models: readonly ModelResult[],
  changed: Partial<Comparison> = {},
): Comparison => ({
  version: '0.0.0',
  scenario: { name: 'made-up', teaches: 'Something.', question: 'What?', measured: 'quick requests' },
  machine: { cpus: 2, cpu: 'some', memoryBytes: 1, kernel: '6', node: 'v20' },
  startedAt: '2026-11-23T00:00:00.000Z',
  durationUs: 1e6,
  cutShort: false,
  steps: [],
  models,
  verdict: [],
  fairness: [],
  ...changed,
});
