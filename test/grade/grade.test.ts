// `grade`: a server without a fault passes every check, a server with one fails the check that is about it, and whatever a
// program does, there is one sentence, an exit status, and nothing of it is left.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { socketsOfPort } from '../../src/net/tcp-table.js';
import { readProc } from '../../src/posix/proc.js';
import { spawn, temporaryFolder, whenTestsEnd } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';
import { missing, pathOf } from '../support/tools.js';

const NEEDS_PYTHON = { skip: missing('python3'), ...LIMIT, concurrency: 2 };
const SERVERS = fileURLToPath(new URL('../../../test/grade/servers/', import.meta.url));
const ASSIGNMENT = fileURLToPath(new URL('../../../docs/assignment/', import.meta.url));
const folder = temporaryFolder();
/** For the check that fails: a client need not wait long for a reply that never comes. */
const SECONDS = 1;

/** Python without its byte code, which it would write beside the sources. */
const python = (name: string): string[] => ['python3', '-B', join(SERVERS, `${name}.py`), '{port}'];

const ownServer = (mode: string): string[] => [
  ...[process.execPath, PROGRAM, 'serve', '--port={port}', `--mode=${mode}`, '--detail=none'],
];

interface ResultsJson {
  readonly score: number;
  readonly tests: readonly {
    readonly name: string;
    readonly score: number;
    readonly max_score: number;
    readonly status: string;
    readonly output: string;
    readonly visibility: string;
  }[];
}

interface Graded {
  readonly status: number | null;
  readonly results: ResultsJson;
  readonly stderr: string;
  /** The output of the first check that did not pass. */
  readonly output: string;
}

/** Checks by name, or with their limits. Healthy servers get all the time that a busy machine takes. */
type Checks = readonly (string | ({ check: string } & Record<string, unknown>))[];

function assignment(checks: Checks, more: Record<string, unknown> = {}): string {
  const file = join(folder, `${randomUUID()}.json`);
  const objects = checks.map((each) => (typeof each === 'string' ? { check: each, seconds: 60 } : each));
  writeFileSync(file, JSON.stringify({ start: 60, contains: 'Hello, world!', ...more, checks: objects }));
  return file;
}

async function graded(
  server: readonly string[],
  checks: Checks,
  { more = {}, flags = [], env = process.env }: Partial<Options> = {},
): Promise<Graded> {
  const args = ['grade', `--assignment=${assignment(checks, more)}`, '--json=-', ...flags, '--', ...server];
  const { status, stdout, stderr } = await run(args, { env });
  const results = JSON.parse(stdout) as ResultsJson;
  const output = results.tests.find((test) => test.status !== 'passed')?.output ?? '';
  return { status, results, stderr, output };
}

interface Options {
  readonly more: Record<string, unknown>;
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const outcomes = ({ results }: Graded): Record<string, string> =>
  Object.fromEntries(results.tests.map(({ name, status }) => [name.split(':')[0], status]));

const ALL: Checks = [
  'answers',
  { check: 'pieces', pace: 2, seconds: 60 },
  'half-close',
  'reset',
  'silent',
  { check: 'slow-senders', pace: 2, seconds: 60 },
  'slow-readers',
  { check: 'connections', clients: 200, seconds: 60 },
  'leaks',
  'survives',
];

/** The checks of a week in docs/assignment, with all the time that a busy machine takes. */
function week(number: number): Checks {
  const file = readFileSync(join(ASSIGNMENT, `week${number}.json`), 'utf8');
  const { checks } = JSON.parse(file) as { checks: { check: string }[] };
  return checks.map((each) => ({ ...each, seconds: 60, ...(each.check === 'pieces' && { pace: 2 }) }));
}

describe('a server without a fault passes every check', NEEDS_PYTHON, () => {
  const HEALTHY: readonly [name: string, server: readonly string[], more: Record<string, unknown>, Checks][] =
    [
      ['a thread each, in Python', python('healthy'), { big: { path: '/big' } }, ALL],
      [
        'serve --mode evented, for week 3',
        ownServer('evented'),
        { big: { path: '/bytes?count=20000000' } },
        week(3),
      ],
      [
        'serve --mode blocking',
        ownServer('blocking'),
        {},
        ['answers', 'half-close', 'reset', 'silent', 'leaks'],
      ],
    ];
  for (const [name, server, more, checks] of HEALTHY) {
    it(name, LIMIT, async () => {
      const result = await graded(server, checks, { more });
      assert.deepEqual([result.output, result.status], ['', 0]);
      for (const { name, score, max_score } of result.results.tests) assert.equal(score, max_score, name);
      assert.equal(result.results.tests.length, checks.length);
    });
  }
});

describe('a server that speaks no HTTP', NEEDS_PYTHON, () => {
  it('passes where the assignment says "plain", and otherwise it is said what came', LIMIT, async () => {
    const plain = await graded(python('plain'), ['answers', 'silent'], { more: { protocol: 'plain' } });
    assert.deepEqual([plain.output, plain.status], ['', 0]);
    const http = await graded(python('plain'), ['answers']);
    assert.match(
      http.output,
      /^A client sent a request\. What came was no HTTP reply, but 14 bytes that begin with "Hello, world!\\n"\./,
    );
    assert.equal(http.status, 1);
  });
});

describe('the starting code of docs/assignment', {
  ...NEEDS_PYTHON,
  skip: missing('python3') || missing('gcc'),
}, () => {
  for (const number of [1, 2, 3]) {
    it(
      `of week ${number} compiles without a warning, and an unfinished server does not pass`,
      LIMIT,
      async () => {
        const program = compiled(number);
        spawnOk('python3', ['-m', 'py_compile', join(ASSIGNMENT, `week${number}.py`)]);
        const checks = week(number).filter((each) =>
          ['pieces', 'silent'].includes((each as { check: string }).check),
        );
        const unfinished = checks.at(-1) as { check: string };
        const { status } = await graded([program, '{port}'], [{ ...unfinished, seconds: SECONDS }]);
        assert.equal(status, 1);
      },
    );
  }

  it('of week 2 is what week 1 asks for, in C and in Python', LIMIT, async () => {
    for (const server of [
      [compiled(2), '{port}'],
      ['python3', '-B', join(ASSIGNMENT, 'week2.py'), '{port}'],
    ]) {
      const result = await graded(server, week(1));
      assert.deepEqual([result.output, result.status, result.results.score], ['', 0, 100]);
    }
  });
});

function spawnOk(program: string, args: readonly string[]): void {
  const env = { ...process.env, PYTHONPYCACHEPREFIX: folder };
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  assert.deepEqual([status, stderr], [0, '']);
}

/** The program that is built of a week's starting code. */
function compiled(number: number): string {
  const program = join(folder, `week${number}`);
  const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-pthread', '-o', program];
  spawnOk('gcc', [...flags, join(ASSIGNMENT, `week${number}.c`)]);
  return program;
}

describe('a server with one fault fails the check that is about it', NEEDS_PYTHON, () => {
  const FAULTS: readonly [check: string, sentence: RegExp, limits?: Record<string, unknown>][] = [
    [
      'answers',
      /^A client sent a request\. The server closed the connection after 71 bytes, before the end of the reply\. A whole reply with status 200 that contains "Hello, world!" was due\.$/m,
    ],
    [
      'pieces',
      /^A client had sent \d+ of the \d+ bytes of its request\. The server answered before it had the rest\./m,
    ],
    [
      'half-close',
      /^A client sent its request and ended its side: .* The server closed the connection without a reply\./m,
    ],
    [
      'reset',
      /Then a client sent a request\..*\nThe server ended with status 1\.\nLook at what your server does when recv or send fails [\s\S]*server: ConnectionResetError/,
    ],
    [
      'silent',
      /^4 clients connected and sent nothing\. Then .* Nothing came back within 1 second\..*\nAt that moment its only thread was asleep in recvfrom on fd \d+, the connection of silent client 1\.$/m,
    ],
    ['slow-senders', /^3 clients sent a byte of their request every 2 ms\./m, { pace: 2 }],
    [
      'slow-readers',
      /^A client read a large reply slowly\. The server closed the connection after [\d,]+ bytes, before/m,
    ],
    [
      'connections',
      /^20 clients connected and stayed, and sent nothing\. Then .*of listen/ms,
      { clients: 20 },
    ],
    [
      'leaks',
      /^10 clients connected and closed without a word\. 1 second later the server had \d+ descriptors, and \d+ before they came\./m,
    ],
    [
      'survives',
      /^5 clients sent bytes that are no request and closed\. Then .*\nThe server ended with status 1\./m,
    ],
  ];
  for (const [check, sentence, limits = {}] of FAULTS) {
    it(check, LIMIT, async () => {
      const failing = { check, seconds: SECONDS, ...limits };
      const checks = check === 'answers' ? [failing] : ['answers', failing];
      const result = await graded(python(check), checks, { more: { big: { path: '/big' } } });
      assert.match(result.output, sentence);
      assert.equal(result.status, 1);
      assert.deepEqual(outcomes(result), { answers: 'passed', [check]: 'failed' });
    });
  }
});

it('a server that SIGPIPE ends fails "reset" however fast it is', NEEDS_PYTHON, async () => {
  const result = await graded(python('sigpipe'), ['reset'], { more: { big: { path: '/big' } } });
  assert.match(result.output, /^The server was ended by the signal SIGPIPE\.\nLook at send: /m);
});

it('who fails several checks is told to begin with the first', NEEDS_PYTHON, async () => {
  const file = assignment(['answers', 'half-close']);
  const { stdout } = await run(['grade', `--assignment=${file}`, '--', ...python('answers')]);
  assert.match(
    stdout,
    /0 passed, 2 failed\nBegin with the first that failed: others may fail for the same reason\.\n$/,
  );
});

const ANSWERS: Checks = ['answers'];
const shell = (script: string): string[] => ['sh', '-c', script, '{port}'];

describe('whatever a program does, there is a sentence', NEEDS_PYTHON, () => {
  const PROGRAMS: readonly [what: string, server: readonly string[], sentence: RegExp][] = [
    [
      'that is not there',
      ['./no-such-server', '{port}'],
      /^The server could not be started: there is no program \.\/no-such-server\.$/,
    ],
    [
      'that may not run',
      [join(SERVERS, 'base.py'), '{port}'],
      /^The server could not be started: .*base\.py is no program that can run; `chmod \+x`/,
    ],
    [
      'that ends at once',
      shell('echo oh; exit 3'),
      /^The server ended with status 3 before it listened on port \d+\.\nRun its command yourself, .*\nserver: oh$/,
    ],
    ['that never listens', shell('sleep 1000'), /^The server did not listen on port \d+ within 1 second\.$/m],
    [
      'that listens on another port',
      python('elsewhere'),
      /^The server listens on port (\d+), but it was given port \d+\.\n[\s\S]*server: at \1$/,
    ],
    [
      'that crashes',
      python('crashes'),
      /^The server was ended by the signal SIGSEGV\.\nLook for memory that is not its own: /m,
    ],
  ];
  for (const [what, server, sentence] of PROGRAMS) {
    const start = what === 'that never listens' ? 1 : 60;
    it(`a program ${what}`, LIMIT, async () => {
      const result = await graded(server, ANSWERS, { more: { start } });
      assert.match(result.output, sentence);
      assert.deepEqual([result.status, result.stderr], [1, '']);
    });
  }
});

it('a server that does not start fails all checks, and one sentence says why', LIMIT, async () => {
  const file = assignment(['answers', 'silent', 'leaks']);
  const { stdout } = await run(['grade', `--assignment=${file}`, '--', './no-such-server', '{port}']);
  const failed = (name: string): string => `failed +0 of 10 +${name} .*\n`;
  const why = ' +The server could not be started: .*\n +Without .* the other 2 checks fail too.\n';
  assert.match(
    stdout,
    new RegExp(`^${failed('answers')}${why}${failed('silent')}${failed('leaks')}\n0 of 30`),
  );
});

/** The processes that have this word in their command line. */
const processesWith = (word: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
    } catch {
      return false; // it ended meanwhile
    }
  });

/** For the command line of what a test starts; whatever still has it in the end is killed. */
function newWord(): string {
  const word = randomUUID();
  whenTestsEnd(() => {
    for (const pid of processesWith(word)) process.kill(Number(pid), 'SIGKILL');
  });
  return word;
}

/** A server's port is the last argument but one. */
const isConnected = (pid: string): boolean => {
  const port = Number(readProc(`/proc/${pid}/cmdline`).split('\0').at(-3));
  return socketsOfPort(port).some(({ state }) => state === 'ESTABLISHED');
};

describe('nothing that a program started is left', NEEDS_PYTHON, () => {
  it('of one that has forked twice, left its session, and ignores SIGTERM', LIMIT, async () => {
    const word = newWord();
    const result = await graded([...python('daemon'), word], ['answers', 'silent']);
    assert.deepEqual([result.output, result.status], ['', 0]);
    assert.deepEqual(processesWith(word), []);
  });

  const daemon = ['env', '-i', `PATH=${process.env.PATH}`, 'setsid', '-f', ...python('silent')];
  const started = { program: python('silent'), 'daemon without an environment': daemon };
  for (const [what, server] of Object.entries(started)) {
    it(`of a ${what}, after SIGKILL to all of grade's own group`, LIMIT, async () => {
      const word = newWord();
      const file = assignment([{ check: 'silent', seconds: 60 }]);
      const args = ['grade', `--assignment=${file}`, '--', ...server, word];
      const child = spawn(process.execPath, [PROGRAM, ...args], { detached: true, stdio: 'ignore' });
      while (!processesWith(word).some(isConnected)) await new Promise(setImmediate);
      process.kill(-child.pid!, 'SIGKILL');
      while (processesWith(word).length > 0) await new Promise(setImmediate);
    });
  }

  it('after Ctrl-C, which passes nobody', LIMIT, async () => {
    const word = newWord();
    const file = assignment(
      ['answers', 'silent', 'answers'].map((check, i) => ({ check, name: `${i}`, seconds: 60 })),
    );
    const child = spawn(
      process.execPath,
      [PROGRAM, 'grade', `--assignment=${file}`, '--', ...python('silent'), word],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let [stdout, stderr] = ['', ''];
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdout.on('data', (text) => {
      if (stdout === '') child.kill('SIGINT'); // the first check is passed; the second one waits for a minute
      stdout += text;
    });
    const [status] = await once(child, 'close');
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^passed .*\nnot run +0 of 10 +1 .*\n +It was stopped\.\nnot run .*\n10 of 30 points: 1 passed, 2 not run\n$/s,
    );
    assert.equal(stderr, 'evented-demo: Stopped before all checks were made.\n');
    assert.deepEqual(processesWith(word), []);
  });
});

describe('what a server prints', NEEDS_PYTHON, () => {
  it('is read, cut to its end, and controls neither the terminal nor the XML', LIMIT, async () => {
    const junit = join(folder, 'chatty.xml');
    const checks = [{ check: 'answers', seconds: 60 }];
    const file = assignment(checks, { contains: '</failure>\u0007' });
    const args = ['grade', `--assignment=${file}`, `--junit=${junit}`, '--', ...python('chatty')];
    const { status, stdout } = await run(args);
    assert.equal(status, 1);
    assert.match(stdout, /It has printed 15,000,000 bytes/);
    assert.match(stdout, /server: \\u001b\[31mred\\u0007 <&"\\u0000\n/);
    assert.doesNotMatch(stdout, /\p{Cc}(?<!\n)/u);
    const [failure] = python3Reads(junit);
    assert.match(failure!, /^failure: A client sent a request\. The reply did not contain "<\/failure>/);
    assert.match(failure!, /server: \\u001b\[31mred\\u0007 <&"\\u0000$/);
  });
});

/** What an XML parser that is not ours finds in each check that did not pass. */
function python3Reads(file: string): string[] {
  const script = `import sys, json, xml.etree.ElementTree as tree
print(json.dumps([each.tag + ': ' + each.text for each in tree.parse(sys.argv[1]).findall('testsuite/testcase/*')]))`;
  const { stdout, stderr } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as string[];
}

describe('a missing tool never passes a server', NEEDS_PYTHON, () => {
  it('nor does a limit of this machine', { skip: missing('prlimit'), ...LIMIT }, async () => {
    const file = assignment([{ check: 'connections', clients: 1000, seconds: 60 }]);
    const junit = join(folder, 'limit.xml');
    const own = [process.execPath, PROGRAM, 'grade', `--assignment=${file}`, '--json=-', `--junit=${junit}`];
    const child = spawn('prlimit', ['--nofile=150:150', '--', ...own, '--', ...python('healthy')]);
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    assert.equal((await once(child, 'close'))[0], 1);
    const [test] = (JSON.parse(stdout) as ResultsJson).tests;
    assert.deepEqual([test!.score, test!.max_score, test!.status], [0, 10, 'failed']);
    const sentence =
      /^It served beside 50 idle clients, but 1,000 need more descriptors .*`ulimit -n 1100`\.$/;
    assert.match(test!.output, sentence);
    assert.match(python3Reads(junit)[0]!, /^error: It served beside 50/);
  });

  for (const [what, strace, sentence] of [
    [
      'strace is missing',
      undefined,
      /^No recording: strace is not installed \(`sudo apt-get install strace`\)\.$/m,
    ],
    [
      'strace is forbidden',
      '#!/bin/sh\necho "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted" >&2\nexit 1\n',
      /^No recording: this system does not allow strace to trace programs .*SYS_PTRACE/m,
    ],
  ] as const) {
    it(`the checks are made where ${what}, and the recording is said to be missing`, LIMIT, async () => {
      const bin = mkdtempSync(join(folder, 'bin-'));
      for (const tool of ['mkfifo', 'sh']) symlinkSync(pathOf(tool), join(bin, tool));
      symlinkSync(realPython(), join(bin, 'python3'));
      if (strace !== undefined) writeFileSync(join(bin, 'strace'), strace, { mode: 0o755 });
      const flags = [`--record=${join(bin, 'recordings')}`];
      const checks = ['answers', { check: 'silent', seconds: SECONDS }];
      const result = await graded(python('silent'), checks, { flags, env: { ...process.env, PATH: bin } });
      assert.match(result.output, sentence);
      assert.deepEqual(outcomes(result), { answers: 'passed', silent: 'failed' });
      assert.equal(result.status, 1);
    });
  }
});

/** Where the program is that a name in PATH may only lead to by a script. */
const realPython = (): string =>
  spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();

describe('--record', { ...NEEDS_PYTHON, skip: missing('strace') || missing('python3') }, () => {
  it('keeps a recording of each failure, up to the moment when it failed', LIMIT, async () => {
    const recordings = join(folder, 'recordings');
    const flags = [`--record=${recordings}`];
    const result = await graded(python('silent'), ['answers', { check: 'silent', seconds: 2 }], {
      flags,
    });
    assert.match(
      result.output,
      /^Recording: .*\/02-silent\.ndjson\nAdvice: thread server has slept in recv on fd \d+ for .* See /m,
    );
    assert.deepEqual(readdirSync(recordings), ['02-silent.ndjson']);
    const { status, stdout } = await run(['replay', join(recordings, '02-silent.ndjson')]);
    assert.equal(status, 0);
    assert.match(stdout, / #1 +server +asleep in recv on fd \d+ until the client sends\n/);
    assert.doesNotMatch(stdout, / listening [\s\S]*(ended|closed|stopped)/, 'its end is no part of it');

    const again = await run(['grade', ...flags, '--', ...python('healthy')]);
    assert.deepEqual([again.status, again.stdout], [2, '']);
    assert.match(
      again.stderr,
      /--record never overwrites a recording, and \S+ is not empty\. Name a new folder\./,
    );
  });
});

describe('a hidden check', NEEDS_PYTHON, () => {
  it('gives points, and shows its name and nothing of what it does', LIMIT, async () => {
    const hidden = { check: 'silent', name: 'a secret', hidden: true, seconds: SECONDS, points: 2.5 };
    const { results, status } = await graded(python('silent'), ['answers', hidden]);
    assert.equal(status, 1);
    const [, { output: _, ...test }] = results.tests as [unknown, ResultsJson['tests'][number]];
    assert.deepEqual(
      [test.name, test.score, test.max_score, test.status, test.visibility],
      ['a secret: hidden', 0, 2.5, 'failed', 'hidden'],
    );
    assert.doesNotMatch(JSON.stringify(results.tests[1]), /silent/);
  });
});
