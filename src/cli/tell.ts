// What the program says beside its output: sentences on standard error.

import { writeSync } from 'node:fs';

const STDERR = 2;

export function tell(sentence: string): void {
  try {
    writeSync(STDERR, `evented-demo: ${sentence}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
