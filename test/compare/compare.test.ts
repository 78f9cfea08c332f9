// `compare` as a user meets it: what it prints, and what becomes of it when something goes wrong.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { compare } from '../../src/compare/compare.js';
import type { Comparison } from '../../src/compare/comparison.js';
import type { Observer } from '../../src/compare/observer.js';
import { loadScenario } from '../../src/compare/scenario.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { freePort } from '../../src/walkthrough/port.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { childrenOf } from '../support/proc.js';
import { PROGRAM, run } from '../support/server.js';
import { smallServer } from '../support/small-server.js';
import { onTerminal } from '../support/terminal.js';
import { missing } from '../support/tools.js';

/** The program at work, and what it has printed so far. */
class Compare {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  #onOutput: () => void = () => {};

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [PROGRAM, 'compare', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child.stdout!.on('data', (text) => {
      this.stdout += text;
      this.#onOutput();
    });
    this.child.stderr!.on('data', (text) => {
      this.stderr += text;
    });
    this.ended = once(this.child, 'close').then(([status]) => status);
  }

  async printed(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.stdout);
      if (found !== null) return found;
      const more = new Promise<void>((resolve) => {
        this.#onOutput = resolve;
      });
      const over = await Promise.race([more, this.ended.then(() => true)]);
      if (over === true && !what.test(this.stdout)) assert.fail(`expected ${what}, found ${this.stdout}`);
    }
  }

  async pidOf(mode: string): Promise<number> {
    return Number((await this.printed(new RegExp(`^${mode} +port \\d+, pid (\\d+)$`, 'm')))[1]);
  }
}

/** The first process that this one has started whose command line matches. */
async function childOf(parent: number, what: RegExp): Promise<number> {
  for (;;) {
    const found = childrenOf(parent).find((pid) => what.test(commandOf(pid)));
    if (found !== undefined) return found;
    await sleep(1);
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended
  }
}

const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

async function untilGone(pid: number): Promise<void> {
  while (alive(pid)) await sleep(5);
}

test('the events of both models stand in one order of time, the steps among them', LIMIT, async () => {
  const { status, stdout, stderr } = await run([
    'compare',
    'quick',
    '--modes=blocking,evented',
    '--pace=1ms',
  ]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  const lines = stdout.split('\n');
  const begin = lines.findIndex((line) => line.includes('-> one client sends a request'));
  const told = lines.slice(begin).filter((line) => /^(blocking|evented) +\d+\.\d{4} /.test(line));
  assert.ok(told.some((line) => /^blocking .*accepted \(127\.0\.0\.1, \d+, 127\.0\.0\.1, \d+\)/.test(line)));
  assert.ok(told.some((line) => /^evented .*asleep in epoll_wait/.test(line)));
  const times = told.map((line) => Number(line.trim().split(/ +/)[1]));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.match(stdout, /slowed down by --pace 1ms: durations are not the servers' own/);
  assert.doesNotMatch(stdout, /clients at full speed/, 'a paced server has no speed');
  assert.ok(!stdout.includes('\x1b'), 'no escape sequences in a pipe');
});

test('--quiet prints the figures and the verdict, and nothing else', LIMIT, async () => {
  const { status, stdout, stderr } = await run(['compare', 'sleep', '--modes=blocking,evented', '--quiet']);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.match(stdout, /^compare sleep took .*\n\n +blocking +evented\nrequests answered +10 +10\n/);
  assert.match(
    stdout,
    /^What it shows\n.+\s.*Here\siterative\sdid\snot\srun\.\n(.*\n)+- Blocking used up to 11 threads for 10 connections/m,
  );
  assert.doesNotMatch(stdout, /->|Question|not fair/);
});

test('what the clients counted is what the servers counted, and events lie on one axis', LIMIT, async () => {
  const scenario = await loadScenario('silent');
  const WARM_UP = 5;
  const steps: number[] = [];
  const observer: Observer = {
    onStep: ({ at }) => steps.push(at),
    onFailure: (mode, sentence) => assert.fail(`${mode}: ${sentence}`),
  };
  const result = await compare(
    { name: 'silent', scenario, modes: ['blocking', 'evented'], others: [], port: 0, connections: 10 },
    observer,
    new AbortController().signal,
  );
  assert.equal(steps.length, 4);
  for (const { mode, events, figures, samples, pid } of result.models) {
    const all = <E extends LifecycleEvent['event']>(name: E) =>
      events.filter((event): event is Extract<LifecycleEvent, { event: E }> => event.event === name);
    assert.equal(all('stopped')[0]!.requests, WARM_UP + figures.answered + figures.failed, mode);
    assert.equal(figures.peakConnections, 5);
    assert.equal(all('accepted').length, WARM_UP + 5);
    assert.ok(
      all('accepted').every(({ at }) => at >= steps[0]!),
      'nobody is accepted before the clients begin',
    );
    const after = steps[1]!; // the clients that came before are no part of the story
    const requests = all('request').filter(({ at }) => at >= after);
    assert.ok(requests.length > 0 && requests.every(({ at }) => at >= steps[2]!));
    const leaving = all('peer-closed').filter(({ at }) => at >= after);
    assert.ok(leaving.length > 0 && leaving.every(({ at }) => at >= steps[3]!));
    assert.equal(Math.max(...samples.map(({ threads }) => threads)), figures.peakThreads);
    await untilGone(pid);
  }
});

test('a paced server that serves nobody is not waited for a hundred times as long', LIMIT, async () => {
  const { status, stdout } = await run(['compare', 'silent', '--modes=iterative', '--pace=20ms']);
  assert.equal(status, 0);
  assert.match(stdout, /^- Iterative answered 0 of 1 request \(1 no reply in time\)\.$/m);
});

describe('what goes wrong is said in a sentence, and costs only the model that it happens to', () => {
  test('a port that is taken', LIMIT, async () => {
    const port = await freePort(); // and those after it are free too
    await smallServer(undefined, '127.0.0.1', port);
    const { status, stdout, stderr } = await run([
      'compare',
      'silent',
      '--modes=evented,blocking',
      `--port=${port}`,
      '--json',
    ]);
    const { models } = JSON.parse(stdout) as Comparison;
    assert.equal(status, 1);
    assert.match(models[0]!.failure!, new RegExp(`^Port ${port} of 127.0.0.1 is in use by .*\\.$`));
    assert.equal(stderr, `evented-demo: evented: ${models[0]!.failure}\n`);
    assert.equal(models[1]!.failure, undefined);
    assert.equal(models[1]!.figures.answered, 1);

    const told = await run(['compare', 'silent', '--modes=evented', `--port=${port}`]);
    assert.deepEqual([told.status, told.stderr], [1, '']);
    assert.match(told.stdout, new RegExp(`^- evented failed: Port ${port} `, 'm'));
  });

  test('a server that is killed half-way', LIMIT, async () => {
    // What else is on standard error is not the server's reason.
    const warning = join(temporaryFolder(), 'warning.cjs');
    writeFileSync(warning, "console.error('(node:1) Warning: something else')");
    const program = new Compare(['idle', '--connections=60', '--lines=all'], {
      NODE_OPTIONS: `--require=${warning}`,
    });
    const pid = await program.pidOf('blocking');
    await program.printed(/^blocking .*accepted /m);
    process.kill(pid, 'SIGKILL');
    assert.equal(await program.ended, 1);
    assert.match(program.stdout, /blocking failed: The server was ended by SIGKILL/);
    assert.match(program.stdout, new RegExp(`process ${pid} was ended by SIGKILL`));
    assert.match(program.stdout, /^requests failed +[1-9]\d* +0$/m, 'and the other went on to its end');
    assert.doesNotMatch(program.stderr + program.stdout, /\n\s+at /, 'no stack trace');
  });

  test('a server that is killed at full speed', LIMIT, async () => {
    const program = new Compare(['quick', '--modes=evented,blocking']);
    await program.printed(/evented alone, at full speed/);
    process.kill(await childOf(program.child.pid!, /--mode evented .*--detail=none/), 'SIGKILL');
    assert.equal(await program.ended, 1);
    assert.match(program.stdout, /^evented: The server was ended by SIGKILL/m);
    assert.match(
      program.stdout,
      /^requests\/s, 16 clients at full speed +- +[1-9][\d,]*$/m,
      'and the other went on to its end',
    );
  });

  test('a scenario that can not be played', LIMIT, async () => {
    const pids: number[] = [];
    const scenario = await loadScenario('quick');
    const observer: Observer = { onListening: (_mode, _port, pid) => pids.push(pid) };
    await assert.rejects(
      compare(
        { name: 'no-such-file', scenario, modes: ['evented'], others: [], port: 0, connections: 1 },
        observer,
        new AbortController().signal,
      ),
      /^Error: scenario no-such-file: /,
    );
    assert.deepEqual(pids.filter(alive), []);
  });

  test('clients for whom this process has no descriptor are no failure of a server', LIMIT, async () => {
    const script = 'ulimit -n 300; exec "$0" "$@"';
    const command = [process.execPath, PROGRAM, 'compare', 'idle', '--modes=evented', '--json'];
    const child = spawn('sh', ['-c', script, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [status] = await once(child, 'close');
    assert.deepEqual((JSON.parse(stdout) as Comparison).models[0]!.figures.failures, {});
    assert.equal(status, 0);
    assert.match(
      stderr,
      /^evented-demo: idle uses 130 connections here, not 200: evented: a process may open 300 files here/,
    );
  });

  test('a server that never comes to listen is ended by Ctrl-C', LIMIT, async () => {
    const program = new Compare(['silent', '--modes=evented']);
    const pid = await childOf(program.child.pid!, / serve /);
    process.kill(pid, 'SIGSTOP');
    program.child.kill('SIGINT');
    assert.equal(await program.ended, 1);
    assert.match(program.stdout, /^Stopped early/m);
    assert.match(
      program.stdout,
      /evented failed: The server did not stop within 5 s,\s+so\s+it\s+was\s+ended/,
    );
    assert.ok(!alive(pid));
  });

  test('a reader that does not read', LIMIT, async () => {
    const program = spawn(process.execPath, [PROGRAM, 'compare', 'slow-senders'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.deepEqual(await once(program, 'exit'), [0, null]);
    program.stdout.destroy();
  });

  test('Ctrl-C keeps what was measured, and leaves no process', LIMIT, async () => {
    const program = new Compare(['idle', '--connections=30', '--lines=all']);
    const pids = [await program.pidOf('blocking'), await program.pidOf('evented')];
    await program.printed(/-> a hundred quick requests/); // the idle ones have their replies then
    program.child.kill('SIGINT');
    assert.equal(await program.ended, 0);
    assert.match(program.stdout, /^Stopped early: the figures count only what happened until then\.$/m);
    assert.match(program.stdout, /^requests answered +\d+ +[1-9]\d*$/m);
    assert.deepEqual(pids.filter(alive), []);
  });

  test('even when it is killed itself, its servers end', LIMIT, async () => {
    const program = new Compare(['idle', '--connections=20', '--lines=all']);
    const pids = [await program.pidOf('blocking'), await program.pidOf('evented')];
    program.child.kill('SIGKILL');
    for (const pid of pids) await untilGone(pid);
  });

  for (const [args, sentence] of [
    [['silnt'], 'There is no scenario "silnt". Did you mean silent?'],
    [['quick', '--modes=evented:port=1'], /^--modes cannot be "evented:port=1"\. Use one to 4 of /],
    [['quick', '--modes=iterative,blocking,evented,async,evented:loops=2'], /\. Use one to 4 of /],
    [
      ['quick', '--modes=blocking,blocking'],
      /^--modes cannot be "blocking,blocking"\. Use one to 4 of iterative, blocking, pool, processes, evented, async, completion, with commas between them; a flag of its own follows a model behind a colon, as in evented:loops=2\.$/,
    ],
    [['silent', '--ask'], '--ask waits for Enter, so it needs a terminal as its input. Leave it out.'],
    ...[
      ['--json', '--ask'],
      ['--json', '--lines <which>'],
      ['--json', '--quiet'],
      ['--quiet', '--lines <which>'],
      ['--quiet', '--ask'],
    ].map(
      ([one, other]) =>
        [
          ['silent', one!, other!.replace(' <which>', '=all')],
          new RegExp(`^Option '${one}' cannot be used with option '${other}'\\. `),
        ] as const,
    ),
    [
      ['quick', '--connections=5'],
      'Scenario quick has a fixed number of connections. Leave --connections out, or use it with idle or burst.',
    ],
  ] as const) {
    test(`compare ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await run(['compare', ...args]);
      assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
      const [, told = ''] = /^evented-demo: ([^\n]+)\n$/.exec(stderr) ?? [];
      if (typeof sentence === 'string') assert.equal(told, sentence);
      else assert.match(told, sentence);
    });
  }
});

describe('--ask', { skip: missing('script') }, () => {
  const ANSWER = /costs the iterative server everything/;

  /** On a terminal, until it waits for Enter; then that, or another key. */
  async function asked(key: string): Promise<{ status: number | null; text: string }> {
    const child = onTerminal(['compare', 'silent', '--modes=blocking,evented', '--ask'], {
      columns: 110,
      rows: 40,
      env: { ...process.env, LC_ALL: 'C', TERM: 'xterm' },
    });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    while (!text.includes('Press Enter to see.')) await once(child.stdout!, 'data');
    assert.match(text, /Question: Four clients connect/);
    assert.doesNotMatch(text, /pid \d/, 'no server runs yet');
    assert.doesNotMatch(text, ANSWER, 'the class is to think first');
    child.stdin!.write(key);
    const [status] = await once(child, 'close');
    return { status, text };
  }

  test(
    'waits for Enter, and then begins; what the scenario teaches stands below its figures',
    LIMIT,
    async () => {
      const { status, text } = await asked('\r');
      assert.equal(status, 0);
      const shown = stripVTControlCharacters(text).replaceAll('\r', '');
      const [before, after] = shown.split('What it shows\n') as [string, string];
      assert.match(before, /^threads at once/m);
      assert.doesNotMatch(before, ANSWER);
      assert.match(after, /^A client that says nothing costs/);
      assert.match(shown, /^blocking +\| evented$/m, 'columns');
      assert.match(shown, /blocking +#+ 6 threads$/m, 'bars');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those of a terminal
      assert.match(text, /^[\x00-\x7f]*$/, 'nothing that LC_ALL=C lacks');
    },
  );

  test('the list of scenarios asks before it answers too', async () => {
    const { status, stdout } = await run(['compare', '--list']);
    assert.equal(status, 0);
    assert.match(stdout, /^silent +Four clients connect.*\n +Shows: A client that says nothing costs/m);
  });

  for (const [name, key] of [
    ['Ctrl-C', '\x03'],
    ['the end of the input', '\x04'],
  ] as const) {
    test(`takes ${name} for a no`, LIMIT, async () => {
      const { status, text } = await asked(key);
      assert.equal(status, 0);
      assert.doesNotMatch(text, /pid \d|What it shows/);
    });
  }
});
