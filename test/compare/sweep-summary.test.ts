// What a sweep says of its figures: the sentences and their ids, the table, the curves. Made-up figures, real output.
// Stands beside src/compare/sweep/.

import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { chart } from '../../src/compare/sweep/chart.js';
import { sweepFairness } from '../../src/compare/sweep/fairness.js';
import { memoryText } from '../../src/compare/sweep/quantities.js';
import type { Sweep, SweepPoint, SweptModel } from '../../src/compare/sweep/result.js';
import { SweepScreen } from '../../src/compare/sweep/screen.js';
import { sweepSummary } from '../../src/compare/sweep/summary.js';
import { TEXTBOOK } from '../../src/compare/sweep/textbook.js';
import { sweepVerdict } from '../../src/compare/sweep/verdict.js';
import type { ModelName } from '../../src/models/options.js';
import { Output } from '../../src/terminal/output.js';
import { UNICODE } from '../../src/terminal/terminal.js';
import { temporaryFolder } from '../support/cleanup.js';

const MB = 1024 * 1024;
const plain = new Chalk({ level: 0 });
const paper = { chalk: plain, glyphs: UNICODE, columns: 80 };

/** Of a model with a thread for each connection, or of one without. */
function point(connections: number, threaded: boolean, changed: Partial<SweepPoint> = {}): SweepPoint {
  return {
    connections,
    added: connections,
    addedUs: connections * (threaded ? 30_000 : 250),
    threads: threaded ? connections + 1 : 1,
    memory: 60 * MB + connections * (threaded ? 9 * MB : 1024),
    probe: { count: 300, p50: 200, p99: 1_500, max: 2_000 },
    cpuUsPerProbe: 60,
    load: { connections: 8, answered: 50_000, failed: 0, requestsPerSecond: 50_000 },
    ...changed,
  };
}

const blocking: SweptModel = {
  mode: 'blocking',
  cap: { connections: 1_300, reason: 'so it is' },
  memoryAtStart: 60 * MB,
  points: [10, 100, 1_000, 1_300].map((each) => point(each, true)),
};
const evented: SweptModel = {
  mode: 'evented',
  cap: { connections: 10_000 },
  memoryAtStart: 60 * MB,
  points: [10, 100, 1_000, 10_000].map((each) => point(each, false)),
};

const claims = (...models: SweptModel[]) => sweepVerdict(models).filter((each) => each !== undefined);
const ids = (...models: SweptModel[]): string[] => claims(...models).map(({ id }) => id);

test('each claim has its figures, and an id without them', () => {
  const found = claims(blocking, evented);
  assert.deepEqual(
    found.map(({ id }) => id),
    [
      'memory per connection: evented < blocking',
      'time per connection: evented < blocking',
      'a thread each: blocking',
      'reached: blocking capped, evented as asked',
      'probe: blocking same, evented same',
      'CPU per probe: evented same',
    ],
  );
  for (const { id } of found) assert.doesNotMatch(id, /\d/);
  const texts = found.map(({ text }) => text);
  assert.equal(
    texts[0],
    'For each idle connection resident memory grew by 1.0 KB with evented and 9.0 MB with blocking, 9,200 times as much.',
  );
  assert.match(texts[1]!, /250 us with evented and 30\.0 ms with blocking, 120 times as much\./);
  assert.match(texts[2]!, /a pthread in C takes 0\.022 ms and 8 KiB/);
  assert.match(
    texts[3]!,
    /^Blocking held 1,300 connections on 1,301 threads, the most that it can hold here;/,
  );
  assert.match(texts[3]!, /evented held 10,000 connections on 1 thread, as asked\.$/);
  assert.match(texts[5]!, /poll 1,600 times, select 1,300 times and epoll 1\.6 times as much\.$/);
});

test('a model that never came to a point has no sentence', () => {
  assert.deepEqual(ids({ ...blocking, points: [] }, { ...evented, points: [] }), []);
  assert.ok(ids({ ...blocking, points: [] }, evented).every((id) => !id.includes('blocking')));
});

test('one point tells no growth', () => {
  const only = { ...evented, points: evented.points.slice(0, 1) };
  assert.deepEqual(ids(only), ['time per connection: evented', 'reached: evented as asked']);
});

test('where memory went up and down, it grew by no more than that', () => {
  const memory = [62, 66, 63, 65].map((each) => each * MB);
  const swaying = { ...evented, points: evented.points.map((each, i) => ({ ...each, memory: memory[i]! })) };
  assert.equal(
    claims(blocking, swaying)[0]!.text,
    'For each idle connection resident memory grew by at most 420 bytes with evented and 9.0 MB with blocking, at least 22,000 times as much.',
  );
});

test('memory that has not grown is not divided', () => {
  const flat = { ...evented, points: evented.points.map((each) => ({ ...each, memory: 60 * MB })) };
  assert.ok(!ids(flat).some((id) => id.startsWith('memory')));
  assert.ok(ids(blocking, flat).includes('memory per connection: blocking'));
});

test('a probe that took twice as long in the end is called slower, a little longer is not', () => {
  const slower = (factor: number): SweptModel => ({
    ...evented,
    points: evented.points.map((each, i) =>
      i === 3 ? { ...each, probe: { ...each.probe, p50: 200 * factor } } : each,
    ),
  });
  assert.ok(ids(slower(1.9)).includes('probe: evented same'));
  assert.ok(ids(slower(2)).includes('probe: evented more'));
  assert.ok(ids(slower(0.4)).includes('probe: evented less'));
});

test('nothing is concluded from requests a second, which may be those of the load generator', () => {
  const slow = (model: SweptModel): SweptModel => ({
    ...model,
    points: model.points.map((each) => ({ ...each, load: { ...each.load, requestsPerSecond: 1 } })),
  });
  assert.deepEqual(claims(blocking, slow(evented)), claims(blocking, evented));
  assert.match(
    sweepFairness([evented]).join('\n'),
    /Requests\/s are measured over .* often the limit, so no sentence compares them/,
  );
});

test('a server that failed is said to have failed', () => {
  assert.ok(ids({ ...blocking, failure: 'it fell.' }).includes('reached: blocking failed'));
});

test('wherever threads are, what they cost in C is told', () => {
  assert.match(
    sweepFairness([blocking, evented]).join(' '),
    /9\.0 MB of memory in this run; a pthread in C takes/,
  );
  assert.match(
    sweepFairness([{ ...blocking, points: blocking.points.slice(0, 1) }]).join(' '),
    /a pthread in C/,
  );
  assert.doesNotMatch(sweepFairness([evented]).join(' '), /pthread/);
});

test('a model has a thread or a process each only where it starts one for each connection', () => {
  const each = (...modes: ModelName[]): string[] =>
    ids(...modes.map((mode) => ({ ...blocking, mode }))).filter((id) => id.includes(' each: '));
  assert.deepEqual(each('pool', 'evented:loops=2', 'processes:prefork=4'), []);
  assert.deepEqual(each('blocking', 'processes'), ['a thread each: blocking', 'a process each: processes']);
  assert.match(
    sweepFairness([{ ...blocking, mode: 'processes' }]).join(' '),
    /a whole Node here, .*a fork in C takes/,
  );
  assert.doesNotMatch(sweepFairness([{ ...blocking, mode: 'pool' }]).join(' '), /in C/);
});

test('memory is told in three digits or so', () => {
  assert.deepEqual([0, 734, 1024, 9.5 * MB, 150 * MB, 11.3 * 1024 * MB].map(memoryText), [
    '0 bytes',
    '734 bytes',
    '1.0 KB',
    '9.5 MB',
    '150 MB',
    '11.3 GB',
  ]);
});

const result: Sweep = {
  version: '0.0.0',
  machine: { cpus: 2, cpu: 'some', memoryBytes: 1, kernel: '6', node: 'v20' },
  startedAt: '2026-11-23T00:00:00.000Z',
  durationUs: 100e6,
  from: 10,
  to: 10_000,
  cutShort: false,
  models: [blocking, evented],
  textbook: TEXTBOOK,
  verdict: claims(blocking, evented),
  fairness: sweepFairness([blocking, evented]),
};

test('the summary fits into 80 columns, without colours', () => {
  const text = sweepSummary(paper, result);
  for (const line of text.split('\n')) assert.ok(line.length < 80, `${line.length}: ${line}`);
  assert.match(text, /^ {2}1,000 +9,000 1,001 +0\.20 +1\.50 +50,000 +1\.0 +1 +0\.20 +1\.50 +50,000$/m);
  assert.match(text, /^ {2}1,300 +11,700 1,301 +0\.20 +1\.50 +50,000$/m, 'no figures of the other model');
  assert.match(text, /^ {2}poll +0\.61 +2\.9 +35 +990$/m);
  assert.match(text, /^ {2}select +0\.73 +3\.0 +35 +930$/m);
  assert.match(text, /^ {2}epoll +0\.41 +0\.42 +0\.53 +0\.66$/m);
  assert.match(text, /The Linux Programming Interface \(2010\), chapter 63,\s+table 63-9/);
});

test('a sweep without a point is told too', () => {
  const nothing = { ...result, cutShort: true, models: [], verdict: [], fairness: sweepFairness([]) };
  const text = sweepSummary(paper, nothing);
  assert.match(text, /Stopped early/);
  assert.doesNotMatch(text, /NaN|Infinity|undefined/);
});

test('a chart has its marks where the figures are', () => {
  const number = (value: number): string => value.toLocaleString('en');
  const lines = chart(
    paper,
    [
      {
        name: 'blocking',
        points: [
          [10, 10],
          [100, 100],
          [1_000, 1_000],
        ],
      },
      {
        name: 'evented',
        points: [
          [10, 10],
          [100, 1],
          [1_000, 1],
        ],
      },
    ],
    { title: 'threads', ticks: [10, 100, 1_000], formatX: number, formatY: number, width: 40 },
  );
  assert.equal(lines[0], 'threads  b blocking  e evented  * both');
  const row = (label: string): string => lines.find((line) => line.trimStart().startsWith(`${label} ┤`))!;
  const bar = lines.at(-2)!;
  const marks = [...bar.matchAll(/┬/g)].map(({ index }) => index);
  assert.equal(marks.length, 3);
  assert.equal(row('10')[marks[0]!], '*', 'both begin in one place');
  assert.equal(row('100')[marks[1]!], 'b');
  assert.equal(row('1,000')[marks[2]!], 'b');
  assert.equal(row('1')[marks[1]!], 'e');
  assert.equal(row('1')[marks[2]!], 'e');
  assert.equal(lines.at(-1)!.trim().split(/ +/).join(' '), '10 100 1,000');
  assert.deepEqual(
    chart(paper, [], { title: '', ticks: [], formatX: number, formatY: number, width: 40 }),
    [],
  );
});

test('on a terminal the progress is one line that is rewritten, in a pipe there is none', async () => {
  const folder = temporaryFolder();
  const shown = async (columns: number | undefined): Promise<string> => {
    const file = join(folder, String(columns));
    const output = new Output(openSync(file, 'w'), 1e6, () => '', assert.fail);
    const screen = new SweepScreen(output, plain, columns);
    screen.onProgress('evented', 10, '5 are held');
    screen.onProgress('evented', 10, 'at full speed');
    screen.onPoint('evented', evented.points[0]!, evented.memoryAtStart);
    await output.flush(1_000);
    return readFileSync(file, 'utf8');
  };
  const line = 'evented       10: 1 thread, 10.0 KB more, p99 1.50 ms, 50,000 requests/s\n';
  const back = '\u001b[1F\u001b[J';
  assert.equal(await shown(undefined), line);
  assert.equal(
    await shown(80),
    `  evented to 10 connections: 5 are held ...\n${back}  evented to 10 connections: at full speed ...\n${back}${line}`,
  );
});
