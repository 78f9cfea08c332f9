// The rules that make sentences from figures: each says no more than the figures do, and nothing where there are none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Latency } from '../../src/clients/tally.js';
import type { ModelResult } from '../../src/compare/comparison.js';
import { loadScenario, missingFrom } from '../../src/compare/scenario.js';
import {
  claimsOf,
  latencyOf,
  lessonOf,
  listed,
  memoryGrown,
  startCost,
  threadsNeeded,
  throughput,
  whoAnswered,
} from '../../src/compare/verdict.js';
import type { Mode, ModelName } from '../../src/models/options.js';
import { comparison, loaded, MEGABYTE, model } from './made-up.js';

const latency = (count: number, p99: number, max = p99): Latency => ({ count, p50: 1, p99, max });

const slowest = (mode: Mode, p99: number): ModelResult => model(mode, { latency: latency(100, p99) });

const grown = (mode: Mode, megabytes: number): ModelResult =>
  model(mode, { peakMemory: (70 + megabytes) * MEGABYTE });

test('a lesson about servers that did not run says which, and any variant of a model stands for it', async () => {
  const prefork = await loadScenario('prefork');
  const told = (...running: ModelName[]): string => {
    const missing = missingFrom(prefork, running);
    const { scenario } = comparison([]);
    return lessonOf({ scenario: { ...scenario, ...(missing.length > 0 && { missing }) } });
  };
  assert.equal(told('evented'), 'Something. Here blocking and processes:prefork=4 did not run.');
  assert.equal(told('evented:loops=2', 'blocking', 'processes:prefork=4'), 'Something.');
});

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

test('that requests failed is said of whatever scenario, and said once', () => {
  const failing = model('iterative', { answered: 498, failed: 302, failures: { 'no reply in time': 302 } });
  const models = [failing, model('evented', { answered: 800 })];
  const said = 'Iterative answered 498 of 800 requests (302 no reply in time)';
  for (const verdict of [() => [threadsNeeded(models)], () => [whoAnswered(models), threadsNeeded(models)]]) {
    const claims = claimsOf({ verdict }, models, false);
    assert.equal(claims.length, 2);
    assert.ok(claims[0]!.text.startsWith(said), claims[0]!.text);
  }
  const sound = [model('blocking'), model('evented')];
  assert.deepEqual(claimsOf({ verdict: () => [] }, sound, false), []);
});

test('of a paced run nothing is said that rests on a duration', () => {
  const verdict = (models: readonly ModelResult[]) => [
    latencyOf(models, 'requests'),
    threadsNeeded(models),
    startCost(models),
    memoryGrown(models),
  ];
  const models = [
    model('blocking', { latency: latency(100, 1_000_000), threadsStarted: 3, threadStartUs: 400_000 }),
    model('evented', { latency: latency(100, 4_300_000) }),
  ];
  const ids = (paced: boolean): string[] => claimsOf({ verdict }, models, paced).map(({ id }) => id);
  const [threads, memory] = ['one thread: blocking, evented', 'memory: blocking, evented'];
  assert.deepEqual(ids(false), ['p99: blocking < evented', threads, 'threads started: blocking', memory]);
  assert.deepEqual(ids(true), [threads, memory]);
});

test('a latency many times as long is said to be so, the shortest first', () => {
  const claim = latencyOf([slowest('evented', 1_200_000), slowest('blocking', 8_000)], 'requests')!;
  assert.equal(claim.id, 'p99: blocking < evented');
  assert.equal(
    claim.text,
    'Of 100 requests, 99 were answered within 8.00 ms with blocking; 1.20 s with evented, 150 times as long.',
  );
});

test('where requests failed, a latency is that of the others, and says of how many', () => {
  const evented = model('evented', { latency: latency(400, 250_000) });
  const iterative = (answered: number): ModelResult =>
    model('iterative', { latency: latency(answered, 29_900_000), measuredFailed: 400 - answered });
  const many = latencyOf([iterative(298), evented], 'requests')!;
  assert.equal(many.id, 'p99: evented < iterative');
  assert.equal(
    many.text,
    'Of 100 requests, 99 were answered within 250 ms with evented; 29.9 s with iterative, counting only those it answered (298 of 400), 120 times as long.',
  );
  const few = latencyOf([iterative(8), evented], 'requests')!;
  assert.match(few.text, /^The slowest of 400 requests was answered within 250 ms with evented;/);
  assert.match(few.text, /with iterative, counting only those it answered \(8 of 400\)/);
});

test('of fewer than a hundred requests the slowest is told', () => {
  const of = (mode: Mode, max: number): ModelResult => model(mode, { latency: latency(10, 1, max) });
  const claim = latencyOf([of('blocking', 210_000), of('iterative', 2_100_000)], 'such requests')!;
  assert.equal(claim.id, 'p99: blocking < iterative');
  assert.equal(
    claim.text,
    'All 10 such requests were answered within 210 ms with blocking; 2.10 s with iterative, 10 times as long.',
  );
  const one = (mode: Mode): ModelResult => model(mode, { latency: latency(1, 1) });
  assert.equal(latencyOf([one('blocking'), one('evented')], 'requests'), undefined);
});

test('what differs by less than twice is about the same, and what no person notices is called that', () => {
  const same = 'p99: blocking, evented';
  for (const [one, other, text] of [
    [1_000_000, 1_900_000, 'about the same time: 1.00 s with blocking and 1.90 s with evented.'],
    [
      900,
      99_000,
      '900 us with blocking and 99.0 ms with evented, too small a difference for a person to notice.',
    ],
  ] as const) {
    const there = latencyOf([slowest('blocking', one), slowest('evented', other)], 'requests')!;
    const back = latencyOf([slowest('blocking', other), slowest('evented', one)], 'requests')!;
    assert.deepEqual([there.id, back.id], [same, same]);
    assert.equal(there.text, `Of 100 requests, 99 were answered within ${text}`);
  }
  const apart = latencyOf([slowest('blocking', 1_000_000), slowest('evented', 2_100_000)], 'requests')!;
  assert.equal(apart.id, 'p99: blocking < evented');
});

test('nothing is said of what was not measured, or of one model alone', () => {
  const nobody = model('iterative', { answered: 0 });
  assert.equal(latencyOf([nobody, slowest('evented', 5)], 'requests'), undefined);
  assert.equal(latencyOf([], 'requests'), undefined);
  assert.equal(throughput([nobody]), undefined);
  assert.equal(throughput([loaded('evented', 50_000, 17)]), undefined);
  assert.equal(startCost([nobody]), undefined);
  assert.equal(memoryGrown([nobody]), undefined);
});

test('threads and start-up', () => {
  const models = [
    model('blocking', {
      peakThreads: 202,
      peakConnections: 201,
      threadsStarted: 201,
      threadStartUs: 29_000,
    }),
    model('evented', { peakConnections: 201 }),
  ];
  assert.deepEqual(threadsNeeded(models), {
    id: 'one thread: evented',
    text: 'Blocking used up to 202 threads for 201 connections and evented 1 thread for 201 connections.',
  });
  const cost = startCost(models)!;
  assert.match(cost.text, /^Blocking started 201 threads, in 29\.0 ms each \(median\)/);
  assert.match(
    cost.text,
    /a pthread in C takes 0\.022 ms and 8 KiB/,
    "never without the pthread's beside it",
  );
  const processes = model('processes', { threadsStarted: 24, threadStartUs: 600_000 });
  const both = startCost([...models, processes])!;
  assert.equal(both.id, 'threads started: blocking, processes');
  assert.match(
    both.text,
    /Processes started 24 processes, in 600 ms each .*a whole V8 .*Each process is a whole Node here; a fork in C/,
  );
});

test('memory that hardly grew is no measure of other memory, and differs from none that hardly grew', () => {
  assert.deepEqual(memoryGrown([grown('blocking', 1_800), grown('evented', 0)]), {
    id: 'memory: evented < blocking',
    text: 'Memory added: hardly any (less than 8 MB) with evented; 1,800 MB with blocking.',
  });
  assert.deepEqual(memoryGrown([grown('iterative', 1.1), grown('evented', 5)]), {
    id: 'memory: evented, iterative',
    text: 'Memory added: hardly any (less than 8 MB) with iterative and evented.',
  });
  assert.equal(
    memoryGrown([grown('blocking', 1_800), grown('evented', 30)])!.text,
    'Memory added: 30 MB with evented; 1,800 MB with blocking, 60 times as much.',
  );
});

test('servers that waited for the load generator are not ranked by requests a second, but by CPU', () => {
  const waited = throughput([loaded('blocking', 26_273, 29.4), loaded('evented', 21_705, 16.7)])!;
  assert.equal(
    waited.text,
    'CPU for each request, alone at full speed: 17 us with evented and 29 us with blocking, 1.8 times as much. Do not compare requests per second: evented used 0.36 of a CPU and blocking 0.77, so the clients were the limit.',
  );
  const busy = throughput([loaded('blocking', 30_000, 30), loaded('evented', 58_000, 16.7)])!;
  assert.equal(
    busy.text,
    'CPU for each request, alone at full speed: 17 us with evented and 30 us with blocking, 1.8 times as much; requests per second: 58,000 with evented and 30,000 with blocking, 1.9 times as many.',
  );
  assert.equal(waited.id, busy.id, 'which of them it is depends on the machine');
});

test('a list is read as a person writes it', () => {
  assert.deepEqual(
    [listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])],
    ['', 'a', 'a and b', 'a, b and c'],
  );
});
