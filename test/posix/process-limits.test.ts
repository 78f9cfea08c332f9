// The kernel's limits as this process reads them, with the shell's own `ulimit` for a witness.
// Stands beside src/posix/process-limits.ts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { limitOf, threadsLeftInCgroup } from '../../src/posix/process-limits.js';

test('descriptors are what a shell of this process is told', () => {
  const shell = execFileSync('sh', ['-c', 'ulimit -Sn; ulimit -Hn'], { encoding: 'utf8' });
  const [soft, hard] = shell.trim().split('\n');
  const limit = limitOf('Max open files');
  const text = (value?: number): string => (value === Number.POSITIVE_INFINITY ? 'unlimited' : `${value}`);
  assert.deepEqual([text(limit?.soft), text(limit?.hard)], [soft, hard]);
});

test('no limit is Infinity, and where there is no /proc nothing is known', () => {
  const line = 'Max processes             unlimited            unlimited            processes \n';
  assert.deepEqual(limitOf('Max processes', line), {
    soft: Number.POSITIVE_INFINITY,
    hard: Number.POSITIVE_INFINITY,
  });
  assert.equal(limitOf('Max processes', ''), undefined);
});

const left = (files: Record<string, string>): number => threadsLeftInCgroup((file) => files[file] ?? '');

test('the group that leaves least counts, in version 2', () => {
  const files = {
    '/proc/self/cgroup': '0::/user.slice/session\n',
    '/sys/fs/cgroup/user.slice/session/pids.max': 'max\n',
    '/sys/fs/cgroup/user.slice/session/pids.current': '5\n',
    '/sys/fs/cgroup/user.slice/pids.max': '100\n',
    '/sys/fs/cgroup/user.slice/pids.current': '30\n',
  };
  assert.equal(left(files), 70);
});

test('in a container the topmost group is the one to be seen, in version 1 too', () => {
  const files = {
    '/proc/self/cgroup': '9:name=systemd:/x\n8:pids:/docker/0123\n4:memory:/y\n',
    '/sys/fs/cgroup/pids/pids.max': '64\n',
    '/sys/fs/cgroup/pids/pids.current': '4\n',
    '/sys/fs/cgroup/pids/y/pids.max': '1\n',
  };
  assert.equal(left(files), 60);
});

test('no limit is Infinity', () => {
  assert.equal(left({}), Number.POSITIVE_INFINITY);
  assert.equal(
    left({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/pids.max': 'max\n' }),
    Number.POSITIVE_INFINITY,
  );
});
