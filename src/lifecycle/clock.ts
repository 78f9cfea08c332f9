// One clock for every thread: microseconds of CLOCK_MONOTONIC, read without a system call and without allocating.

import { performance } from 'node:perf_hooks';

const [seconds, nanoseconds] = process.hrtime();
const hrtimeUs = seconds * 1e6 + nanoseconds / 1e3;

/** performance.now() counts from the start of its own thread: this is how far that is from the common zero. */
let offsetUs = hrtimeUs - performance.now() * 1e3;
for (let i = 0; i < 20; i++) {
  // hrtime is read before now(), so each difference is too small by the time in between: the largest is the best.
  const [s, ns] = process.hrtime();
  offsetUs = Math.max(offsetUs, s * 1e6 + ns / 1e3 - performance.now() * 1e3);
}

/**
 * Microseconds since an arbitrary moment, the same in every thread of every process of the machine: process.hrtime()
 * is CLOCK_MONOTONIC on Linux (clock_gettime(2)). So two servers' events can be laid on one time axis.
 */
export function nowUs(): number {
  return performance.now() * 1e3 + offsetUs;
}
