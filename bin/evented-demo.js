#!/usr/bin/env node
import { readdirSync, readFileSync } from 'node:fs';

// With fewer than these left, Node fails to load the program and says that a package is missing, or nothing at all.
const NEEDED_DESCRIPTORS = 16;

const left = descriptorsLeft();
if (left < NEEDED_DESCRIPTORS) {
  console.error(
    `evented-demo: Too few file descriptors: this process may open ${left} more, and it needs ${NEEDED_DESCRIPTORS}. ` +
      'Raise the limit with `ulimit -n 1024`; above the hard limit only root can.',
  );
  process.exitCode = 1;
} else {
  await import('../build/src/cli/main.js');
}

/** Infinity where there is no /proc, and so nothing is known. */
function descriptorsLeft() {
  try {
    const open = readdirSync('/proc/self/fd').length;
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit) - open + 1; // one was for the folder
  } catch (error) {
    return error.code === 'EMFILE' ? 0 : Number.POSITIVE_INFINITY;
  }
}
