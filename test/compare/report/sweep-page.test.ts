// The page of a sweep in a real browser, without a network: what it shows is read back out of it. Made-up figures.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { sweepPage } from '../../../src/compare/report/report.js';
import type { Sweep, SweepPoint } from '../../../src/compare/sweep/result.js';
import { TEXTBOOK } from '../../../src/compare/sweep/textbook.js';
import { LIMIT } from '../../support/limit.js';
import { missing, pathOf } from '../../support/tools.js';

const MB = 1024 * 1024;

const point = (connections: number, threads: number, megabytes: number, p99: number): SweepPoint => ({
  connections,
  added: connections,
  addedUs: 1_000,
  threads,
  memory: megabytes * MB,
  probe: { count: 300, p50: 210, p99, max: p99 },
  cpuUsPerProbe: 50,
  load: { connections: 8, answered: 1, failed: 0, requestsPerSecond: 12_345 },
});

const sweep: Sweep = {
  version: '0.1.0',
  machine: { cpus: 2, cpu: 'a CPU', memoryBytes: 8 * 2 ** 30, kernel: '6.1.0', node: 'v20.1.0' },
  startedAt: '2026-11-23T00:00:00.000Z',
  durationUs: 90e6,
  from: 10,
  to: 1_000,
  cutShort: true,
  models: [
    {
      mode: 'blocking',
      cap: { connections: 100, reason: 'there are <b>no</b> more' },
      failure: 'it fell.',
      memoryAtStart: 50 * MB,
      points: [point(10, 11, 150, 1_500), point(100, 101, 1_050, 2_500)],
    },
    {
      mode: 'evented',
      cap: { connections: 1_000 },
      memoryAtStart: 50 * MB,
      points: [point(10, 1, 50, 1_000), point(1_000, 1, 51, 1_250)],
    },
  ],
  textbook: TEXTBOOK,
  verdict: [{ id: 'some', text: 'This </script><script>alert(1)</script> is shown.' }],
  fairness: ['One machine.'],
};

describe('the page of a sweep in a browser', { skip: missing('chromium') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'evented-demo-sweep-'));
  const file = join(folder, 'report.html');
  const complaints: string[] = [];
  const requests: string[] = [];
  let browser: Browser;
  let page: Page;

  before(async () => {
    writeFileSync(file, sweepPage(sweep, 'evented-demo compare --sweep connections=10..1000'));
    browser = await chromium.launch({
      executablePath: pathOf('chromium'),
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
      ...LIMIT,
    });
    const context = await browser.newContext({ offline: true });
    context.setDefaultTimeout(LIMIT.timeout);
    page = await context.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`file://${file}`);
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it('shows each point of each model in a table, and nothing where there was none', async () => {
    const rows = await page.locator('#figures tbody tr').allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split('\t')),
      [
        ['10', '100', '11', '0.21', '1.50', '12,345', '0.0', '1', '0.21', '1.00', '12,345'],
        ['100', '1,000', '101', '0.21', '2.50', '12,345', '', '', '', '', ''],
        ['1,000', '', '', '', '', '', '1.0', '1', '0.21', '1.25', '12,345'],
      ],
    );
  });

  it("has the book's table with its source", async () => {
    assert.deepEqual(
      (await page.locator('#book .figures tbody tr').allInnerTexts()).map((row) => row.split('\t')),
      [
        ['poll', '0.61', '2.9', '35', '990'],
        ['select', '0.73', '3.0', '35', '930'],
        ['epoll', '0.41', '0.42', '0.53', '0.66'],
      ],
    );
    assert.match(await page.locator('#book').innerText(), /The Linux Programming Interface .* table 63-9/);
  });

  it('draws the curves', async () => {
    assert.deepEqual(await page.locator('figcaption').allInnerTexts(), [
      'memory in MB, at least 0.1',
      'threads',
      'probe, p99',
      'probe, p50',
      TEXTBOOK.title,
    ]);
    assert.equal(await page.locator('.uplot canvas').count(), 5);
    const inked = await page.evaluate(`[...document.querySelectorAll('.uplot canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) colours.add(data.slice(i, i + 3).join());
      return ['179,71,11', '31,95,191'].filter((colour) => colours.has(colour)).length;
    })`);
    assert.deepEqual(
      inked,
      [2, 2, 2, 2, 0],
      "both models are drawn, in their colours, and the book's calls in others",
    );
  });

  it('says how far each came, and what was not as it should be', async () => {
    const text = await page.locator('#page').innerText();
    assert.match(text, /blocking: up to 100 connections, because there are <b>no<\/b> more/);
    assert.match(text, /evented: up to 1,000 connections, as asked/);
    assert.match(text, /Cut short after 1 min 30 s/);
    assert.match(text, /blocking: it fell\./);
    assert.match(text, /This <\/script><script>alert\(1\)<\/script> is shown\./);
    assert.match(text, /evented-demo compare --sweep connections=10\.\.1000/);
  });

  it('is whole by itself: it loads nothing, asks nobody and complains of nothing', () => {
    assert.deepEqual([...new Set(requests)], [`file://${file}`]);
    assert.deepEqual(complaints, []);
  });
});
