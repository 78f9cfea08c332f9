// strace(1) as a witness: a server runs under it, and what each of its threads has called is read afterwards.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './cleanup.js';

/** `wrap` is the command to run the server under; `calls` as strace takes them. */
export function underStrace(calls: string): {
  readonly wrap: readonly string[];
  readonly linesOf: (tid: number) => string[];
} {
  const trace = join(temporaryFolder(), 'trace');
  return {
    wrap: ['strace', '-ff', '-qq', '-e', `trace=${calls}`, '-e', 'signal=none', '-o', trace],
    linesOf: (tid) => readFileSync(`${trace}.${tid}`, 'utf8').trimEnd().split('\n'),
  };
}
