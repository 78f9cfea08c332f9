// What became of many requests, in numbers; and a crowd whose clients fail in known ways.

import assert from 'node:assert/strict';
import { type TestContext, it as test } from 'node:test';
import type { Exchange } from '../../src/clients/client.js';
import { Crowd } from '../../src/clients/crowd.js';
import { Tally } from '../../src/clients/tally.js';
import { HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';
import { onRequest, smallServer } from '../support/small-server.js';

const it = (title: string, behave: (t: TestContext) => Promise<void> | void) => test(title, LIMIT, behave);

const answer = (outcome: Exchange['outcome'], tookUs: number): Exchange => ({
  outcome,
  tookUs,
  bytes: 0,
  body: '',
});

it('counts answers and failures, each by its reason', () => {
  const tally = new Tally();
  for (const outcome of ['answered', 'refused', 'reset', 'refused'] as const)
    tally.add(answer(outcome, 1000), true);
  tally.fail('reset');
  const { answered, failed, failures } = tally.figures;
  assert.deepEqual(
    { answered, failed, failures },
    { answered: 1, failed: 4, failures: { refused: 2, reset: 2 } },
  );
});

it('measures answers only, and those that are to be measured', () => {
  const tally = new Tally();
  for (let ms = 1; ms <= 100; ms++) tally.add(answer('answered', ms * 1000), true);
  tally.add(answer('answered', 1e9), false);
  tally.add(answer('no reply in time', 1e9), true);
  const { latency, requestsPerSecond } = tally.figures;
  assert.equal(latency!.count, 100);
  for (const [told, ms] of [
    [latency!.p50, 50],
    [latency!.p99, 99],
    [latency!.max, 100],
  ] as const)
    assert.ok(Math.abs(told / (ms * 1000) - 1) < 0.002, `${told} us for ${ms} ms: three digits are kept`);
  assert.ok(Number.isFinite(requestsPerSecond));
});

it('a time too short for the clock and one too long for the histogram count too', () => {
  const tally = new Tally();
  for (const tookUs of [0, 0.4, 7_200e6]) tally.add(answer('answered', tookUs), true);
  const { count, p50, max } = tally.figures.latency!;
  assert.deepEqual([count, p50], [3, 1]);
  assert.ok(Math.abs(max / 3_600e6 - 1) < 0.002, `${max} us for an hour`);
});

it('counts the measured ones that failed by themselves', () => {
  const tally = new Tally();
  tally.add(answer('answered', 1000), true);
  tally.add(answer('reset', 1000), true);
  tally.add(answer('reset', 1000), false);
  const { failed, measuredFailed } = tally.figures;
  assert.deepEqual({ failed, measuredFailed }, { failed: 2, measuredFailed: 1 });
});

it('has no rate of one answer, and none where clients ask at fixed times: it would be their own', async () => {
  const server = await smallServer((socket) => onRequest(socket, () => socket.end(HELLO)));
  const rates = [];
  for (const asked of [{ requests: 1 }, { requests: 3 }, { requests: 3, everyMs: 1 }]) {
    const crowd = new Crowd(server.where, 5_000);
    await crowd.quick(asked);
    await crowd.quick({ requests: 2, everyMs: 1, measured: false });
    assert.equal(crowd.tally.figures.latency!.count, asked.requests);
    rates.push(crowd.tally.figures.requestsPerSecond !== undefined);
  }
  assert.deepEqual(rates, [false, true, false]);
  server.close();
});

it('has no latency where nothing was measured', () => {
  assert.deepEqual(new Tally().figures, { answered: 0, failed: 0, failures: {} });
});

it('a crowd asks as often as it is told to, so many at a time', async () => {
  let now = 0;
  let most = 0;
  const server = await smallServer((socket) =>
    onRequest(socket, () => {
      most = Math.max(most, ++now);
      setImmediate(() => {
        now--;
        socket.end(HELLO);
      });
    }),
  );
  const crowd = new Crowd(server.where, 5_000);
  await crowd.quick({ requests: 20, atOnce: 3 });
  assert.deepEqual([crowd.tally.figures.answered, most <= 3], [20, true]);
  server.close();
});

it('after a warm-up there is a thread for each connection, and a server that has one thread was not blocked', async (t) => {
  for (const [mode, threads] of [
    ['iterative', 1],
    ['evented', 1],
    ['blocking', 9],
  ] as const) {
    const server = await TestServer.start([`--mode=${mode}`, '--keep-alive']);
    t.after(() => server.stop());
    const crowd = new Crowd({ address: '127.0.0.1', port: server.port }, 20_000);
    await crowd.warmUp(8);
    assert.deepEqual(
      crowd.tally.figures,
      { answered: 0, failed: 0, failures: {} },
      'it is no part of a story',
    );
    await server.count('closed', 8);
    await server.stop();
    assert.equal((await server.first('stopped')).peakThreads, threads, mode);
  }
});

it('silent clients that could not be connected are failures', async () => {
  const server = await smallServer(() => {});
  server.close();
  const crowd = new Crowd(server.where, 5_000);
  await crowd.silent(2);
  await crowd.leave();
  assert.deepEqual(crowd.tally.figures.failures, { refused: 2 });
});
