// Where the servers can be run on system calls, and why not where they can't.
// Stands beside src/posix/platform.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemCallsUnavailable } from '../../src/posix/platform.js';

test('Linux on a common CPU has the system calls', () => {
  for (const cpu of ['x64', 'arm64', 'riscv64', 'loong64']) {
    assert.equal(systemCallsUnavailable('linux', cpu), undefined);
  }
});

test('another system is named, with what is needed', () => {
  assert.equal(systemCallsUnavailable('darwin', 'arm64'), 'needs Linux, and this is macOS');
  assert.equal(systemCallsUnavailable('win32', 'x64'), 'needs Linux, and this is Windows');
});

test('a CPU with other constants or structures is named, with those that will do', () => {
  for (const cpu of ['ia32', 'arm', 'mips', 'mipsel', 'ppc64', 's390x']) {
    assert.equal(
      systemCallsUnavailable('linux', cpu),
      `needs a CPU of x64, arm64, riscv64, loong64, and this is ${cpu}`,
    );
  }
});

test('without arguments it is this machine that is asked about', () => {
  assert.equal(systemCallsUnavailable(), systemCallsUnavailable(process.platform, process.arch));
});
