// `compare --pollers`, run for real: what a wait costs by the number of descriptors, and how that is shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import type { PollerCell, PollersResult } from '../../src/compare/pollers/result.js';
import { pollersSummary } from '../../src/compare/pollers/summary.js';
import { TEXTBOOK } from '../../src/compare/sweep/textbook.js';
import type { PollerName } from '../../src/models/options.js';
import { glyphsFor } from '../../src/terminal/terminal.js';
import { LIMIT } from '../support/limit.js';
import { run } from '../support/server.js';

test(
  'a wait of poll and of select costs more with every descriptor, a wait of epoll does not',
  LIMIT,
  async () => {
    const { status, stdout, stderr } = await run(['compare', '--pollers', '--json']);
    assert.deepEqual([status, stderr], [0, '']);
    const { cells, verdict } = JSON.parse(stdout) as PollersResult;
    const cost = (poller: PollerName, descriptors: number): number | undefined =>
      cells.find((cell) => cell.poller === poller && cell.descriptors === descriptors)!.cpuUsPerWait;
    const growth = (poller: PollerName, from: number, to: number): number =>
      cost(poller, to)! / cost(poller, from)!;

    // A hundred times the descriptors, and CPU time alone: so these hold on any machine, however busy.
    assert.ok(growth('poll', 10, 1_000) > 8, `poll: ${growth('poll', 10, 1_000)}`);
    assert.ok(growth('poll', 1_000, 10_000) > 3, `poll: ${growth('poll', 1_000, 10_000)}`);
    assert.ok(growth('select', 10, 1_000) > 8, `select: ${growth('select', 10, 1_000)}`);
    assert.ok(growth('epoll', 10, 10_000) < 4, `epoll: ${growth('epoll', 10, 10_000)}`);
    assert.equal(cost('select', 10_000), undefined);
    assert.deepEqual(
      verdict.map(({ id }) => id),
      ['epoll-growth', 'poll-growth', 'select-growth', 'select-limit'],
    );
  },
);

test("the table stands above the book's, with a word in the cell that is impossible, and the curves below", () => {
  const cell = (poller: PollerName, descriptors: number, cpuUsPerWait?: number): PollerCell =>
    cpuUsPerWait === undefined ? { poller, descriptors } : { poller, descriptors, waits: 20, cpuUsPerWait };
  const result: PollersResult = {
    version: '0',
    machine: { cpus: 1, cpu: '', memoryBytes: 0, kernel: '', node: '' },
    startedAt: '',
    durationUs: 1e6,
    cutShort: false,
    descriptors: TEXTBOOK.descriptors,
    cells: TEXTBOOK.descriptors.flatMap((n) => [
      cell('epoll', n, 0.4),
      cell('poll', n, n / 10),
      cell('select', n, n < 1_024 ? n / 8 : undefined),
    ]),
    textbook: TEXTBOOK,
    verdict: [],
  };
  const paper = { chalk: new Chalk({ level: 0 }), glyphs: glyphsFor({ LANG: 'C' }), columns: 80 };
  const lines = pollersSummary(paper, result).split('\n');
  const rows = lines
    .filter((line) => /^ {2}(epoll|poll|select) /.test(line))
    .map((line) => line.trim().split(/ +/));
  assert.deepEqual(rows.slice(0, 3), [
    ['epoll', '0.04', '0.04', '0.04', '0.04'],
    ['poll', '0.10', '1.0', '10', '100'],
    ['select', '0.13', '1.3', '13', 'impossible'],
  ]);
  assert.deepEqual(rows[3], ['poll', '0.61', '2.9', '35', '990']);
  assert.ok(lines.some((line) => line.includes('e epoll  p poll  s select')));
  for (const line of lines) assert.ok(line.length <= 80, line);
});
