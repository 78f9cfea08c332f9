// `compare --report`: the page is written by a real comparison, and a path that won't do is refused before it begins.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { mostAtOnce } from '../../src/compare/intervals.js';
import type { ReportData } from '../../src/compare/report/report.js';
import { waitsOf, waterfallOf } from '../../src/compare/report/waterfall.js';
import { run } from '../support/server.js';

describe('compare --report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evented-demo-report-'));
  const file = join(folder, 'report.html');
  after(() => rmSync(folder, { recursive: true }));

  it('writes a page with the events of every server and the command that gave it', async () => {
    const ended = await run(['compare', 'silent', '--report', file]);
    assert.equal(ended.status, 0, ended.stderr);
    assert.match(ended.stderr, /the report is in .*report\.html; open it in a browser\./);
    const page = readFileSync(file, 'utf8');
    const data = /<script type="application\/json" id="comparison">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const report = JSON.parse(data) as ReportData;
    // Five of each had a thread started first, where there are threads.
    assert.deepEqual(
      report.models.map(({ mode, events }) => [
        mode,
        events.filter(({ event }) => event === 'accepted').length,
      ]),
      [
        ['iterative', 10],
        ['blocking', 10],
        ['evented', 10],
      ],
    );
    // Four say nothing. The iterative server serves the first, and nobody accepts the other three and the one that asks.
    const [iterative, , evented] = report.models.map(({ events, clients }) =>
      waterfallOf(events, clients, report.durationUs),
    );
    assert.ok(mostAtOnce(waitsOf(iterative!)) >= 4);
    for (const rows of [iterative!, evented!]) {
      assert.equal(rows.length, 10, 'each client is joined to the connection that the server accepted');
      for (const { connection, fourTuple } of rows)
        assert.ok(connection !== undefined && fourTuple !== undefined);
    }
    assert.ok(iterative!.some(({ segments }) => segments.some(({ state }) => state === 'abandoned')));
    assert.equal(report.command, `evented-demo compare silent --report ${file}`);
    assert.ok(
      !/(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?\/\//.test(page),
      'it refers to nothing elsewhere',
    );
  });

  it('leaves alone what is no report, and runs nothing', async () => {
    const other = join(folder, 'notes.txt');
    writeFileSync(other, 'notes');
    const ended = await run(['compare', 'silent', '--report', other]);
    assert.equal(ended.status, 1);
    assert.equal(ended.stdout, '');
    assert.match(
      ended.stderr,
      /notes\.txt exists already and is no report\. --report overwrites nothing else\. Choose another name/,
    );
    assert.equal(readFileSync(other, 'utf8'), 'notes');
  });
});
