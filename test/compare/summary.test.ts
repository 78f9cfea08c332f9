// What a comparison found, as the terminal prints it: the table, the bars, and where it is not fair. Made-up figures.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import type { Comparison, Figures, ModelResult } from '../../src/compare/comparison.js';
import { fairness } from '../../src/compare/fairness.js';
import { barsOf, comparisonSummary, quietSummary } from '../../src/compare/summary.js';
import { UNICODE } from '../../src/terminal/terminal.js';
import { comparison, loaded, model } from './made-up.js';

const plain = new Chalk({ level: 0 });
const paper = { chalk: plain, glyphs: UNICODE, columns: 100 };
const printed = (found: Comparison): string => comparisonSummary(paper, found, true);
const texts = (found: Comparison): string[] => barsOf(found).map(({ name }) => name);

/** The first storm of `burst`: iterative loses most of its clients. */
const failing: Partial<Figures> = {
  answered: 298,
  failed: 302,
  failures: { 'no reply in time': 300, reset: 2 },
  latency: { count: 298, p50: 15_000_000, p99: 29_900_000, max: 30_000_000 },
  measuredFailed: 102,
  requestsPerSecond: 10,
};
const all: Partial<Figures> = {
  answered: 600,
  latency: { count: 400, p50: 200_000, p99: 250_000, max: 260_000 },
  requestsPerSecond: 1_500,
};
const storm = [model('iterative', failing), model('evented', all)];

test('why requests failed stands below the table, and beside the bar of those that were answered', () => {
  const text = printed(comparison(storm));
  assert.match(text, /^requests failed +302 +0$/m);
  assert.match(text, /^Failed with iterative: 300 no reply in time, 2 reset\.$/m);
  assert.match(text, /^99 of 100 within +iterative +█+ 29\.9 s \(298 of 400 were answered\)$/m);
  assert.match(text, /^ +evented +▏ 250 ms$/m);
  assert.doesNotMatch(text, /Failed with evented/);
});

test('fewer than a hundred requests have no 99th of a hundred, in the table and in the bars', () => {
  const few = (max: number): Partial<Figures> => ({ latency: { count: 10, p50: 1, p99: max, max } });
  const ten = comparison([model('blocking', few(210_000)), model('evented', few(205_000))]);
  assert.doesNotMatch(printed(ten), /99 of 100/);
  assert.match(printed(ten), /^ {2}all within \(max\) +210 ms +205 ms$/m);
  assert.match(printed(ten), /^all within +blocking +█+ 210 ms$/m);
  const mixed = comparison([model('blocking', few(210_000)), model('evented', all)]);
  assert.match(printed(mixed), /^ {2}99 of 100 within \(p99\) +- +250 ms$/m);
  assert.match(printed(mixed), /^all within +blocking +█+ 210 ms\n +evented +█+ 260 ms$/m);
});

test('who answered nobody has its words where the others have their bars', () => {
  const text = printed(comparison([model('iterative', { answered: 0 }), model('evented', all)]));
  const [none, some] = /^99 of 100 within.*none answered\n +evented.*█/m.exec(text)![0].split('\n');
  assert.equal(none!.indexOf('none'), some!.indexOf('█'));
});

test('the load is told with its generator, and how much of a CPU the server used', () => {
  const text = printed(comparison([loaded('blocking', 26_273, 29.4), loaded('evented', 21_705, 16.7)]));
  assert.match(text, /^requests\/s, 16 clients at full speed +26,273 +21,705$/m);
  assert.match(text, /^ {2}CPU for each request +29 us +17 us$/m);
  assert.match(text, /^ {2}CPUs used by its threads +0\.77 +0\.36$/m);
});

test('what failed at full speed is told with its reason', () => {
  const failing = loaded('evented', 21_705, 16.7);
  const load = { ...failing.load!, failed: 3, failures: { reset: 2, 'no reply in time': 1 } };
  const text = printed(comparison([{ ...failing, load }]));
  assert.match(text, /^Failed with evented at full speed: 2 reset, 1 no reply in time\.$/m);
  assert.doesNotMatch(printed(comparison([failing])), /^Failed/m);
});

test('the short table leaves out details, and so does the verdict alone, which keeps to figures and sentences', () => {
  const found = comparison(storm, {
    verdict: [{ id: 'one', text: 'One thing differs.' }],
    fairness: ['One machine.'],
  });
  const [short, full, alone] = [
    comparisonSummary(paper, found, true),
    comparisonSummary(paper, found, false),
    quietSummary(paper, found),
  ];
  for (const text of [short, full, alone])
    assert.match(text, /^requests answered .*^- One thing differs\.$/ms);
  assert.match(full, /^context switches, voluntary/m);
  for (const text of [short, alone]) assert.doesNotMatch(text, /^context switches/m);
  assert.match(short, /One machine.*One thing differs/s, 'the verdict stays on the screen');
  assert.doesNotMatch(alone, /One machine/);
});

test('a paced run has no bars for durations', () => {
  assert.deepEqual(texts(comparison(storm)), [
    '99 of 100 quick requests within',
    'threads at once',
    'memory added',
  ]);
  assert.deepEqual(texts(comparison(storm, { pace: '20ms' })), ['threads at once', 'memory added']);
});

test('one request alone has no bar of its latency, which would compare two accidents', () => {
  const once = (max: number): Partial<Figures> => ({
    answered: 1,
    latency: { count: 1, p50: max, p99: max, max },
  });
  const found = comparison([model('blocking', once(7_000)), model('evented', once(1_000))]);
  assert.deepEqual(texts(found), ['threads at once', 'memory added']);
});

test('one model alone has nothing to be compared with', () => {
  assert.deepEqual(barsOf(comparison([model('evented', all)])), []);
});

test('where it is not fair is said of what was done, and of nothing else', () => {
  const notes = (models: readonly ModelResult[], pace?: string): string => fairness(models, pace).join('\n');
  const two = notes(storm);
  assert.match(two, /^All servers and their clients shared the CPUs/m);
  assert.match(two, /All clients share one JavaScript thread/);
  assert.match(two, /every 200 ms/);
  assert.doesNotMatch(two, /full speed|V8|--pace/);
  assert.doesNotMatch(notes(storm.slice(1)), /All servers/, 'there was one');
  assert.match(notes([loaded('evented', 21_705, 16.7)]), /At full speed .* show the limit of the clients/);
  assert.match(
    notes([
      model('blocking', { threadsStarted: 1, peakThreads: 2 }),
      model('processes', { threadsStarted: 20, peakThreads: 3 }),
    ]),
    /Each thread is a whole V8 here, 10 MB in this run; a pthread in C .* process is a whole Node here, 5\.0 MB in this run; a fork in C/,
  );
  assert.match(notes(storm, '20ms'), /^Slowed down by --pace 20ms: .* A loop pauses once for each step/);
});
