// The page of a comparison in a real browser: all servers on one page, while they run and afterwards.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { formatFourTuple } from '../../src/net/four-tuple.js';
import { spawn } from '../support/cleanup.js';
import { Client } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM } from '../support/server.js';
import { missing, pathOf } from '../support/tools.js';

describe('the page of a comparison', { skip: missing('chromium'), ...LIMIT }, () => {
  let browser: Browser;
  before(async () => {
    const args = ['--headless', '--no-sandbox', '--disable-gpu'];
    browser = await chromium.launch({ executablePath: pathOf('chromium'), args, ...LIMIT });
  });
  after(async () => {
    await browser?.close();
  });

  /** A comparison with a page, and a browser that shows it. */
  async function watch(
    t: TestContext,
    args: readonly string[],
  ): Promise<{ child: ChildProcess; page: Page }> {
    const child = spawn(process.execPath, [PROGRAM, 'compare', ...args, '--page=0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGTERM'));
    let said = '';
    for (; !/page is at \S+\n/.test(said); said += (await once(child.stderr!, 'data'))[0]);
    const page = await browser.newPage();
    t.after(() => page.close());
    page.setDefaultTimeout(LIMIT.timeout);
    await page.goto(/page is at (\S+)/.exec(said)![1]!);
    return { child, page };
  }

  const shows = (page: Page, text: string | RegExp): Promise<void> =>
    page.locator('body').filter({ hasText: text }).waitFor();

  it('shows everyone who connects to any server, and its keys and buttons reach them all', async (t) => {
    const { child, page } = await watch(t, ['open', '--port=0']);
    for (const mode of ['blocking', 'evented']) {
      const section = page.locator(`section[data-mode=${mode}]`);
      const head = section.filter({ hasText: /port \d+, pid \d+/ });
      await head.waitFor();
      const port = Number(/port (\d+)/.exec(await head.innerText())![1]);
      const client = await Client.connect(port);
      t.after(() => client.socket.destroy());
      const fourTuple = formatFourTuple(['127.0.0.1', client.port, '127.0.0.1', port]);
      await section.locator('tr', { hasText: fourTuple }).waitFor();
    }
    for (const [key, said] of [
      ['-', 'each thread pauses 50 ms before each step'],
      ['+', 'there are no pauses'],
    ] as const) {
      await page.keyboard.press(key);
      for (const mode of ['blocking', 'evented'])
        await page.locator(`section[data-mode=${mode}] .events`, { hasText: said }).waitFor();
    }
    await page.getByRole('button', { name: 'GET /compute' }).click();
    await shows(page, /Step \d+ of \d+: the page sends GET \/compute\?ms=500 to every server/);
    for (const mode of ['blocking', 'evented'])
      await page
        .locator(`section[data-mode=${mode}] .events`, { hasText: 'request GET /compute?ms=500' })
        .waitFor();
    child.kill('SIGINT');
    await shows(page, 'The servers have stopped.');
    await page.keyboard.press('ArrowLeft');
    await shows(page, 'frozen');
  });

  it('stays when the scenario is over, and a browser that comes then can play it', async (t) => {
    const { child, page } = await watch(t, ['silent', '--modes=blocking,evented']);
    await shows(page, 'The servers have stopped.');
    await page.reload();
    await shows(page, 'Step 4 of 4: the four close');
    await page.keyboard.press('p');
    await page.keyboard.press('p');
    await shows(page, 'Step 3 of 4: a fifth sends a request');
    await page.locator('section[data-mode=evented] .totals', { hasText: '4 open' }).waitFor();
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'close'), [0, null]);
  });
});
