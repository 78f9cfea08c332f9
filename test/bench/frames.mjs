// `npm run bench -- frames`: how many pictures a second the live page draws in chromium while its server reports 5,000 events
// a second, beside the same page while nothing happens. Every request has a connection of its own, as in class.

import { get } from 'node:http';
import { chromium } from 'playwright-core';
import { find } from './machine.mjs';
import { freePort, sleep, start, untilItAnswers } from './processes.mjs';
import { PROGRAM } from './servers.mjs';
import { figure, median, progress, ratio, table, whole } from './table.mjs';

const EVENTS_A_SECOND = 5_000;
/** As far as a request's events are not known yet. */
const EVENTS_A_REQUEST = 8;
const BURST_EVERY_MS = 10;
const MOST_IN_BURST = 30;
const WARM_UP_MS = 1_000;
const WANTED = 50;

export async function frames(/** @type {import('./run.mjs').Options} */ { rounds, seconds }) {
  const executablePath = find('chromium');
  if (executablePath === undefined)
    throw new Error('This part draws in chromium, and there is none. Install it: apt-get install chromium.');
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox'] });
  console.log(
    `${rounds} rounds of ${seconds} s: at rest, then with ${whole(EVENTS_A_SECOND)} events a second\n`,
  );
  /** @type {Measured[]} */
  const all = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round}`);
      all.push(await measure(browser, seconds));
    }
  } finally {
    await browser.close();
  }
  progress('');
  report(all);
}

/** @typedef {{ rest: number, busy: number, events: number, notes: string }} Measured */

/** @returns {Promise<Measured>} */
async function measure(
  /** @type {import('playwright-core').Browser} */ browser,
  /** @type {number} */ seconds,
) {
  const port = await freePort();
  let events = 0;
  const server = start(
    [process.execPath, PROGRAM, 'serve', '--port', String(port), '--format', 'ndjson', '--page', '0'],
    {
      limitSeconds: 60 + 3 * seconds,
      onStdout: (text) => {
        events += text.split('\n').length - 1;
      },
    },
  );
  await untilItAnswers(server, port);
  const [, url = ''] = /page is at (\S+)/.exec(server.stderr) ?? [];
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(url);
  await page.locator('.clock', { hasText: /\d/ }).waitFor();
  const rest = await picturesOf(page, seconds);
  const stopLoad = load(port, () => events);
  await sleep(WARM_UP_MS);
  const before = events;
  const began = performance.now();
  const busy = await picturesOf(page, seconds);
  const eventsASecond = ((events - before) / (performance.now() - began)) * 1000;
  const notes = await page.locator('.note[role=status]').innerText();
  stopLoad();
  await page.close();
  await server.stop();
  return { rest, busy, events: eventsASecond, notes };
}

/** A picture that is drawn changes the clock. */
async function picturesOf(/** @type {import('playwright-core').Page} */ page, /** @type {number} */ seconds) {
  const pictures = await page.evaluate(async (milliseconds) => {
    let seen = 0;
    const observer = new MutationObserver(() => {
      seen++;
    });
    observer.observe(/** @type {Element} */ (document.querySelector('.clock')), { childList: true });
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    observer.disconnect();
    return seen;
  }, seconds * 1000);
  return pictures / seconds;
}

/** As many requests as it takes for so many events. Returns what ends it. */
function load(/** @type {number} */ port, /** @type {() => number} */ events) {
  const [began, before] = [performance.now(), events()];
  const timer = setInterval(() => {
    const wanted = ((performance.now() - began) / 1000) * EVENTS_A_SECOND;
    const missing = (wanted - (events() - before)) / EVENTS_A_REQUEST;
    for (let i = Math.min(missing, MOST_IN_BURST); i >= 1; i--)
      get({ host: '127.0.0.1', port, agent: false }, (response) => response.resume()).on('error', () => {});
  }, BURST_EVERY_MS);
  return () => clearInterval(timer);
}

function report(/** @type {Measured[]} */ all) {
  const [rest, busy, events] = [
    median(all.map((each) => each.rest)),
    median(all.map((each) => each.busy)),
    median(all.map((each) => each.events)),
  ];
  console.log(
    table(
      ['', 'pictures/s', `of ${WANTED}`, 'of rest', 'events/s'],
      [
        ['at rest', figure(rest), ratio(rest && rest / WANTED), '', ''],
        [
          'busy',
          figure(busy),
          ratio(busy && busy / WANTED),
          ratio(busy && rest && busy / rest),
          whole(events),
        ],
      ],
    ),
  );
  const notes = [...new Set(all.map((each) => each.notes).filter((each) => each !== ''))];
  for (const note of notes) console.log(`The page says: ${note}`);
}
