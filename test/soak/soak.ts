// The soak: each model under mixed polite and rude clients for a while, and then nothing may be left behind.
// Run by `npm run soak`, not by the tests. It prints a line for each model, and exits 1 where one did not hold.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { MODELS_AND_VARIANTS } from '../support/models.js';
import { childrenOf } from '../support/proc.js';
import { beServedPolitely, RUDENESSES } from '../support/rude.js';
import { type EventOf, PROGRAM } from '../support/server.js';

const MODELS = {
  ...MODELS_AND_VARIANTS,
  iterative: ['--mode=iterative', '--timeout=0.5'],
  pool: ['--mode=pool', '--threads=32'],
  'processes, prefork': ['--mode=processes', '--prefork=32'],
  blocking: ['--mode=blocking', '--spare-threads=8', '--max-threads=64'],
};

const POLITE = 4;
/** Rude clients at a time, a kind each; the iterative server would only ever wait for that many. */
const RUDE = 24;
const RUDE_ONE_AT_A_TIME = 3;
/** Warm enough for memory to be compared: this part of the time, and no less than the seconds. */
const WARM_UP_SHARE = 0.2;
const WARM_UP_SECONDS = 3;
/** What memory may grow by, beyond where it was after the warm-up. */
const GROWTH = 1.3;
const GROWTH_MB = 48;
/** How long the last connections may take to be closed, in seconds. */
const SETTLE_SECONDS = 15;

/** A server whose events are counted, and forgotten at once. */
class SoakedServer {
  readonly open = new Set<number>();
  accepted = 0;
  closed = 0;
  untold = 0;
  listening: EventOf<'listening'> | undefined;
  stopped: EventOf<'stopped'> | undefined;
  readonly ended: Promise<{ status: number | null; stderr: string }>;

  constructor(flags: readonly string[]) {
    const child = spawn(
      process.execPath,
      [PROGRAM, 'serve', '--port=0', '--format=ndjson', '--keep-alive', '--backlog=1024', ...flags],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.#take(JSON.parse(line)));
    this.ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(([[status]]) => ({
      status,
      stderr,
    }));
  }

  #take(event: LifecycleEvent): void {
    if (event.event === 'accepted') {
      this.accepted++;
      this.open.add(event.connection);
    } else if (event.event === 'closed') {
      this.closed++;
      this.open.delete(event.connection);
    } else if (event.event === 'events-dropped' || event.event === 'skipped') this.untold += event.count;
    else if (event.event === 'listening') this.listening = event;
    else if (event.event === 'stopped') this.stopped = event;
  }
}

interface Footprint {
  readonly rssMb: number;
  readonly fds: number;
  readonly threads: number;
}

/** Of the process and its children. One that ends meanwhile counts for nothing. */
function footprint(pid: number): Footprint {
  const all = [pid, ...childrenOf(pid)].flatMap((each) => {
    try {
      return [footprintOf(each)];
    } catch {
      return [];
    }
  });
  const sum = (what: keyof Footprint): number => all.reduce((total, each) => total + each[what], 0);
  return { rssMb: Math.round(sum('rssMb')), fds: sum('fds'), threads: sum('threads') };
}

function footprintOf(pid: number): Footprint {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return {
    rssMb: Number(kilobytes) / 1024,
    fds: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

/** Polite and rude clients at once, for so many seconds; gives how many of each have come and gone. */
async function press(
  port: number,
  seconds: number,
  rudeAtOnce: number,
): Promise<{ polite: number; rude: number }> {
  const end = performance.now() + seconds * 1000;
  const done = { polite: 0, rude: 0 };
  const turn = () => sleep(20);
  const until = async (each: () => Promise<unknown>): Promise<void> => {
    while (performance.now() < end) await each();
  };
  const polite = Array.from({ length: POLITE }, () =>
    until(async () => {
      await beServedPolitely(port);
      done.polite++;
    }),
  );
  let next = 0;
  const rude = Array.from({ length: rudeAtOnce }, () =>
    until(async () => {
      await RUDENESSES[next++ % RUDENESSES.length]!.behave(port, turn);
      done.rude++;
    }),
  );
  await Promise.all([...polite, ...rude]);
  return done;
}

/** Waits until no connection is open and the number of threads and descriptors no longer falls. */
async function settled(server: SoakedServer, pid: number): Promise<Footprint> {
  const end = performance.now() + SETTLE_SECONDS * 1000;
  let last = footprint(pid);
  for (let same = 0; same < 4 && performance.now() < end; ) {
    await sleep(500);
    const now = footprint(pid);
    same =
      (server.open.size === 0 || server.untold > 0) && now.fds === last.fds && now.threads === last.threads
        ? same + 1
        : 0;
    last = now;
  }
  return last;
}

async function soak(model: keyof typeof MODELS, seconds: number): Promise<boolean> {
  const server = new SoakedServer(MODELS[model]);
  while (server.listening === undefined) await Promise.race([sleep(20), server.ended]);
  const { port, pid } = server.listening;
  const rudeAtOnce = model === 'iterative' ? RUDE_ONE_AT_A_TIME : RUDE;
  const problems: string[] = [];
  const warmUp = Math.min(seconds, Math.max(WARM_UP_SECONDS, seconds * WARM_UP_SHARE));
  let before: Footprint | undefined;
  let after: Footprint | undefined;
  const clients = { polite: 0, rude: 0 };
  try {
    await press(port, warmUp, rudeAtOnce);
    before = await settled(server, pid);
    Object.assign(clients, await press(port, seconds, rudeAtOnce));
    after = await settled(server, pid);
    const most = Math.round(before.rssMb * GROWTH + GROWTH_MB);
    if (after.rssMb > most) problems.push(`expected at most ${most} MB of memory`);
    if (after.fds > before.fds) problems.push('descriptors were left open');
    if (after.threads > before.threads) problems.push('threads were left over');
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended by itself; its status tells.
  }
  const { status, stderr } = await server.ended;
  if (status !== 0) problems.push(`ended with status ${status}`);
  if (stderr !== '' && server.untold === 0) problems.push(stderr.trim()); // it says how many lines were skipped
  const { stopped } = server;
  if (stopped === undefined) problems.push('no stopped event');
  else if (stopped.leftOpen !== 0) problems.push(`${stopped.leftOpen} connections were left open`);
  // Where events found no room in a ring the totals have to do.
  if (server.untold === 0 && server.open.size > 0)
    problems.push(`${server.open.size} connections have no closed event`);

  const change = (what: keyof Footprint): string => `${before?.[what] ?? '?'} -> ${after?.[what] ?? '?'}`;
  row(
    model,
    clients.polite,
    clients.rude,
    server.accepted,
    server.closed,
    server.untold,
    change('rssMb'),
    change('fds'),
    change('threads'),
    problems.length === 0 ? 'ok' : 'FAIL',
  );
  for (const problem of problems) console.log(`  ${problem}`);
  return problems.length === 0;
}

function row(model: string, ...cells: (string | number)[]): void {
  console.log(`${model.padEnd(36)}${cells.map((cell) => String(cell).padStart(13)).join('')}`);
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  console.error(
    `--seconds expects a number above 0, found ${JSON.stringify(values.seconds)}; try --seconds 60.`,
  );
  process.exit(2);
}
console.log(`${seconds} s for each model, after a warm-up\n`);
row('model', 'polite', 'rude', 'accepted', 'closed', 'untold', 'MB', 'fds', 'threads', '');
let held = true;
for (const model of Object.keys(MODELS) as (keyof typeof MODELS)[])
  held = (await soak(model, seconds)) && held;
process.exitCode = held ? 0 : 1;
