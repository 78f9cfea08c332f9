// The moving page in a real browser, beside real servers: what it shows is compared with what the clients and the server know.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { playerPage } from '../../src/compare/report/report.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { formatFourTuple } from '../../src/net/four-tuple.js';
import { temporaryFolder } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';
import { missing, pathOf } from '../support/tools.js';

const SWITCHES = ['--headless', '--no-sandbox', '--disable-gpu'];
/** A target that would run a script, if anything of it became part of the page. */
const HOSTILE = '/</script><img/src=x/onerror=alert(1)>';

describe('the moving page', { skip: missing('chromium'), ...LIMIT }, () => {
  let browser: Browser;
  const complaints: string[] = [];
  before(async () => {
    browser = await chromium.launch({ executablePath: pathOf('chromium'), args: SWITCHES, ...LIMIT });
  });
  after(async () => {
    await browser?.close();
  });

  async function open(t: TestContext, url: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    t.after(() => context.close());
    context.setDefaultTimeout(LIMIT.timeout);
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(url);
    return page;
  }

  async function serving(t: TestContext, mode: string): Promise<{ server: TestServer; url: string }> {
    const server = await TestServer.start([`--mode=${mode}`, '--page=0', '--max-ms=600000']);
    t.after(() => server.stop());
    const url = await server.said(/The live page is at (\S+)/);
    return { server, url };
  }

  /** Waits until the page has this text somewhere in its body. */
  const shows = (page: Page, text: string | RegExp): Promise<void> =>
    page.locator('body').filter({ hasText: text }).waitFor();
  const status = (page: Page): Promise<string> => page.locator('.status').innerText();

  for (const mode of ['blocking', 'evented']) {
    it(`shows each connection of the ${mode} server with the 4-tuple that its client has`, async (t) => {
      const { server, url } = await serving(t, mode);
      const page = await open(t, url);
      await shows(page, 'live');
      const client = await Client.connect(server.port);
      const { connection } = await server.connectionFrom(client.port);
      const fourTuple = formatFourTuple(['127.0.0.1', client.port, '127.0.0.1', server.port]);
      await page
        .locator('tr', { hasText: `#${connection}` })
        .filter({ hasText: fourTuple })
        .first()
        .waitFor();
      client.send(get(HOSTILE));
      await client.rest();
      await page.locator('tr', { hasText: fourTuple }).waitFor({ state: 'detached' });
      await shows(page, `request GET ${HOSTILE}`);
      await server.stop();
      await shows(page, 'stopped');
      assert.deepEqual(complaints, []);
    });
  }

  it('shows what the completion server has in flight, and follows a client by her name', async (t) => {
    const { server, url } = await serving(t, 'completion');
    const page = await open(t, url);
    const inFlight = page.locator('.parts > div', { hasText: 'in flight' });
    await inFlight.locator('tr', { hasText: 'listener' }).filter({ hasText: 'accept' }).waitFor();
    const [ada, other] = [await Client.connect(server.port), await Client.connect(server.port)];
    ada.send(get(`/sleep?ms=600000&name=${encodeURIComponent('Ada <b>')}`));
    other.send('GET');
    await inFlight.locator('tr', { hasText: 'timeout' }).waitFor();
    await inFlight.locator('tr', { hasText: 'recv' }).waitFor();
    await page.getByPlaceholder("follow a client's name").fill('ada');
    await shows(page, 'Only Ada <b> is bright.');
    const { connection } = await server.connectionFrom(ada.port);
    for (const row of await inFlight.locator('tbody tr').all())
      assert.equal(
        /\bother\b/.test((await row.getAttribute('class')) ?? ''),
        !(await row.innerText()).includes(`#${connection}`),
      );
    await page.getByRole('button', { name: 'link' }).click();
    await page.reload();
    await shows(page, 'Only Ada <b> is bright.');
    assert.deepEqual(complaints, []);
  });

  it('stands still when it is frozen, goes back event by event, catches up, and changes the pace', async (t) => {
    const { server, url } = await serving(t, 'evented');
    const page = await open(t, url);
    await shows(page, 'live');
    const client = await Client.connect(server.port);
    await shows(page, /1 open.*queue empty.*asleep in epoll_wait/s); // so that nothing more comes
    // The last five seconds are in sight, with a mark for each.
    await page
      .locator('.tick', { hasText: /^\d+( s)?$/ })
      .first()
      .waitFor();
    await page.keyboard.press('Space');
    await shows(page, 'frozen, 0 events behind');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await shows(page, 'frozen, 2 events behind');
    client.send(get('/'));
    await client.rest();
    await shows(page, /frozen, ([3-9]|\d\d) events behind/);
    await shows(page, '1 open');
    // A button that was clicked does not keep the space bar.
    await page.getByRole('button', { name: '▶', exact: true }).click();
    await page.keyboard.press('Space');
    await shows(page, '0 open');
    await page.keyboard.press('-');
    await shows(page, /live, 50 ms before each step/);
    await page.getByRole('button', { name: '+' }).click();
    await shows(page, 'from now on there are no pauses');
  });

  it('loses nothing when it is loaded again, nor do its totals', async (t) => {
    const { server, url } = await serving(t, 'blocking');
    for (let i = 0; i < 5; i++) {
      const client = await Client.connect(server.port);
      client.send(get('/'));
      await client.rest();
    }
    const silent = await Client.connect(server.port);
    const page = await open(t, url);
    const expected = /1 open · 6 connections · 5 requests/;
    await shows(page, expected);
    await page.reload();
    await shows(page, expected);
    await page.locator('tr', { hasText: `(127.0.0.1, ${silent.port}, 127.0.0.1, ${server.port})` }).waitFor();
  });

  it('plays a recording without a network, to a moment that a link names', async (t) => {
    const server = await TestServer.start(['--mode=blocking']);
    for (const path of ['/', '/connection']) {
      const client = await Client.connect(server.port);
      client.send(get(path));
      await client.rest();
    }
    await server.count('closed', 2);
    await server.stop();
    const file = join(temporaryFolder(), 'recording.html');
    const { events } = server;
    const servers = [{ name: 'blocking', mode: 'blocking', events }];
    writeFileSync(file, playerPage('<b>a recording</b>', { servers, marks: [] }));
    const second = events.find((event) => event.event === 'request' && event.connection === 2)!;
    const page = await open(t, `file://${file}#t=${(second.at / 1e6).toFixed(6)}&follow=2`);
    await shows(page, 'frozen');
    await shows(page, `${(second.at / 1e6).toFixed(6)} s`);
    await shows(page, 'Only #2 is bright.');
    assert.equal(await page.locator('h1').innerText(), '<b>a recording</b>');
    await page.locator('tr', { hasText: '#2' }).filter({ hasText: 'answering' }).first().waitFor();

    const source = page.locator('.source');
    await source.filter({ hasText: 'request GET /connection' }).waitFor();
    assert.match(await source.locator('mark').innerText(), /steps\.answer\(this\.#thread, c\);/);
    await page.getByRole('button', { name: 'acceptor' }).click();
    await source.locator('figcaption', { hasText: 'blocking/server.ts:' }).waitFor();
    await page.getByRole('button', { name: 'acceptor' }).click();

    // To the end, and one event at a time back to just before it was stopped.
    const slider = page.locator('input[type=range]');
    await slider.fill('1000');
    await shows(page, 'stopped');
    assert.match(await status(page), /end|frozen/);
    await page.locator('h1').click();
    await page.keyboard.press('ArrowLeft');
    const before: LifecycleEvent = events.at(-2)!;
    await shows(page, `${(before.at / 1e6).toFixed(6)} s`);
    assert.deepEqual(complaints, []);
  });
});
