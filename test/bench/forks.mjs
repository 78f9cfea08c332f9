// `npm run bench -- forks`: what a process for each connection costs, in time and in memory.
// Beside it a bare fork(2), from fork.c, where there is a C compiler.

import { costOfStarts } from './threads.mjs';

export const forks = (/** @type {import('./run.mjs').Options} */ options) =>
  costOfStarts(options, {
    what: 'process',
    plural: 'processes',
    mode: 'processes',
    name: 'child process of serve (a whole Node)',
    fresh: [],
    inC: 'fork',
    starts: 20,
    few: 2,
    many: 12,
    hasMaps: false,
  });
