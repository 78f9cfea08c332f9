// The rules that make sentences from figures: each says no more than the figures do, and nothing where there are none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figures, ModelResult } from '../../src/compare/comparison.js';
import {
  latencyOf,
  listed,
  memoryGrown,
  threadCost,
  threadsNeeded,
  throughput,
  whoAnswered,
} from '../../src/compare/verdict.js';
import type { Mode } from '../../src/models/options.js';

const MEGABYTE = 1024 * 1024;

const model = (mode: Mode, figures: Partial<Figures>, rest: Partial<ModelResult> = {}): ModelResult => ({
  mode,
  pid: 1,
  port: 1,
  samples: [],
  events: [],
  eventsMissing: 0,
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

const slowest = (mode: Mode, p99: number): ModelResult =>
  model(mode, { latency: { count: 100, p50: 1, p99, max: p99 } });

test('who answered is said of each, with the reason where one did not', () => {
  const iterative = model('iterative', { answered: 0, failed: 1, failures: { 'no reply in time': 1 } });
  const claim = whoAnswered([
    iterative,
    model('blocking', { answered: 1 }),
    model('evented', { answered: 1 }),
  ])!;
  assert.equal(claim.id, 'answered by blocking, evented');
  assert.equal(
    claim.text,
    'Iterative answered 0 of 1 request (1 no reply in time); blocking and evented answered 1 of 1 request.',
  );
  assert.equal(whoAnswered([iterative])!.id, 'answered by none');
  assert.equal(whoAnswered([]), undefined);
});

test('a latency many times as long is said to be so, the shortest first', () => {
  const claim = latencyOf([slowest('evented', 1_200_000), slowest('blocking', 8_000)], 'requests')!;
  assert.equal(claim.id, 'p99: blocking < evented');
  assert.equal(
    claim.text,
    'Of 100 requests, 99 were answered within 8.00 ms with blocking; 1.20 s with evented, 150 times as much.',
  );
});

test('what differs by less than twice, or by less than a person notices, is about the same', () => {
  const same = 'p99: blocking, evented';
  for (const [one, other] of [
    [1_000_000, 1_900_000],
    [1_000, 99_000],
  ] as const) {
    const there = latencyOf([slowest('blocking', one), slowest('evented', other)], 'requests')!;
    const back = latencyOf([slowest('blocking', other), slowest('evented', one)], 'requests')!;
    assert.deepEqual([there.id, back.id], [same, same]);
    assert.match(there.text, /about the same/);
  }
  const apart = latencyOf([slowest('blocking', 1_000_000), slowest('evented', 2_100_000)], 'requests')!;
  assert.equal(apart.id, 'p99: blocking < evented');
});

test('nothing is said of what was not measured, or of one model alone', () => {
  const nobody = model('iterative', { answered: 0 });
  assert.equal(latencyOf([nobody, slowest('evented', 5)], 'requests'), undefined);
  assert.equal(latencyOf([], 'requests'), undefined);
  assert.equal(throughput([nobody]), undefined);
  assert.equal(threadCost([nobody]), undefined);
  assert.equal(memoryGrown([nobody]), undefined);
});

test('threads, memory and start-up', () => {
  const models = [
    model('blocking', {
      peakThreads: 202,
      peakConnections: 201,
      peakMemory: 1870 * MEGABYTE,
      threadsStarted: 201,
      threadStartUs: 29_000,
    }),
    model('evented', { peakConnections: 201, peakMemory: 73 * MEGABYTE }),
  ];
  assert.deepEqual(threadsNeeded(models), {
    id: 'one thread: evented',
    text: 'At the most, blocking used 202 threads for 201 connections and evented 1 thread for 201 connections.',
  });
  assert.deepEqual(memoryGrown(models), {
    id: 'memory: evented < blocking',
    text: 'Memory grew by 3.0 MB with evented; 1,800 MB with blocking, 600 times as much.',
  });
  const cost = threadCost(models)!;
  assert.match(cost.text, /^Blocking started 201 threads, each in 29\.0 ms \(median\)/);
  assert.match(
    cost.text,
    /a pthread in C takes 0\.022 ms and 8 KiB/,
    "never without the pthread's beside it",
  );
});

test('full speed is told in numbers', () => {
  const load = (requestsPerSecond: number): Partial<ModelResult> => ({
    load: {
      connections: 16,
      seconds: 3,
      answered: 1,
      failed: 0,
      requestsPerSecond,
      latency: { count: 1, p50: 1, p99: 1, max: 1 },
      cpuUsPerRequest: 1,
    },
  });
  assert.equal(
    throughput([model('blocking', {}, load(30_000)), model('evented', {}, load(75_000))])!.text,
    'Alone and at full speed, requests a second: evented 75,000 and blocking 30,000, 2.5 times as many with evented.',
  );
});

test('a list is read as a person writes it', () => {
  assert.deepEqual(
    [listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])],
    ['', 'a', 'a and b', 'a, b and c'],
  );
});
