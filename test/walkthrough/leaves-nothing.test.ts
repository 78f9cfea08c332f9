// However a walkthrough ends, /proc shows no process of it afterwards, and its folder is gone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { LIMIT } from '../support/limit.js';
import { Classroom } from '../support/walkthrough.js';

const classroom = new Classroom();
after(() => classroom.close());

/** Everything that is hard to end: a server, children behind, one that ignores signals, one in a session of its own. */
const STUBBORN = classroom.file(`# Stubborn

A test.

## On a server

\`\`\`sh server stays
evented-demo serve --mode blocking --port 8080
\`\`\`

\`\`\`text
... listening ...
\`\`\`

In terminal other:

\`\`\`sh other
sleep 1000 &
(trap '' INT TERM HUP; sleep 1000) &
setsid sleep 1000 &
nohup bash -c 'sleep 1000' >/dev/null 2>&1 &
echo ready
\`\`\`

In terminal client:

\`\`\`sh client within=600
curl 'http://127.0.0.1:8080/sleep?ms=10000'; sleep 1000
\`\`\`

In terminal server:

\`\`\`keys server
Ctrl-C
\`\`\`
`);

/** Text after which the signal is sent: before anything runs, while the server starts, later, and in the longest command. */
const MOMENTS = ['Stubborn', '$ evented-demo serve', 'listening', '$ nohup', 'ready', 'request GET /sleep'];
/** The moments are tried with one signal, for all of them end it in the same way. */
const SIGNALLED = [
  ...MOMENTS.map((moment) => ['SIGINT', moment] as const),
  ...(['SIGTERM', 'SIGHUP'] as const).map((signal) => [signal, MOMENTS.at(-1)!] as const),
];

for (const [signal, moment] of SIGNALLED) {
  it(`${signal} after "${moment}" leaves no process behind`, LIMIT, async () => {
    const run = classroom.start([STUBBORN, '--yes', '--port=0']);
    await run.until(moment);
    process.kill(run.process.pid!, signal);
    assert.deepEqual(await run.ended, { status: 0, signal: null });
    assert.deepEqual(classroom.processes(), []);
    assert.deepEqual(classroom.folders(), []);
    assert.equal(run.stderr, '');
  });
}

it('SIGINT is noticed while lines are looked for', LIMIT, async () => {
  const rows = ['<a>', '<b, not a>', '<c, not a, not b>', '<d, not a>', '<e, more than a, less than a>'];
  const path = classroom.file(
    `# Slow

A test.

## In one

\`\`\`sh one
seq 100
\`\`\`

\`\`\`text any-order within=900
${rows.join('\n')}
\`\`\`
`,
    'slow.md',
  );
  const run = classroom.start([path, '--yes']);
  await run.until('one | 100');
  process.kill(run.process.pid!, 'SIGINT');
  assert.deepEqual(await run.ended, { status: 0, signal: null });
  assert.deepEqual(classroom.processes(), []);
});

/** One that has ended is a zombie until somebody asks for its status, and has no command line any more. */
function runs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

/** Without an environment it is known by its terminal alone. */
const NAMELESS = classroom.file(
  `# Nameless

A test.

## In one

\`\`\`sh one
env -i sleep 1000 &
echo pid $!
sleep 1000
\`\`\`
`,
  'nameless.md',
);

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  it(`${signal} leaves no process behind that has no environment`, LIMIT, async () => {
    const run = classroom.start([NAMELESS, '--yes']);
    await run.until('one | pid ');
    await run.until('\n');
    const [, pid] = /one \| pid (\d+)/.exec(run.all)!;
    assert.ok(runs(pid!));
    process.kill(run.process.pid!, signal);
    await run.ended;
    while (classroom.processes().length > 0) await setTimeout(50); // the guard, which ends last
    assert.ok(!runs(pid!));
  });
}

it('SIGKILL leaves a guard that ends the rest', LIMIT, async () => {
  const run = classroom.start([STUBBORN, '--yes', '--port=0']);
  await run.until('request GET /sleep');
  assert.ok(classroom.processes().length > 5);
  process.kill(run.process.pid!, 'SIGKILL');
  while (classroom.processes().length > 0 || classroom.folders().length > 0) await setTimeout(50);
});

it('a reader that goes away ends it', LIMIT, async () => {
  const run = classroom.start([STUBBORN, '--yes', '--port=0']);
  await run.until('Stubborn');
  run.process.stdout!.destroy();
  await run.ended;
  assert.deepEqual(classroom.processes(), []);
});

it('a check that is interrupted has not passed', LIMIT, async () => {
  const run = classroom.start([STUBBORN, '--check', '--port=0']);
  while (classroom.processes().length < 5) await setTimeout(50);
  process.kill(run.process.pid!, 'SIGINT');
  assert.equal((await run.ended).status, 1);
  assert.match(run.stderr, /A signal stopped the check/);
  assert.deepEqual(classroom.processes(), []);
});

it('a check of all that is interrupted says so once', LIMIT, async () => {
  const run = classroom.start(['--check', '--port=0']);
  while (classroom.processes().length < 3) await setTimeout(50);
  process.kill(run.process.pid!, 'SIGINT');
  assert.equal((await run.ended).status, 1);
  assert.match(run.stderr, /^evented-demo: A signal stopped the check of \S+ before its end\. .+\n$/);
});
