// What a watched server prints itself: on standard error, a line at a time, each marked as the server's own.

import { writeSync } from 'node:fs';
import { escapeControls } from '../../terminal/escape.js';

const STDERR = 2;
/** Lines that are kept while the terminal shows a picture. */
const MOST_KEPT = 200;

export class ServerOutput {
  readonly #kept: string[] | undefined;

  /** `keep`: until the end, because the terminal shows a picture. */
  constructor(keep: boolean) {
    this.#kept = keep ? [] : undefined;
  }

  readonly take = (line: string): void => {
    const marked = `server: ${escapeControls(line)}\n`;
    if (this.#kept === undefined) return write(marked);
    this.#kept.push(marked);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  };

  end(): void {
    for (const line of this.#kept ?? []) write(line);
  }
}

function write(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // Nobody is left to read it.
  }
}
