// `compare --record`, and `replay` of that file in every view: one run of two servers, each with the same clients.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import type { Trace } from '../../src/pictures/trace.js';
import { BoardOnTerminal } from '../support/board.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { embeddedIn } from '../support/embedded.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';
import { missing, pathOf } from '../support/tools.js';

const folder = temporaryFolder();
const recording = join(folder, 'silent.ndjson.gz');
const MODES = ['blocking', 'evented'];

interface Line {
  readonly at: number;
  readonly event: string;
  readonly server?: string;
  readonly client?: number;
  readonly connection?: number;
  readonly fourTuple?: readonly unknown[];
  readonly text?: string;
  readonly servers?: readonly string[];
}

let lines: string[];
let recorded: Line[];
before(async () => {
  const { status, stderr } = await run([
    'compare',
    'silent',
    `--modes=${MODES}`,
    '--quiet',
    `--record=${recording}`,
  ]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  lines = gunzipSync(readFileSync(recording)).toString().trimEnd().split('\n');
  recorded = lines.map((line) => JSON.parse(line));
});

/** The text of the file that this flag makes. */
async function made(flag: string, ...flags: string[]): Promise<string> {
  const file = join(folder, `made${flags.length}${flag}`);
  const { status, stderr } = await run(['replay', recording, flag, file, ...flags]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^evented-demo: The (page|trace|picture|ladder) is in /);
  return readFileSync(file, 'utf8');
}

describe('the recording of a comparison', LIMIT, () => {
  it('says first which servers there are, and then everything in the order of time', () => {
    const [first, ...rest] = recorded;
    assert.equal(first!.event, 'comparison');
    assert.deepEqual(first!.servers, MODES);
    assert.deepEqual(
      rest.map(({ at }) => at),
      rest.map(({ at }) => at).toSorted((a, b) => a - b),
    );
    for (const { event, server } of rest) if (event !== 'step') assert.ok(MODES.includes(server!), event);
  });

  it('has the steps, and of each connection what its server and what its client did', () => {
    const steps = recorded.filter(({ event }) => event === 'step').map(({ text }) => text);
    assert.equal(steps.length, 4);
    assert.equal(steps.at(-1), 'the four close');
    for (const mode of MODES) {
      const accepted = recorded.filter(({ server, event }) => server === mode && event === 'accepted');
      assert.equal(accepted.length, 10);
      for (const { fourTuple } of accepted) {
        const moments = recorded
          .filter((each) => each.client !== undefined && String(each.fourTuple) === String(fourTuple))
          .map(({ event }) => event);
        assert.deepEqual(moments.slice(0, 2), ['connecting', 'connected']);
        assert.equal(moments.at(-1), 'closed');
      }
    }
  });

  it('is never made where a file is already', async () => {
    const { status, stderr } = await run(['compare', 'silent', `--record=${recording}`]);
    assert.equal(status, 1);
    assert.match(stderr, /exists already/);
  });
});

describe('replay of a comparison', LIMIT, () => {
  it('prints a line for each event, each with its server, and the steps between them', async () => {
    const { status, stdout, stderr } = await run(['replay', recording]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^silent\.ndjson\.gz: silent, recorded \d{4}-\d\d-\d\d \d\d:\d\d\n/);
    const [, steps] = stdout.split('-> four clients connect and say nothing');
    for (const mode of MODES) {
      const sixth = recorded.find((each) => each.server === mode && each.connection === 6)!;
      const port = sixth.fourTuple![1];
      assert.match(steps!, new RegExp(`^${mode} .* #6 .* accepted \\(127\\.0\\.0\\.1, ${port}, `, 'm'));
    }
  });

  it('folds similar events as compare does', async () => {
    const { stdout } = await run(['replay', recording, '--lines=folded']);
    assert.match(stdout, /^#6-#9 silent\n {2}accepted (at once|within )/m);
    assert.match(stdout, /^up to 4 threads asleep in recv +│ 1 thread asleep in epoll_wait/m);
  });

  it('gives the lines as they were recorded, of a stretch of time and of one connection too', async () => {
    const whole = await run(['replay', recording, '--format=ndjson']);
    assert.deepEqual(whole.stdout.trimEnd().split('\n'), lines);
    const [from, to] = [recorded[40]!.at, recorded[90]!.at];
    const seconds = [from, to].map((at) => (at / 1e6).toFixed(6));
    const part = await run([
      'replay',
      recording,
      '--format=ndjson',
      `--at=${seconds[0]}`,
      `--to=${seconds[1]}`,
    ]);
    const within = lines.filter((_, i) => i === 0 || (recorded[i]!.at >= from && recorded[i]!.at <= to));
    assert.deepEqual(part.stdout.trimEnd().split('\n'), within);
    const one = await run(['replay', recording, '--format=ndjson', '--follow=6']);
    const own = lines.filter((_, i) => {
      const { event, connection, client } = recorded[i]!;
      return event === 'comparison' || event === 'step' || (client === undefined && connection === 6);
    });
    assert.deepEqual(one.stdout.trimEnd().split('\n'), own);
  });

  it('plays up to the damage, and says where it is', async () => {
    const damaged = join(folder, 'damaged.ndjson');
    const other = lines[50]!.replace(/"server":"\w+"/, '"server":"nobody"');
    writeFileSync(damaged, `${[...lines.slice(0, 50), other, ...lines.slice(51)].join('\n')}\n`);
    const { status, stdout, stderr } = await run(['replay', damaged, '--format=ndjson']);
    assert.deepEqual(stdout.trimEnd().split('\n'), lines.slice(0, 50));
    assert.match(stderr, /is damaged at line 51\. It does not name a server of this comparison\./);
    assert.equal(status, 1);
  });

  it('shows all servers on the board, goes back to a step, and has the lines', async (t) => {
    const board = new BoardOnTerminal(t, ['replay', recording, '--speed=1000']);
    await board.until(/the end/);
    assert.match(board.picture, /^silent: 4 the four close/);
    assert.match(board.picture, /blocking +:\d+ pid \d+, stopped +│ evented +:\d+ pid \d+, stopped/);
    // On a busy machine a loop that was stuck is a chapter too.
    while (!/frozen · .*step 3/.test(board.picture)) await board.change('p');
    await board.until(/connections {2}4 open +│/);
    board.press('l');
    await board.prints(/Lines\. l shows[\s\S]*asleep in /);
    board.press('q');
    assert.equal(await board.ended, 0);
  });

  it('makes a trace with a process for each server, and every step as a moment', async () => {
    const { traceEvents } = JSON.parse(await made('--trace')) as Trace;
    const processes = traceEvents.filter(({ name }) => name === 'process_name');
    assert.deepEqual(
      processes.map(({ args }) => args),
      MODES.map((mode) => ({ name: `evented-demo ${mode}` })),
    );
    assert.equal(new Set(processes.map(({ pid }) => pid)).size, 2);
    assert.equal(traceEvents.filter(({ ph }) => ph === 'i').length, 4);
  });

  it('makes a picture of the threads of all servers', async () => {
    const svg = await made('--svg');
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    for (const text of [...MODES, 'acceptor', 'conn-1', 'loop', 'the four close'])
      assert.ok(texts.includes(text), text);
  });

  it('draws the same connection of both servers as ladders', async () => {
    const svg = await made('--ladder', '--follow=10');
    for (const text of ['client', ...MODES, 'SYN_SENT', 'connect', 'accept4', 'GET /', 'TIME_WAIT'])
      assert.ok(svg.includes(`>${text}`), text);
    const { status, stderr } = await run([
      'replay',
      recording,
      '--ladder',
      join(folder, 'no'),
      '--follow=99',
    ]);
    assert.equal(status, 1);
    assert.match(stderr, /There is no connection #99/);
  });

  it('makes a page that has all servers, and goes to a step', { skip: missing('chromium') }, async (t) => {
    const html = await made('--html');
    assert.deepEqual(
      embeddedIn(html).servers.map(({ name }) => name),
      MODES,
    );
    const args = ['--headless', '--no-sandbox', '--disable-gpu'];
    const browser = await chromium.launch({ executablePath: pathOf('chromium'), args, ...LIMIT });
    t.after(() => browser.close());
    const child = spawn(process.execPath, [PROGRAM, 'replay', recording, '--page=0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    for (; !/stays until/.test(said); said += (await once(child.stderr!, 'data'))[0]);
    const page = await browser.newPage();
    page.setDefaultTimeout(LIMIT.timeout);
    await page.goto(/page is at (\S+)/.exec(said)![1]!);
    const shows = (text: string): Promise<void> => page.locator('body').filter({ hasText: text }).waitFor();
    await shows('silent: Four clients connect and say nothing');
    while (!(await page.locator('body').innerText()).includes('Step 3 of 4')) {
      await page.keyboard.press('n');
      await page.evaluate(
        'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
      );
    }
    await shows('step 3');
    await page.locator('section[data-mode=evented] .totals', { hasText: '4 open' }).waitFor();
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'close'), [0, null]);
  });
});
