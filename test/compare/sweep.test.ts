// A sweep, run for real: what it tells of threads, memory and connections beside /proc and ss; what keeps it in bounds;
// what is left of it when it is ended early. Stands beside src/compare/sweep/.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { type Capacity, capOf, readMachine } from '../../src/compare/sweep/caps.js';
import { capSentence } from '../../src/compare/sweep/quantities.js';
import type { Sweep } from '../../src/compare/sweep/result.js';
import { stops, sweep } from '../../src/compare/sweep/sweep.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { socketsOf, tasksOf } from '../support/proc.js';
import { PROGRAM, run } from '../support/server.js';
import { missing } from '../support/tools.js';

/** It bears more than anyone asks for. */
const LARGE: Capacity = {
  descriptors: 1e9,
  memory: 1e15,
  maps: 1e9,
  threads: 1e9,
  threadsBy: 'kernel.threads-max',
  cpus: 1,
};
const GIB = 1024 ** 3;

for (const [what, mode, asked, machine, expected] of [
  ['what is asked for, where all is there', 'evented', 10_000, LARGE, 'up to 10,000 connections, as asked'],
  ['the same with threads', 'blocking', 1_000, LARGE, 'up to 1,000 connections, as asked'],
  [
    'the time that threads take to start',
    'blocking',
    10_000,
    LARGE,
    'up to 2,000 connections, because each connection with its thread takes 29 ms of a CPU to start, and all of them may take 1 min 0 s on 1 CPU',
  ],
  [
    'the time on all CPUs at once',
    'blocking',
    10_000,
    { ...LARGE, cpus: 2 },
    'up to 4,100 connections, because each connection with its thread takes 29 ms of a CPU to start, and all of them may take 1 min 0 s on 2 CPUs',
  ],
  [
    'memory maps',
    'blocking',
    10_000,
    { ...LARGE, maps: 65_530 },
    'up to 1,300 connections, because a process may have 65,530 memory maps here (vm.max_map_count), and each connection with its thread takes 48',
  ],
  [
    'no maps of the loop',
    'evented',
    10_000,
    { ...LARGE, maps: 65_530 },
    'up to 10,000 connections, as asked',
  ],
  [
    'half of the memory',
    'blocking',
    10_000,
    { ...LARGE, memory: 2 * GIB },
    'up to 120 connections, because half of the memory that is free is 1.0 GB, and each connection with its thread takes 8.4 MB',
  ],
  [
    'memory of the loop',
    'evented',
    100_000,
    { ...LARGE, memory: 2 * GIB },
    'up to 65,000 connections, because half of the memory that is free is 1.0 GB, and each connection takes 16.0 KB',
  ],
  [
    'descriptors',
    'evented',
    10_000,
    { ...LARGE, descriptors: 4_096 },
    'up to 3,900 connections, because a process may open 4,096 files here (ulimit -Hn), and each connection takes 1',
  ],
  [
    'descriptors of threads',
    'blocking',
    10_000,
    { ...LARGE, descriptors: 1_024 },
    'up to 170 connections, because a process may open 1,024 files here (ulimit -Hn), and each connection with its thread takes 5',
  ],
  [
    'threads',
    'blocking',
    10_000,
    { ...LARGE, threads: 512, threadsBy: 'ulimit -u' },
    'up to 460 connections, because ulimit -u leaves 512 threads to start here',
  ],
  [
    'no threads, and the loop needs none',
    'evented',
    10_000,
    { ...LARGE, threads: 3, maps: 100 },
    'up to 10,000 connections, as asked',
  ],
  [
    'none',
    'blocking',
    10,
    { ...LARGE, threads: 3, threadsBy: 'ulimit -u' },
    'none, because ulimit -u leaves 3 threads to start here',
  ],
  [
    'the threads of a pool',
    'pool',
    10_000,
    LARGE,
    'up to 3 connections, because it has 4 threads, and the quick requests need one of them',
  ],
  [
    'the processes of prefork',
    'processes:prefork=4',
    10_000,
    LARGE,
    'up to 3 connections, because it has 4 processes, and the quick requests need one of them',
  ],
  [
    'the descriptors of select',
    'evented:poller=select',
    10_000,
    LARGE,
    'up to 870 connections, because select watches only descriptors below 1,024',
  ],
  [
    'the one thread of the iterative model',
    'iterative',
    10_000,
    LARGE,
    'none, because it serves one connection at a time, and the quick requests need that one',
  ],
  [
    'the time that processes take to start',
    'processes',
    10_000,
    LARGE,
    'up to 600 connections, because each connection with its process takes 100 ms of a CPU to start, and all of them may take 1 min 0 s on 1 CPU',
  ],
  [
    'the threads of processes',
    'processes',
    10_000,
    { ...LARGE, threads: 512, threadsBy: 'ulimit -u' },
    'up to 66 connections, because ulimit -u leaves 512 threads to start here',
  ],
] as const) {
  test(`the cap: ${what}`, () => {
    assert.equal(capSentence(capOf(mode, asked, machine)), expected);
  });
}

test('this machine has a cap for each model', () => {
  const machine = readMachine();
  for (const value of [machine.descriptors, machine.memory, machine.maps, machine.threads])
    assert.ok(value > 0, JSON.stringify(machine));
});

for (const [from, to, cap, expected] of [
  [10, 10_000, 10_000, [10, 30, 100, 300, 1_000, 3_000, 10_000]],
  [10, 10_000, 1_300, [10, 30, 100, 300, 1_000, 1_300]],
  [5, 20, 20, [5, 10, 20]],
  [5, 20, 10, [5, 10]],
  [50, 60, 60, [50, 60]],
  [10, 100, 4, [4]],
  [1, 2, 2, [1, 2]],
] as const) {
  test(`from ${from} to ${to}, where ${cap} are borne`, () => {
    assert.deepEqual(stops(from, to, cap), expected);
  });
}

describe('a sweep', () => {
  it('has the threads, sockets and memory that /proc and ss see', LIMIT, async () => {
    const seen: { threads: number; conn: number; sockets: number; established: number }[] = [];
    const pids: number[] = [];
    let port = 0;
    const result = await sweep(
      { modes: ['blocking', 'evented'], from: 5, to: 10, port: 0 },
      LARGE,
      {
        onCap: () => {},
        onListening: (_mode, at, pid) => {
          port = at;
          pids.push(pid);
        },
        onProgress: (_mode, connections, what) => {
          if (connections > 0 && what.includes('quick')) seen.push(witness(pids.at(-1)!, port));
        },
        onPoint: () => {},
        onFailure: (_mode, sentence) => assert.fail(sentence),
      },
      new AbortController().signal,
    );
    const [blocking, evented] = result.models;
    const threads = result.models.map(({ points }) =>
      points.map((point) => [point.connections, point.threads]),
    );
    assert.deepEqual(threads[0], [
      [5, 6],
      [10, 11],
    ]);
    assert.deepEqual(threads[1], [
      [5, 1],
      [10, 1],
    ]);
    const points = result.models.flatMap((model) => model.points);
    assert.deepEqual(
      seen.map((each) => each.threads),
      points.map((point) => point.threads),
    );
    assert.deepEqual(
      seen.map((each) => each.conn),
      [5, 10, 0, 0],
    );
    for (const [i, { sockets, established }] of seen.entries()) {
      const first = i < 2 ? 0 : 2; // two points of each model; beside connections there are pipes and the listener
      assert.equal(sockets - points[i]!.connections, seen[first]!.sockets - points[first]!.connections);
      if (!missing('ss')) assert.equal(established, points[i]!.connections);
    }

    assert.ok(result.machine.cpus > 0 && result.durationUs > 0 && !result.cutShort);
    for (const point of points) {
      assert.equal(point.probe.count, 300);
      assert.ok(point.probe.p50 > 0 && point.probe.p50 <= point.probe.p99);
      assert.ok(point.cpuUsPerProbe > 0 && point.load.requestsPerSecond > 0 && point.load.failed === 0);
    }
    const grown = blocking!.points.at(-1)!.memory - blocking!.points[0]!.memory;
    const little = evented!.points.at(-1)!.memory - evented!.points[0]!.memory;
    assert.ok(grown > 10 * Math.abs(little), `${grown} bytes with threads, ${little} with the loop`);
    assert.ok(result.verdict.some(({ id }) => id === 'reached: blocking as asked, evented as asked'));
    assert.deepEqual(pids.filter(lives), []);
  });

  it('takes the models that serve few connections at once as far as they go', LIMIT, async () => {
    const { stdout, status } = await compareSweep(
      '1..3',
      '--modes=iterative,pool:threads=3,processes,processes:prefork=3',
      '--json',
    );
    assert.equal(status, 0);
    const { models, verdict } = JSON.parse(stdout) as Sweep;
    assert.deepEqual(
      models.map(({ mode, points }) => [mode, points.map((point) => [point.connections, point.threads])]),
      [
        ['iterative', []],
        [
          'pool:threads=3',
          [
            [1, 4],
            [2, 4],
          ],
        ],
        [
          'processes',
          [
            [1, 2],
            [3, 4],
          ],
        ],
        [
          'processes:prefork=3',
          [
            [1, 4],
            [2, 4],
          ],
        ],
      ],
    );
    const ids = verdict.map(({ id }) => id);
    assert.ok(
      ids.includes('reached: pool:threads=3 capped, processes as asked, processes:prefork=3 capped'),
      ids.join('\n'),
    );
    assert.ok(ids.includes('a process each: processes'), ids.join('\n'));
  });

  it('is printed as JSON and nothing else, and written as a page', LIMIT, async () => {
    const file = join(temporaryFolder(), 'page.html');
    const ended = await compareSweep('1..2', '--modes=evented', '--json', `--report=${file}`);
    const { stdout, stderr, status } = ended;
    const page = readFileSync(file, 'utf8');
    const result = JSON.parse(stdout) as Sweep;
    assert.equal(stderr, `evented-demo: the report is in ${file}; open it in a browser.\n`);
    assert.equal(status, 0);
    assert.ok(page.includes(JSON.stringify(result.models)), 'the page has the same data');
    assert.deepEqual(
      result.models.map(({ mode, cap, points }) => [mode, cap, points.map((point) => point.connections)]),
      [['evented', { connections: 2 }, [1, 2]]],
    );
    assert.deepEqual(result.textbook.descriptors, [10, 100, 1_000, 10_000]);
    assert.deepEqual(
      result.textbook.rows.map(({ call }) => call),
      ['poll', 'select', 'epoll'],
    );
  });

  it('keeps what was measured at Ctrl-C, and leaves no process behind', LIMIT, async () => {
    const running = new Running('5..10000', '--modes=evented,blocking');
    await running.until(/^evented +5: 1 thread,/m);
    assert.match(running.text, /^ {2}blocking: up to [\d,]+ connections, (?:as asked|because)/m);
    assert.match(running.text, /^ {2}evented: up to [\d,]+ connections, (?:as asked|because)/m);
    running.child.kill('SIGINT');
    const [status] = await running.ended;
    assert.equal(status, 0);
    assert.match(running.text, /Stopped early/);
    assert.match(running.text, /^ +5 +\d+\.\d +1 +/m, 'the table has the point');
    assert.match(running.text, /table 63-9/);
    assert.ok(!running.text.includes('\u001b'), 'nothing is rewritten in a pipe');
    assert.doesNotMatch(running.text, /^evented +10,000: /m, 'the other points were not waited for');
    assert.doesNotMatch(running.text, /^blocking, http/m, 'the next model was not begun');
    assert.deepEqual(running.pids.filter(lives), []);
  });

  it('keeps the points of a server that ends before its time, and goes on with the next', LIMIT, async () => {
    const running = new Running('1..2', '--modes=blocking,evented');
    await running.until(/^blocking +1: /m);
    process.kill(running.pids[0]!, 'SIGKILL');
    const [status] = await running.ended;
    assert.equal(status, 1);
    assert.match(running.text, /^- blocking failed: .*ended by\s+SIGKILL:[\s\S]*?Run\s+it\s+again\.$/m);
    assert.match(running.text, /^blocking +1: 2 threads/m);
    assert.match(running.text, /^evented +2: 1 thread,/m);
    assert.match(running.text, /^- Blocking held 1 connection on 2 threads, and failed beyond that/m);
  });
});

const compareSweep = (range: string, ...flags: string[]) =>
  run(['compare', `--sweep=connections=${range}`, ...flags]);

/** A sweep that is looked at while it runs. */
class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
  text = '';
  #waiting: (() => void)[] = [];

  constructor(range: string, ...flags: string[]) {
    this.child = spawn(process.execPath, [PROGRAM, 'compare', `--sweep=connections=${range}`, ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
    this.ended = once(this.child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  /** The servers', as the screen tells them. */
  get pids(): number[] {
    return [...this.text.matchAll(/^\w+, http:.* pid (\d+)$/gm)].map((match) => Number(match[1]));
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      const more = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const over = this.ended.then(() => assert.fail(`it ended before ${pattern}: ${this.text}`));
      await Promise.race([more, over]);
    }
  }
}

function witness(pid: number, port: number) {
  const names = tasksOf(pid).map(({ name }) => name);
  const conn = names.filter((name) => name.startsWith('conn-')).length;
  const first = names.filter((name) => name === 'acceptor' || name === 'loop').length;
  const table = missing('ss')
    ? ''
    : execFileSync('ss', ['-tnH', 'state', 'established', `sport = :${port}`], { encoding: 'utf8' });
  const established = table.split('\n').filter((line) => line !== '').length;
  return { threads: conn + first, conn, sockets: socketsOf(pid).length, established };
}

const lives = (pid: number): boolean => existsSync(`/proc/${pid}`);
