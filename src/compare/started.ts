// What a model starts for a connection, a thread or a process: what one is here, and what it costs in C.
// Every sentence about the cost of either takes its words from here, so that C's cost always stands beside it.

import { type ModelName, modeOf, numberOf, type ServerName } from '../models/options.js';
import { JAVASCRIPT_ENGINE, RUNTIME } from '../posix/runtime.js';

export interface StartCost {
  readonly one: string;
  readonly many: string;
  readonly here: string;
  readonly inC: string;
}

export const THREAD_COST: StartCost = {
  one: 'thread',
  many: 'threads',
  here: `a whole ${JAVASCRIPT_ENGINE}`,
  inC: 'a pthread in C takes 0.022 ms and 8 KiB (docs/benchmarks.md)', // test/bench/pthread.c
};
export const PROCESS_COST: StartCost = {
  one: 'process',
  many: 'processes',
  here: `a whole ${RUNTIME}`,
  inC: 'a fork in C takes 0.047 ms and 34 KiB (docs/benchmarks.md)', // test/bench/fork.c
};

/** A server that is not ours is never known to start one for a connection. */
export const startedBy = (name: ServerName): StartCost =>
  name.split(':')[0] === 'processes' ? PROCESS_COST : THREAD_COST;

/** What is there for each connection, and for no other; undefined where a fixed number serves them all. */
export function startedForEach(mode: ModelName): StartCost | undefined {
  const each = modeOf(mode) === 'blocking' || modeOf(mode) === 'processes';
  return each && numberOf(mode, 'prefork') === undefined ? startedBy(mode) : undefined;
}

/** `taken` is what one took in this run. */
export const costOf = ({ one, here, inC }: StartCost, taken = ''): string =>
  `Each ${one} is ${here} here${taken}; ${inC}.`;
