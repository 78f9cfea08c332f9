// What the program says beside its output: sentences on standard error.

import { writeSync } from 'node:fs';
import type { Sentence } from '../compare/server-process.js';
import { escapeControls } from '../terminal/escape.js';

const STDERR = 2;

/** Names of processes and files stand in the sentences, and a process may call itself whatever it likes. */
export function printError(sentence: string): void {
  const escaped = escapeControls(sentence);
  const message: Sentence = { sentence: escaped };
  process.send?.(message, undefined, undefined, () => {}); // to the comparison that started this server
  try {
    writeSync(STDERR, `evented-demo: ${escaped}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
