// `doctor` on this machine: it says what is so, and finds what is wrong where something is.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Finding } from '../../src/doctor/finding.js';
import { ownAddresses } from '../../src/net/own-addresses.js';
import { temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';
import { smallServer } from '../support/small-server.js';
import { missing } from '../support/tools.js';

/** The findings by what was looked at, and the exit status. */
async function examine(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ status: number | null; findings: Record<string, Finding> }> {
  const { status, stdout, stderr } = await run(['doctor', '--format=json', ...args], { env });
  assert.equal(stderr, '');
  const { checks } = JSON.parse(stdout) as { checks: Finding[] };
  return { status, findings: Object.fromEntries(checks.map((each) => [each.check, each])) };
}

it('finds nothing that fails where the tests run, and status 0', LIMIT, async () => {
  const { status, findings } = await examine(['--port=0']);
  assert.deepEqual(
    Object.values(findings).filter((each) => each.status === 'failing'),
    [],
  );
  assert.equal(status, 0);
  assert.match(findings.engine!.found, /epoll_create1 returned fd \d+/);
  assert.match(findings.thread!.found, /the kernel lists it as doctor, tid \d+$/);
  for (const { address } of ownAddresses()) assert.ok(findings.addresses!.found.includes(address));
});

it('a port in use fails with who has it, status 1, and is free a moment later', LIMIT, async () => {
  const { port, close } = await smallServer();
  const taken = await examine([`--port=${port}`]);
  assert.equal(taken.status, 1);
  assert.equal(taken.findings.port!.status, 'failing');
  assert.match(taken.findings.port!.found, new RegExp(`^${port} is in use by .* \\(pid ${process.pid}\\)$`));
  await close();
  const free = await examine([`--port=${port}`]);
  assert.deepEqual([free.status, free.findings.port!.status], [0, 'ok']);
});

it('a port in use at another address is a warning', LIMIT, async () => {
  const { port } = await smallServer(undefined, '127.0.0.2');
  const { status, findings } = await examine([`--port=${port}`]);
  assert.deepEqual([status, findings.port!.status], [0, 'warning']);
  assert.match(findings.port!.found, /is free at 127\.0\.0\.1, but in use by .* at another address$/);
});

it(
  'tools that are missing are told with how to get them, and without bash no class can be held',
  LIMIT,
  async () => {
    const nothing = temporaryFolder();
    const { status, findings } = await examine(['--port=0'], { ...process.env, PATH: nothing });
    assert.equal(status, 1);
    for (const tool of ['bash', 'curl', 'ss', 'ps', 'strace', 'nc', 'python3']) {
      assert.equal(findings[tool]!.status, tool === 'bash' ? 'failing' : 'warning');
      assert.match(findings[tool]!.found, /^missing; it /);
      assert.match(findings[tool]!.advice!, /install/);
    }
  },
);

it('a tool that is there is found', { ...LIMIT, skip: missing('curl') }, async () => {
  assert.equal((await examine(['--port=0'])).findings.curl!.status, 'ok');
});

it('tries what walkthroughs need, and leaves nothing behind', LIMIT, async () => {
  const folder = temporaryFolder();
  const state = join(folder, 'state', 'deeper');
  const env = { ...process.env, TMPDIR: folder, XDG_STATE_HOME: state };
  const { findings } = await examine(['--port=0'], env);
  assert.equal(findings.walkthroughs!.status, 'ok');
  assert.ok(findings.walkthroughs!.found.includes(`run in ${folder};`), findings.walkthroughs!.found);
  assert.ok(findings.walkthroughs!.found.endsWith(` ${join(state, 'evented-demo')}`));
  assert.deepEqual(readdirSync(folder), []);
});

it('where no folder can be made for a walkthrough it is not ready', LIMIT, async () => {
  const nowhere = join(temporaryFolder(), 'gone');
  const { status, findings } = await examine(['--port=0'], { ...process.env, TMPDIR: nowhere });
  assert.deepEqual([status, findings.walkthroughs!.status], [1, 'failing']);
  assert.equal(
    findings.walkthroughs!.found,
    `no walkthrough can run: making a folder failed with ENOENT in ${nowhere}`,
  );
  assert.match(findings.walkthroughs!.advice!, /^set TMPDIR to a writable folder /);
});

it('where progress can not be kept that is a warning', LIMIT, async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const { status, findings } = await examine(['--port=0'], { ...process.env, XDG_STATE_HOME: file });
  assert.deepEqual([status, findings.walkthroughs!.status], [0, 'warning']);
  assert.match(findings.walkthroughs!.found, /; progress cannot be kept: ENOTDIR$/);
});

/** Mounts of its own, which end with the command. */
const OWN_MOUNTS = ['--user', '--map-root-user', '--mount'];
const noMounts =
  spawnSync('unshare', [...OWN_MOUNTS, 'true']).status === 0 ? false : 'no mounts of its own can be had here';

it('where programs in TMPDIR may not run it is not ready', { ...LIMIT, skip: noMounts }, () => {
  const folder = temporaryFolder();
  const script = 'mount -t tmpfs -o noexec none "$TMPDIR" && exec "$0" "$1" doctor --port=0 --format=json';
  const { status, stdout } = spawnSync(
    'unshare',
    [...OWN_MOUNTS, 'sh', '-c', script, process.execPath, PROGRAM],
    { encoding: 'utf8', env: { ...process.env, TMPDIR: folder } },
  );
  const { checks } = JSON.parse(stdout) as { checks: Finding[] };
  const { status: verdict, found } = checks.find(({ check }) => check === 'walkthroughs')!;
  assert.deepEqual([status, verdict], [1, 'failing']);
  assert.equal(found, `no walkthrough can run: a program failed with EACCES in ${folder}`);
});

it('reads well on 80 columns and without colours', LIMIT, async () => {
  const { stdout } = await run(['doctor', '--port=0']);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(stdout, /^ {2}ok {7}node +v\d/);
  assert.match(stdout, /\nready for class[^\n]*: \d+ ok[^\n]*\n$/);
  assert.doesNotMatch(stdout, /\p{Cc}(?<!\n)/u);
});

it('wrong usage is status 2 and a sentence', LIMIT, async () => {
  const { status, stderr } = await run(['doctor', '--port=high']);
  assert.equal(status, 2);
  assert.match(stderr, /^evented-demo: --port cannot be "high"\. Use a whole number from 0 to 65535\.\n$/);
});
