// Each scenario shows the fact that it exists for, as a ratio between models of one run, and two runs agree on the verdict.
// Run as a user runs it, with real servers and clients; never a time that a machine would have to keep.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Comparison, Figures, ModelResult } from '../../src/compare/comparison.js';
import { allScenarios } from '../../src/compare/scenario.js';
import type { Mode } from '../../src/models/options.js';
import { run } from '../support/server.js';

type Models = Record<Mode, ModelResult>;

const p99 = ({ figures }: ModelResult): number => figures.latency!.p99;
const grown = ({ peakMemory, memoryAtStart }: Figures): number => peakMemory - memoryAtStart;

/** The fact of each scenario, and flags that make it shorter. */
const FACTS: Record<string, { flags?: string[]; fact: (models: Models) => void }> = {
  quick: {
    fact: ({ blocking, evented }) => {
      assert.equal(evented.figures.peakThreads, 1);
      assert.ok(blocking.figures.peakThreads > 1);
      for (const { load } of [blocking, evented]) {
        assert.equal(load!.failed, 0);
        assert.ok(load!.answered > 1000, 'at full speed each answers thousands');
      }
    },
  },
  silent: {
    fact: ({ iterative, blocking, evented }) => {
      assert.deepEqual([iterative.figures.answered, iterative.figures.failed], [0, 1]);
      assert.deepEqual([blocking.figures.answered, evented.figures.answered], [1, 1]);
      assert.equal(blocking.figures.peakThreads, 6, 'an acceptor, and a thread for each connection');
    },
  },
  'slow-senders': {
    fact: ({ iterative, blocking, evented }) => {
      assert.ok(p99(iterative) > 3 * p99(blocking));
      assert.ok(p99(iterative) > 3 * p99(evented));
    },
  },
  'slow-readers': {
    fact: ({ iterative, blocking, evented }) => {
      assert.ok(p99(iterative) > 3 * p99(blocking));
      assert.ok(p99(iterative) > 3 * p99(evented));
    },
  },
  sleep: {
    fact: ({ iterative, blocking, evented }) => {
      assert.ok(p99(iterative) > 3 * p99(blocking));
      assert.ok(p99(iterative) > 3 * p99(evented));
      assert.equal(evented.figures.peakThreads, 1);
      assert.equal(blocking.figures.peakThreads, 11);
    },
  },
  compute: {
    fact: ({ blocking, evented }) => assert.ok(p99(evented) > 3 * p99(blocking), 'here threads win'),
  },
  idle: {
    flags: ['--connections=40'],
    fact: ({ blocking, evented }) => {
      assert.equal(evented.figures.peakThreads, 1);
      assert.ok(blocking.figures.peakThreads > 40);
      assert.ok(evented.figures.peakConnections >= 40);
      assert.ok(grown(blocking.figures) > 5 * grown(evented.figures));
    },
  },
  burst: {
    flags: ['--connections=40'],
    fact: ({ blocking, evented }) => {
      assert.equal(evented.figures.peakThreads, 1);
      assert.ok(blocking.figures.threadsStarted > 1);
      assert.ok(p99(blocking) > p99(evented), 'its threads have to be started first');
    },
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

describe('two runs of a scenario show its fact, and agree on the verdict', () => {
  for (const [name, { flags = [], fact }] of Object.entries(FACTS)) {
    test(name, { timeout: 120_000 }, async () => {
      const runs = [await compared(name, flags), await compared(name, flags)];
      // A machine that was busy with something else in one of the two may have made the difference: a third tells.
      if (!agree(...(runs as [Comparison, Comparison]))) runs.push(await compared(name, flags));
      for (const { models, verdict } of runs) {
        fact(Object.fromEntries(models.map((model) => [model.mode, model])) as Models);
        assert.ok(verdict.length >= 2);
        for (const { text } of verdict) assert.match(text, /\d/, 'no sentence without a figure');
      }
      const last = runs.at(-1)!;
      assert.ok(
        runs.slice(0, -1).some((run) => agree(run, last)),
        runs.map(idsOf).join('\n'),
      );
    });
  }
});

const idsOf = ({ verdict }: Comparison): string => verdict.map(({ id }) => id).join('; ');
const agree = (one: Comparison, other: Comparison): boolean => idsOf(one) === idsOf(other);

async function compared(name: string, flags: readonly string[]): Promise<Comparison> {
  const { status, stdout, stderr } = await run(['compare', name, '--json', ...flags]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  return JSON.parse(stdout) as Comparison;
}
