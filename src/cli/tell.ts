// What the program says beside its output: sentences on standard error.

import { writeSync } from 'node:fs';
import { escapeControls } from '../ui/escape.js';

const STDERR = 2;

/** Names of processes and files stand in the sentences, and a process may call itself whatever it likes. */
export function tell(sentence: string): void {
  try {
    writeSync(STDERR, `evented-demo: ${escapeControls(sentence)}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
