// On a system without Linux's calls and without /proc: what can run runs, what can't says why, nothing is shown that was
// not measured, and nothing waits for ever. The system is pretended: support/another-system.ts.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '../../src/compare/comparison.js';
import { LIMIT } from '../support/limit.js';
import { run } from '../support/server.js';

const PRELOAD = fileURLToPath(new URL('../support/another-system.js', import.meta.url));

const on = (platform: string, args: readonly string[]) =>
  run(args, {
    env: { ...process.env, NODE_OPTIONS: `--import=${PRELOAD}`, PRETEND_PLATFORM: platform, NO_COLOR: '1' },
  });

it('compare quick ends, and has figures of what could be measured alone', LIMIT, async () => {
  const { status, stdout, stderr } = await on('darwin', ['compare', 'quick', '--json']);
  assert.deepEqual(
    [status, stderr],
    [
      0,
      'evented-demo: Only evented runs here. Each of the others (blocking) needs Linux, and this is macOS.\n',
    ],
  );
  const { models, fairness } = JSON.parse(stdout) as Comparison;
  const [{ mode, figures, load }] = models as [Comparison['models'][0]];
  assert.equal(mode, 'evented');
  assert.equal(figures.failed, 0);
  assert.ok(load!.answered > 0);
  for (const name of ['peakMemory', 'memoryAtStart', 'cpuSeconds', 'voluntarySwitches']) {
    assert.ok(!(name in figures), name);
  }
  assert.ok(!('cpuUsPerRequest' in load!));
  assert.ok(
    fairness.some((text) => text.startsWith('Memory, CPU time and context switches were not measured')),
  );
});

it("compare's table has no row of what was not measured", LIMIT, async () => {
  const { status, stdout } = await on('win32', ['compare', 'silent', '--modes=evented']);
  assert.equal(status, 0);
  assert.match(stdout, /^requests answered +1$/m);
  assert.doesNotMatch(stdout, /^memory added|^CPU seconds|^context switches/m);
});

for (const [args, sentence] of [
  [['compare', 'silent', '--modes=blocking,evented'], '--modes blocking needs Linux, and this is macOS. Use'],
  [['compare', '--sweep=connections=1..2'], '--sweep needs Linux, and this is macOS.'],
  [['inspect'], 'inspect needs Linux, and this is macOS. '],
  [['walkthrough', '01', '--yes'], 'A walkthrough needs Linux, and this is macOS. '],
  [
    ['serve', '--mode=blocking'],
    '--mode blocking needs system calls, and the engine that makes them needs Linux, and this is macOS',
  ],
  [['serve', '--engine=system-calls'], '--engine system-calls needs Linux, and this is macOS. '],
] as const) {
  it(`${args.join(' ')}: says what it needs`, LIMIT, async () => {
    const { status, stdout, stderr } = await on('darwin', args);
    assert.deepEqual([status, stdout], [1, '']);
    assert.ok(stderr.startsWith(`evented-demo: ${sentence}`), stderr);
    assert.match(stderr, /^[^\n]+\n$/);
  });
}

it('Linux without /proc: what reads it says so', LIMIT, async () => {
  const { status, stderr } = await on('linux', ['inspect']);
  assert.equal(status, 1);
  assert.match(stderr, /^evented-demo: inspect needs \/proc, which is not mounted here\. [^\n]+\n$/);
});

it('the list of walkthroughs says that none can run', LIMIT, async () => {
  const { status, stdout } = await on('win32', ['walkthrough']);
  assert.equal(status, 0);
  assert.match(stdout, /None of them can run here: a walkthrough needs Linux, and this is Windows\./);
});

it('doctor: not ready, and no advice to install what would not help', LIMIT, async () => {
  const { status, stdout } = await on('darwin', ['doctor', '--port=0', '--format=json']);
  assert.equal(status, 1);
  const { status: verdict, checks } = JSON.parse(stdout) as {
    status: string;
    checks: { check: string; status: string }[];
  };
  assert.equal(verdict, 'failing');
  const failing = checks.filter((each) => each.status === 'failing').map(({ check }) => check);
  assert.deepEqual(failing.toSorted(), ['engine', 'walkthroughs']);
  for (const name of ['strace', 'ss', 'ps', 'thread', 'descriptors'])
    assert.ok(!checks.some(({ check }) => check === name), name);
});
