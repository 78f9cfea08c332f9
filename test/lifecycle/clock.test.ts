// One clock for all threads and all processes: CLOCK_MONOTONIC, as the kernel itself gives it.
// Stands beside src/lifecycle/clock.ts; two servers' stories are laid on it in test/witness/two-servers.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import koffi from 'koffi';
import { nowUs } from '../../src/lifecycle/clock.js';
import { CLOCK_MONOTONIC } from '../../src/posix/constants.js';

const libc = process.platform === 'linux' ? koffi.load(null) : undefined;

test('the clock is the CLOCK_MONOTONIC of the kernel', { skip: libc === undefined }, () => {
  const clock_gettime = libc!.func('int clock_gettime(int clock, void *time)');
  const timespec = new BigInt64Array(2);
  const kernelUs = (): number => {
    clock_gettime(CLOCK_MONOTONIC, timespec);
    return Number(timespec[0]) * 1e6 + Number(timespec[1]) / 1e3;
  };
  for (let i = 0; i < 100; i++) {
    const before = kernelUs();
    const now = nowUs();
    const after = kernelUs();
    // It may lag behind by the time between two readings, when its offset was found; it never runs ahead.
    assert.ok(now > before - 100 && now <= after + 1, `${now} is not between ${before} and ${after}`);
  }
});
