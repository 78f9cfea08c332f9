// The program's sentences on standard error.

import { writeSync } from 'node:fs';
import type { Sentence } from '../compare/server-process.js';
import { escapeControls } from '../terminal/escape.js';

const STDERR = 2;

/** A sentence may contain the name of a process or a file, and a process may choose any name. */
export function printError(sentence: string): void {
  const escaped = escapeControls(sentence);
  const message: Sentence = { sentence: escaped };
  process.send?.(message, undefined, undefined, () => {}); // to the comparison that started this server
  writeError(`evented-demo: ${escaped}\n`);
}

/** To standard error, as it is. */
export function writeError(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Nobody is left to read it.
  }
}
