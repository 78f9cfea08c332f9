// Other people's programs that tests ask for the truth. Where one is missing its test is skipped, but never in CI.

import { spawnSync } from 'node:child_process';
import { unmet } from '../../src/walkthrough/needs.js';
import { inCI } from './environment.js';

/** What to give as a test's `skip`. */
export function missing(tool: string): string | false {
  if (inCI) return false;
  return unmet([tool]) ?? false;
}

/** Where it is. */
export function pathOf(tool: string): string {
  return spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
}
