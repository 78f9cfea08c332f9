// The report in a real browser, without a network: what it shows is read back out of it and compared with what went in.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import type { Comparison } from '../../../src/compare/comparison.js';
import { connectionColour } from '../../../src/compare/report/connection-colours.js';
import { type Lane, lanesOf } from '../../../src/compare/report/lanes.js';
import { reportPage } from '../../../src/compare/report/report.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import { formatFourTuple } from '../../../src/net/four-tuple.js';
import { duration } from '../../../src/terminal/quantities.js';
import { LIMIT } from '../../support/limit.js';
import { missing, pathOf } from '../../support/tools.js';
import { COMPUTED_US, HOSTILE, NEVER_ACCEPTED, record, WAITED_US } from './recorded.js';

const SWITCHES = ['--headless', '--no-sandbox', '--disable-gpu'];

/** In CSS pixels: the page finds what is within four of the pointer. */
const WIDE = 100;

/** A browser's idle hands: time enough for a frame to be drawn. */
const FRAMES = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`;

describe('the report in a browser', { skip: missing('chromium') }, () => {
  let comparison: Comparison;
  let silentPorts: readonly number[];
  let browser: Browser;
  let page: Page;
  let file: string;
  const folder = mkdtempSync(join(tmpdir(), 'evented-demo-report-'));
  const paced = join(folder, 'paced.html');
  const requests: string[] = [];
  const complaints: string[] = [];

  before(async () => {
    ({ comparison, silentPorts } = await record());
    file = join(folder, 'report.html');
    writeFileSync(file, reportPage(comparison));
    browser = await chromium.launch({ executablePath: pathOf('chromium'), args: SWITCHES, ...LIMIT });
    page = await open();
  });

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(shown = file, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await browser.newContext({
      offline: true,
      viewport: { width, height: 800 },
      colorScheme,
    });
    context.setDefaultTimeout(LIMIT.timeout);
    const opened = await context.newPage();
    opened.on('request', (request) => requests.push(request.url()));
    opened.on('console', (message) => complaints.push(message.text()));
    opened.on('pageerror', (error) => complaints.push(error.message));
    opened.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await opened.goto(`file://${shown}`);
    await opened.evaluate(FRAMES);
    return opened;
  }

  const eventsOf = (mode: string): readonly LifecycleEvent[] =>
    comparison.models.find((model) => model.mode === mode)!.events;
  const laneOf = (mode: string, thread: string): Lane =>
    lanesOf(eventsOf(mode), comparison.durationUs).find((lane) => lane.thread === thread)!;

  /** The marks of the time axis: their moments, and their places in the window. */
  async function marks(): Promise<{ at: number; x: number }[]> {
    const all = await page.locator('.tick[data-at]').all();
    return Promise.all(
      all.map(async (tick) => ({
        at: Number(await tick.getAttribute('data-at')),
        x: (await tick.boundingBox())!.x,
      })),
    );
  }

  const nameOf = (mode: string, thread: string): Locator =>
    page.locator(`[data-mode=${mode}] [data-thread="${thread}"]`);
  const rowOf = (mode: string, id: string): Locator =>
    page.locator(`[data-mode=${mode}] [data-connection="${id}"]`);

  /** Where a moment of a thread is on the screen, by the axis and the thread's name. */
  const placeOf = (mode: string, thread: string, at: number) => place(nameOf(mode, thread), at);

  async function place(name: Locator, at: number): Promise<{ x: number; y: number }> {
    await name.scrollIntoViewIfNeeded();
    const { y, height } = (await name.boundingBox())!;
    return { x: await xOf(at), y: y + height / 2 };
  }

  async function xOf(at: number): Promise<number> {
    const found = await marks();
    const [first, last] = [found[0]!, found.at(-1)!];
    return first.x + ((at - first.at) / (last.at - first.at)) * (last.x - first.x);
  }

  async function hover(name: Locator, at: number): Promise<string> {
    const { x, y } = await place(name, at);
    await page.mouse.move(x, y);
    await page.evaluate(FRAMES);
    const tooltip = page.locator('.tooltip');
    return (await tooltip.isVisible()) ? tooltip.innerText() : ''; // hidden, it keeps its last text
  }

  /** Nothing next to it is as near to the pointer then, however long a busy machine made the run. */
  async function zoomInto(name: Locator, from: number, to: number): Promise<void> {
    await whole();
    while ((await xOf(to)) - (await xOf(from)) < WIDE) {
      await hover(name, (from + to) / 2);
      await page.mouse.wheel(0, -400);
      await page.evaluate(FRAMES);
    }
  }

  async function whole(): Promise<void> {
    await page.keyboard.press('Escape');
    await page.keyboard.press('0');
    await page.evaluate(FRAMES);
  }

  it('shows the figures that were measured', async () => {
    const rows = await page.locator('#figures table tr').allInnerTexts();
    const cells = new Map(
      rows.map((row) => row.split('\t')).map(([name, ...values]) => [name!.trim(), values]),
    );
    const expected = {
      '': ['blocking', 'evented'],
      'requests answered': ['1,234', '5,678'],
      'requests failed': ['3', '0'],
      'quick requests': ['1,234', '1,234'],
      'answered a second': ['321', '1,450'],
      'half of them within (p50)': ['1.23 ms', '1.23 ms'],
      '99 of 100 within (p99)': ['45.6 ms', '7.89 ms'],
      'all within (max)': ['1.50 s', '1.50 s'],
      'connections at once': ['3', '3'],
      'threads at once': ['4', '1'],
      'a thread started in (median)': ['28.6 ms', '–'],
      'memory at its peak': ['100 MB', '50 MB'],
      'memory added': ['50 MB', '0.0 MB'],
      'CPU seconds': ['0.123', '0.123'],
      'context switches, voluntary': ['4,321', '4,321'],
      'context switches, involuntary': ['17', '17'],
    };
    assert.deepEqual(Object.fromEntries(cells), expected);
    assert.deepEqual(await page.locator('.bars dd').allInnerTexts(), [
      '45.6 ms',
      '7.89 ms',
      '4 threads',
      '1 thread',
      '50 MB',
      '0.0 MB',
    ]);
    assert.match(
      await page.locator('#figures').innerText(),
      /Failed with blocking: 1 reset, 2 no reply in time\./,
    );
  });

  it('has a lane for each thread, the models in their order', async () => {
    const shown = await page.evaluate(
      `[...document.querySelectorAll('.server')].map((server) => [server.dataset.mode,
        [...server.querySelectorAll('[data-thread]')].map((name) => name.dataset.thread + ' ' + name.dataset.tid)])`,
    );
    const serial = (thread: string): number => Number(/conn-(\d+)/.exec(thread)?.[1] ?? 0);
    const threads = (events: readonly LifecycleEvent[]): string[] =>
      [
        ...new Set(
          events.filter(({ thread }) => thread !== 'main').map(({ thread, tid }) => `${thread} ${tid}`),
        ),
      ].sort((a, b) => serial(a) - serial(b));
    assert.deepEqual(shown, [
      ['blocking', threads(eventsOf('blocking'))],
      ['evented', threads(eventsOf('evented'))],
    ]);
  });

  it('tells in numbers how long each thread slept and worked, as its events say', async () => {
    const rows = await page.evaluate(
      `[...document.querySelectorAll('#lanes tbody tr')].map((row) => [row.cells[0].textContent, row.cells[1].textContent,
        ...[...row.querySelectorAll('[data-us]')].map((cell) => Number(cell.dataset.us))])`,
    );
    const expected = comparison.models.flatMap(({ mode, events }) =>
      lanesOf(events, comparison.durationUs).map(({ thread, segments }) => [
        mode,
        thread,
        ...['starting', 'asleep', 'idle', 'working'].map((state) =>
          segments.reduce((sum, each) => (each.state === state ? sum + each.to - each.from : sum), 0),
        ),
      ]),
    );
    assert.deepEqual(rows, expected);
  });

  it('says what a thread does at the moment that is pointed at', async () => {
    await whole();
    for (const [i, [mode, thread, call]] of [
      ['blocking', 'conn-1', 'recv'],
      ['evented', 'loop', 'epoll_wait'],
    ].entries()) {
      const asleep = laneOf(mode!, thread!)
        .segments.filter((segment) => segment.call === call)
        .toSorted((a, b) => b.to - b.from - (a.to - a.from))[0]!;
      const text = await hover(nameOf(mode!, thread!), (Math.max(0, asleep.from) + asleep.to) / 2);
      assert.match(text, new RegExp(`${mode}: ${thread}, tid ${laneOf(mode!, thread!).tid}`));
      assert.match(text, new RegExp(`asleep in ${call} on fd ${asleep.fd}`));
      assert.ok(text.includes(duration(asleep.to - asleep.from)), text);
      if (i === 0) {
        const { port } = comparison.models[0]!;
        assert.ok(text.includes(formatFourTuple(['127.0.0.1', silentPorts[0]!, '127.0.0.1', port])), text);
      }
    }
  });

  it('finds the edges of a piece of work where the axis says that they are', async () => {
    await whole();
    for (const mode of ['blocking', 'evented']) {
      const request = eventsOf(mode).find(
        (each) => each.event === 'request' && each.target.startsWith('/compute'),
      )!;
      const { from, to } = laneOf(mode, request.thread).segments.find(
        (segment) => segment.from <= request.at && request.at < segment.to,
      )!;
      await zoomInto(nameOf(mode, request.thread), from, to);
      for (const share of [0.1, 0.9]) {
        const text = await hover(nameOf(mode, request.thread), from + (to - from) * share);
        assert.match(text, /at work\s+#2 /, `${mode} at ${share}`);
        assert.ok(text.includes(duration(to - from)), text);
      }
      const before = await hover(nameOf(mode, request.thread), from - (to - from) * 0.2);
      const after = await hover(nameOf(mode, request.thread), to + (to - from) * 0.2);
      assert.ok(!before.includes(duration(to - from)) && !after.includes(duration(to - from)));
    }
  });

  it('gives a connection one colour in every server, and sleep another look than work', async () => {
    await whole();
    const colours: string[] = [];
    const connections: (number | undefined)[] = [];
    for (const [mode, state] of [
      ['blocking', 'working'],
      ['evented', 'working'],
      ['blocking', 'asleep'],
    ] as const) {
      const request = eventsOf(mode).find(
        (each) => each.event === 'request' && each.target.startsWith('/compute'),
      )!;
      const lane = laneOf(mode, state === 'asleep' ? 'conn-1' : request.thread);
      const longest = lane.segments
        .filter((segment) => segment.state === state)
        .toSorted((a, b) => b.to - b.from - (a.to - a.from))[0]!;
      const seen: string[] = [];
      for (const part of [0.5, 0.6, 0.7, 0.8, 0.9]) {
        const { x, y } = await placeOf(mode, lane.thread, longest.from + (longest.to - longest.from) * part);
        seen.push(await colourAt(mode, x, y));
      }
      colours.push(mostFrequent(seen)); // a line of the grid may stand at one of them
      connections.push(longest.connection);
    }
    // Which of the clients is accepted first may differ from server to server: then so do id and colour.
    assert.equal(colours[0] === colours[1], connections[0] === connections[1], colours.join(' '));
    assert.notEqual(colours[0], colours[2]);
    assert.ok(!colours.includes('255,255,255'), colours.join(' '));
  });

  const mostFrequent = (colours: readonly string[]): string => {
    const times = (each: string): number => colours.filter((other) => other === each).length;
    return colours.toSorted((a, b) => times(b) - times(a))[0]!;
  };

  /** What the canvas has at this place of the window. */
  const colourAt = (mode: string, x: number, y: number): Promise<string> =>
    page.evaluate(`(() => {
      const canvas = document.querySelector('[data-mode=${mode}] canvas');
      const { left, top } = canvas.getBoundingClientRect();
      const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      pixel.drawImage(canvas, ${x} - left, ${y} - top, 1, 1, 0, 0, 1, 1);
      return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3).join();
    })()`);

  it('writes at each mark of the axis its whole time, however far it is zoomed in', async () => {
    await whole();
    const { x, y } = await placeOf('evented', 'loop', comparison.durationUs * 0.9);
    await page.mouse.move(x, y);
    for (let i = 0; i < 14; i++) {
      const shown = await page.evaluate(
        `[...document.querySelectorAll('.tick')].map((tick) => [tick.textContent, Number(tick.dataset.at)])`,
      );
      const labels = (shown as [string, number][]).filter(([text]) => text !== '');
      assert.ok(labels.length > 1);
      for (const [text, at] of labels) {
        const [number, unit] = text.split(' ');
        const us = { s: 1e6, ms: 1e3, us: 1 }[unit!] ?? 0;
        assert.ok(
          Math.abs(Number(number) * us - at) < 1e-6 * Math.max(1, Math.abs(at)),
          `${text} at ${at} us`,
        );
      }
      assert.equal(new Set(labels.map(([text]) => text)).size, labels.length, 'no two are alike');
      await page.mouse.wheel(0, -400);
      await page.evaluate(FRAMES);
    }
  });

  it('zooms at the pointer, moves, and comes back to the whole', async () => {
    await whole();
    const before = await marks();
    const middle = comparison.durationUs / 2;
    const { x, y } = await placeOf('evented', 'loop', middle);
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -600);
    await page.waitForFunction(
      `document.querySelectorAll('.tick[data-at]')[1].dataset.at !== '${before[1]!.at}'`,
    );
    const zoomed = await marks();
    const scale = (all: { at: number; x: number }[]): number =>
      (all.at(-1)!.at - all[0]!.at) / (all.at(-1)!.x - all[0]!.x);
    assert.ok(scale(zoomed) < scale(before) / 2, 'fewer microseconds a pixel');
    const there = await placeOf('evented', 'loop', middle);
    assert.ok(Math.abs(there.x - x) < 2, 'the moment under the pointer stays there');
    await page.mouse.down();
    await page.mouse.move(x + 100, y, { steps: 4 });
    await page.mouse.up();
    await page.evaluate(FRAMES);
    assert.ok(
      Math.abs((await placeOf('evented', 'loop', middle)).x - x - 100) < 2,
      'it goes where it is dragged',
    );
    await page.keyboard.press('+');
    await page.evaluate(FRAMES);
    assert.ok(scale(await marks()) < scale(zoomed));
    await whole();
    assert.deepEqual(await marks(), before);
  });

  it('shows what a click on a connection asks for, until Escape', async () => {
    await whole();
    const asleep = laneOf('blocking', 'conn-1').segments.find(
      ({ call, from, to }) => call === 'recv' && to - from > 10_000,
    )!;
    const { x, y } = await placeOf('blocking', 'conn-1', (asleep.from + asleep.to) / 2);
    await page.mouse.click(x, y);
    const story = await page.locator('#connection').innerText();
    for (const [i, { port }] of comparison.models.entries()) {
      assert.ok(story.includes(formatFourTuple(['127.0.0.1', silentPorts[i]!, '127.0.0.1', port])), story);
    }
    assert.match(story, /the client has closed its side/);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#connection').innerText(), '');
  });

  it('can be read with the keyboard alone', async () => {
    const fresh = await open();
    await fresh.locator('.timeline').focus();
    await fresh.keyboard.press('ArrowDown');
    await fresh.keyboard.press('n');
    const spoken = await fresh.locator('.spoken').textContent();
    assert.match(spoken ?? '', /blocking: conn-1, tid \d+/);
  });

  it('has the curves, and changes them to another theme without a complaint', async () => {
    assert.deepEqual(await page.locator('figcaption').allInnerTexts(), [
      'Open connections',
      'Waiting in the accept queue',
      'Threads',
      'Memory',
      'CPU, as a share of one',
    ]);
    assert.equal(await page.locator('.uplot canvas').count(), 5);
    const ground = (): Promise<string> =>
      page.evaluate(`getComputedStyle(document.documentElement).backgroundColor`);
    const light = await ground();
    await page.getByText('light / dark').click();
    assert.notEqual(await ground(), light);
    await page.getByText('light / dark').click();
  });

  it('says below a chart from which value to which each curve goes, as the events say, not the samples', async () => {
    await page.mouse.move(0, 0);
    const legends = await page.locator('.u-legend').allInnerTexts();
    const threads = (mode: string): number =>
      new Set(eventsOf(mode).flatMap(({ thread, tid }) => (thread === 'main' ? [] : [tid]))).size;
    assert.match(legends[0]!, /^at\s*0\.000 s to [\d.]+ s\s*blocking\s*0 to 2\s*evented\s*0 to 2$/);
    assert.match(legends[1]!, /blocking\s*0 to 2\s*evented\s*0 to 2$/);
    assert.match(legends[2]!, new RegExp(`blocking\\s*\\d to ${threads('blocking')}\\s*evented\\s*\\d`));
  });

  it('shows the value under the cursor below every chart', async () => {
    const plot = page.locator('.u-over').first();
    await plot.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.evaluate(FRAMES);
    for (const legend of await page.locator('.u-legend').allInnerTexts())
      assert.match(legend, /^at\s*[\d.]+ s\s*blocking\s*[\d–]/);
    assert.doesNotMatch(await page.locator('.u-legend').first().innerText(), / to /);
  });

  it('has a row for each connection, with the wait that only its client knows', async () => {
    await whole();
    for (const mode of ['blocking', 'evented']) {
      const server = page.locator(`.server[data-mode=${mode}]`);
      assert.match(await server.innerText(), /4 connections; at most 2 at once in the accept queue/);
      assert.deepEqual(await server.locator('[data-connection]').allInnerTexts(), [
        ...(await rowNames(mode)),
      ]);
      const accepted = eventsOf(mode).find((each) => each.event === 'accepted' && each.connection === 3)!;
      await zoomInto(rowOf(mode, '3'), accepted.at - WAITED_US, accepted.at);
      const waiting = await hover(rowOf(mode, '3'), accepted.at - WAITED_US / 2);
      assert.match(waiting, /waits in the accept queue/);
      assert.ok(waiting.includes(duration(WAITED_US)), waiting);
      await whole();
      const never = await hover(rowOf(mode, ''), comparison.durationUs / 2);
      assert.match(never, /\(127\.0\.0\.1, 9, 127\.0\.0\.1, 80\), never accepted/);
      const { at } = eventsOf(mode).find(
        (each) => each.event === 'request' && each.target.startsWith('/compute'),
      )!;
      await zoomInto(rowOf(mode, '2'), at, at + COMPUTED_US);
      const served = await hover(rowOf(mode, '2'), at + COMPUTED_US / 2);
      assert.match(served, /is being answered\s+#2 /);
    }
  });

  /** In the order in which they began to connect. */
  async function rowNames(mode: string): Promise<string[]> {
    const model = comparison.models.find((each) => each.mode === mode)!;
    const ports = model.clients
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map(({ fourTuple }) => fourTuple![1]);
    const ids = new Map(
      eventsOf(mode).flatMap((each) =>
        each.event === 'accepted' ? [[each.fourTuple[1], each.connection] as const] : [],
      ),
    );
    return ports.map((port) =>
      port === NEVER_ACCEPTED[1] ? `never accepted :${port}` : `#${ids.get(port)} :${port}`,
    );
  }

  it('has the timeline above everything but the question', async () => {
    const fresh = await open();
    const top = (selector: string): Promise<number> =>
      fresh.evaluate(`document.querySelector('${selector}').getBoundingClientRect().top`);
    assert.ok(
      (await top('[data-mode=blocking] canvas')) < 400,
      'its lanes begin in the upper half of the window',
    );
    assert.ok((await top('#timeline')) < (await top('#verdict')));
    await fresh.close();
  });

  it('is no wider than the window of a phone', async () => {
    const phone = await open(file, 390);
    assert.equal(await phone.evaluate('document.documentElement.scrollWidth'), 390);
    await phone.close();
  });

  it('has one colour for a model: its bars, its name, its column and its curves', async () => {
    for (const [scheme, blocking, evented] of [
      ['light', 'rgb(179, 71, 11)', 'rgb(31, 95, 191)'],
      ['dark', 'rgb(255, 158, 100)', 'rgb(116, 173, 255)'],
    ] as const) {
      const shown = await open(file, 1280, scheme);
      const styles = (selector: string, property: string): Promise<string[]> =>
        shown.evaluate(
          `[...document.querySelectorAll('${selector}')].map((each) => getComputedStyle(each)['${property}'])`,
        );
      const both = [blocking, evented];
      assert.deepEqual(await styles('.bar', 'backgroundColor'), [...both, ...both, ...both]);
      assert.deepEqual(await styles('.swatch', 'backgroundColor'), both);
      assert.deepEqual(await styles('#figures th[scope=col]', 'borderBottomColor'), both);
      for (const markers of await styles('.u-series:not(:first-child) .u-marker', 'borderBottomColor'))
        assert.ok(
          both.some((each) => each === markers),
          markers,
        );
      await shown.close();
    }
  });

  it('has a colour of its own for every connection, on which its number can be read', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const shown = await open(file, 1280, scheme);
      // The page's own colours, and what they come to on the screen.
      const colours: number[][] = await shown.evaluate(
        `(${drawn})(${JSON.stringify(
          Array.from({ length: 1000 }, (_, i) => connectionColour(i + 1)[scheme]),
        )})`,
      );
      const text = scheme === 'light' ? [255, 255, 255] : [12, 17, 23];
      for (const [i, colour] of colours.entries())
        assert.ok(
          contrast(colour, text) >= 4.5,
          `#${i + 1} ${colour} in ${scheme}: ${contrast(colour, text)}`,
        );
      assert.equal(new Set(colours.map(String)).size, colours.length, 'no two are alike');
      const chip = await shown.evaluate(`(() => {
        const canvas = document.querySelector('[data-mode=evented] canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const found = new Set();
        for (let i = 0; i < data.length; i += 4) found.add([data[i], data[i + 1], data[i + 2]].join());
        return [...found];
      })()`);
      assert.ok((chip as string[]).includes(String(colours[1])), '#2 is drawn in its colour');
      await shown.close();
    }
  });

  /** What the browser makes of these colours. */
  const drawn = `(colours) => colours.map((colour) => {
    const pen = new OffscreenCanvas(1, 1).getContext('2d');
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  })`;

  /** WCAG 2.2, contrast ratio. */
  function contrast(a: readonly number[], b: readonly number[]): number {
    const luminance = (colour: readonly number[]): number => {
      const [r, g, b] = colour
        .map((each) => each / 255)
        .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high! + 0.05) / (low! + 0.05);
  }

  it('calls the pauses of a paced run by their name, and neither adds them up nor draws bars of them', async () => {
    assert.match(await page.locator('#summary').innerText(), /awake for/);
    writeFileSync(paced, reportPage({ ...comparison, pace: '20ms' }));
    const shown = await open(paced);
    assert.doesNotMatch(await shown.locator('#summary').innerText(), /awake/);
    assert.match(await shown.locator('.legend').innerText(), /at work or pausing for #1/);
    assert.match(await shown.locator('.timeline').innerText(), /one of the pauses that slow it down/);
    assert.equal(await shown.locator('#lanes th').nth(6).textContent(), 'at work or pausing');
    assert.deepEqual(await shown.locator('#verdict h3').allInnerTexts(), ['threads at once', 'memory added']);
    await shown.close();
  });

  it('shows hostile bytes as text, and nothing else comes of them', async () => {
    const request = eventsOf('evented').find((each) => each.event === 'request' && each.target === HOSTILE);
    assert.ok(request?.event === 'request', 'the server has told of it');
    const { segments } = laneOf('evented', 'loop');
    const segment = segments.find(({ from, to }) => from <= request.at && request.at < to)!;
    const loop = nameOf('evented', 'loop');
    await zoomInto(loop, segment.from, segment.to);
    const text = await hover(loop, (segment.from + segment.to) / 2);
    assert.ok(text.includes(`request GET ${HOSTILE}`), text);
    assert.match(await page.locator('#verdict').innerText(), /<\/li><script>alert\(3\)<\/script>/);
    assert.match(
      (await page.locator('#lanes').locator('..').textContent()) ?? '',
      /onerror=alert\(2\)>\\u2028\\u202e/,
    );
    assert.equal(await page.locator('img, main script').count(), 0);
    assert.equal(await page.locator('script').count(), 2);
  });

  it('is whole by itself: it loads nothing, asks nobody and complains of nothing', () => {
    assert.deepEqual([...new Set(requests)].sort(), [paced, file].map((each) => `file://${each}`).sort());
    assert.deepEqual(complaints, []);
  });

  it('has the very data that went in', async () => {
    const data = await page.locator('#comparison').textContent();
    assert.deepEqual(JSON.parse(data ?? ''), JSON.parse(JSON.stringify(comparison)));
    assert.ok(!/[\u2028\u202e]/.test(data ?? ''), 'no control character');
  });
});
