// Where io_uring can't be used, the reason is told: by serve, which refuses, and by doctor.
// The refusals are made by strace(1), which lets io_uring_setup(2) fail.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { it } from 'node:test';
import { explainRefusal, tooOld } from '../../src/posix/io-uring-probe.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM } from '../support/server.js';
import { missing } from '../support/tools.js';

const { EPERM, ENOSYS } = constants.errno;

function without(
  error: string,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const failing = ['-e', 'trace=io_uring_setup', '-e', `inject=io_uring_setup:error=${error}`];
  const command = ['-f', '-qq', '-o', '/dev/null', ...failing, process.execPath, PROGRAM, ...args];
  return spawnSync('strace', command, { encoding: 'utf8', timeout: 120_000 });
}

for (const [error, reason] of [
  ['EPERM', 'io_uring is not permitted here (EPERM), as in many containers'],
  ['ENOSYS', 'this kernel has no io_uring (ENOSYS)'],
] as const) {
  it(`${error}: serve refuses in one sentence`, { ...LIMIT, skip: missing('strace') }, () => {
    const { status, stdout, stderr } = without(error, 'serve', '--mode=completion', '--port=0');
    assert.deepEqual([status, stdout], [1, '']);
    assert.equal(stderr, `evented-demo: Cannot run --mode completion: ${reason}. Use --mode evented.\n`);
  });
}

it('doctor warns where it is not permitted', { ...LIMIT, skip: missing('strace') }, () => {
  const { stdout } = without('EPERM', 'doctor', '--port=0', '--format=json');
  const { checks } = JSON.parse(stdout) as { checks: { check: string; status: string; found: string }[] };
  const { status, found } = checks.find(({ check }) => check === 'io_uring')!;
  assert.equal(status, 'warning');
  assert.match(found, /^io_uring is not permitted here \(EPERM\), .*--mode completion does not run$/);
});

it('the sysctl that forbids it is named', () => {
  assert.match(explainRefusal(EPERM, '2'), /kernel\.io_uring_disabled is 2$/);
  assert.match(explainRefusal(EPERM, '1'), /kernel\.io_uring_disabled is 1$/);
  assert.match(explainRefusal(EPERM, '0'), /not permitted here \(EPERM\)/);
  assert.match(explainRefusal(ENOSYS, ''), /ENOSYS/);
});

it('a kernel before Linux 6.7 is too old', () => {
  assert.equal(tooOld('6.1.0-18-amd64'), 'it needs Linux 6.7 or later, and this is 6.1.0-18-amd64');
  assert.match(tooOld('5.15.0')!, /6\.7/);
  for (const release of ['6.7.0', '6.8.0-45-generic', '6.18.44', '7.0.1'])
    assert.equal(tooOld(release), undefined);
});
