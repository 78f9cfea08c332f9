// What every measurement says of the program and of the machine on which it was made.

import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { MachineFacts } from './comparison.js';

export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

export function machine(): MachineFacts {
  const all = cpus();
  return {
    cpus: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
  };
}
