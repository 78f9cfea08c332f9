// Each scenario shows the fact that it exists for, as a ratio between models of one run; two runs of one agree on the verdict.
// Run as a user runs it, with real servers and clients; never a time that a machine would have to keep.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Comparison, Figures, ModelResult } from '../../src/compare/comparison.js';
import { allScenarios } from '../../src/compare/scenario.js';
import type { Mode, ModelName } from '../../src/models/options.js';
import { LIMIT } from '../support/limit.js';
import { run } from '../support/server.js';

type Models = Record<Mode, ModelResult> & Partial<Record<ModelName, ModelResult>>;

const p99 = ({ figures }: ModelResult): number => figures.latency!.p99;
const grown = ({ peakMemory, memoryAtStart }: Figures): number => peakMemory! - memoryAtStart!;

interface Fact {
  /** They make it shorter. */
  readonly flags?: string[];
  readonly fact: (models: Models) => void;
  /** The sentences that tell the fact; without a number that a machine makes. */
  readonly says: readonly RegExp[];
}

const FACTS: Record<string, Fact> = {
  quick: {
    fact: ({ blocking, evented }) => {
      assert.equal(evented.figures.peakThreads, 1);
      assert.ok(blocking.figures.peakThreads > 1);
      for (const { load } of [blocking, evented]) {
        assert.equal(load!.failed, 0);
        assert.ok(load!.answered > 1000, 'under load each answers thousands');
      }
    },
    says: [
      /and evented 1 thread for \d+ connections\.$/,
      /^CPU for each request, alone at full speed: \S+ us with \S+ and \S+ us with \S+, /,
    ],
  },
  silent: {
    fact: ({ iterative, blocking, evented }) => {
      assert.deepEqual([iterative.figures.answered, iterative.figures.failed], [0, 1]);
      assert.deepEqual([blocking.figures.answered, evented.figures.answered], [1, 1]);
      assert.equal(blocking.figures.peakThreads, 6, 'an acceptor, and a thread for each connection');
    },
    says: [
      /^Iterative answered 0 of 1 request \(1 no reply in time\); blocking and evented answered 1 of 1 request\.$/,
      /blocking 6 threads for 5 connections and evented 1 thread for 5 connections\.$/,
    ],
  },
  'slow-senders': {
    fact: ({ iterative, blocking, evented }) => {
      assert.ok(p99(iterative) > 3 * p99(blocking));
      assert.ok(p99(iterative) > 3 * p99(evented));
      assert.ok(blocking.figures.threadsStarted >= 8, 'a thread for each that asked before');
    },
    says: [/^All 40 quick requests beside them .* with iterative, [\d.,]+ times as long\.$/],
  },
  'slow-readers': {
    fact: ({ iterative, blocking, evented }) => {
      assert.ok(p99(iterative) > 3 * p99(blocking));
      assert.ok(p99(iterative) > 3 * p99(evented));
      assert.ok(blocking.figures.threadsStarted >= 8, 'a thread for each that asked before');
    },
    says: [/^All 20 quick requests beside them .* with iterative, [\d.,]+ times as long\.$/],
  },
  sleep: {
    fact: ({ iterative, blocking, evented }) => {
      assert.ok(p99(iterative) > 3 * p99(blocking));
      assert.ok(p99(iterative) > 3 * p99(evented));
      assert.equal(evented.figures.peakThreads, 1);
      assert.equal(blocking.figures.peakThreads, 11);
      assert.equal(blocking.figures.threadsStarted, 10, 'all of them before it was measured');
    },
    says: [
      /^All 10 such requests were answered within .* with iterative, [\d.]+ times as long\.$/,
      /^Blocking started 10 threads, /,
    ],
  },
  compute: {
    fact: ({ blocking, evented }) => {
      assert.ok(p99(evented) > 3 * p99(blocking), 'here threads win');
      assert.ok(blocking.figures.threadsStarted >= 8, 'a thread for each that asked before it computes');
      assert.equal(evented.figures.requestsPerSecond, undefined, 'the clients keep to a schedule');
    },
    says: [/^Of 100 quick requests beside it, 99 .* with blocking; .* with evented, [\d.]+ times as long\.$/],
  },
  cured: {
    fact: ({ evented, 'evented:workers=2': cured }) => {
      assert.ok(p99(evented) > 3 * p99(cured!), 'the loop goes on while a worker computes');
      assert.equal(cured!.figures.peakThreads, 3, 'the loop and two workers');
    },
    says: [
      /^Of 100 quick requests beside it, 99 .* with evented:workers=2.*(?:;| and) \S+ s with evented, [\d.,]+ times as long\.$/,
    ],
  },
  'stuck-loop': {
    fact: ({ 'evented:loops=2': stuck, 'evented:loops=2:share=listener': shared }) => {
      assert.ok(p99(stuck!) > 3 * p99(shared!), 'the clients of the stuck loop wait');
      assert.equal(shared!.figures.failed, 0);
    },
    says: [/^All 40 quick requests beside it .* with evented:loops=2:share=listener/],
  },
  idle: {
    flags: ['--connections=40'],
    fact: ({ blocking, evented }) => {
      assert.equal(evented.figures.peakThreads, 1);
      assert.ok(blocking.figures.peakThreads > 40);
      assert.ok(evented.figures.peakConnections >= 40);
      assert.ok(grown(blocking.figures) > 5 * grown(evented.figures));
    },
    says: [
      /^Blocking used up to 4\d threads for 4\d connections and evented 1 thread for 4\d connections\.$/,
      /^Memory added: .* with evented; .* with blocking/,
    ],
  },
  queue: {
    fact: ({ blocking, pool, evented }) => {
      assert.ok(p99(pool) > 2 * p99(evented), 'thirty waits do not overlap on four threads');
      assert.equal(pool.figures.failed, 0);
      assert.equal(pool.figures.mostQueued, 16);
      assert.equal(pool.figures.peakThreads, 5, 'the acceptor and four threads');
      assert.equal(
        pool.figures.peakConnections,
        20,
        'four are served, sixteen queued, and the kernel has the others',
      );
      assert.equal(blocking.figures.mostQueued, undefined);
    },
    says: [
      /^All 30 such requests were answered within .* with pool,? /,
      /^Waiting in the queue: up to 16 connections with pool, the longest for [\d.]+ m?s\.$/,
    ],
  },
  prefork: {
    fact: ({ blocking, evented, 'processes:prefork=4': prefork }) => {
      assert.equal(prefork!.figures.measuredFailed, 1, 'the client of the process that was killed');
      assert.ok(prefork!.figures.replacedUs! > 0);
      for (const { figures, failure } of [blocking, evented]) {
        assert.equal(figures.measuredFailed, 5, 'one process serves all of them');
        assert.equal(failure, undefined, 'it was killed on purpose');
      }
    },
    says: [
      /^One process was killed: with processes:prefork=4 1 of 5 clients noticed, and another process served .* m?s later; with blocking and evented 5 of 5 clients noticed\.$/,
    ],
  },
  burst: {
    flags: ['--connections=40'],
    fact: ({ blocking, evented }) => {
      assert.equal(evented.figures.peakThreads, 1);
      assert.ok(blocking.figures.threadsStarted > 1);
      assert.ok(p99(blocking) > p99(evented), 'its threads have to be started first');
    },
    says: [
      /and evented 1 thread for \d+ connections\.$/,
      /^Blocking started \d+ threads, .* a pthread in C takes/,
    ],
  },
};

test('every scenario has its fact here, one sentence that teaches and one question', async () => {
  const all = await allScenarios();
  assert.deepEqual(all.map(({ name }) => name).sort(), Object.keys(FACTS).sort());
  for (const { scenario } of all) {
    assert.match(scenario.teaches, /^[A-Z][^?]*\.$/);
    assert.match(scenario.question, /^[A-Z].*\?$/);
  }
});

/** Run twice: each run of the others shows the same fact in the same sentences. */
const TWICE = 'silent';

describe('a run of a scenario shows its fact, and says it', () => {
  for (const [name, { flags = [], fact, says }] of Object.entries(FACTS)) {
    test(name, LIMIT, async () => {
      const runs = [await compared(name, flags)];
      if (name === TWICE) runs.push(await compared(name, flags));
      for (const { models, verdict } of runs) {
        fact(Object.fromEntries(models.map((model) => [model.mode, model])) as Models);
        for (const { text } of verdict) assert.match(text, /\d/, 'no sentence without a figure');
        for (const sentence of says) {
          const texts = verdict.map(({ text }) => text);
          assert.ok(
            texts.some((text) => sentence.test(text)),
            `${sentence} in ${texts.join('\n')}`,
          );
        }
      }
      assert.equal(new Set(runs.map(idsOf)).size, 1, runs.map(idsOf).join('\n'));
    });
  }
});

const idsOf = ({ verdict }: Comparison): string => verdict.map(({ id }) => id).join('; ');

async function compared(name: string, flags: readonly string[]): Promise<Comparison> {
  const { status, stdout, stderr } = await run(['compare', name, '--json', ...flags]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  return JSON.parse(stdout) as Comparison;
}
