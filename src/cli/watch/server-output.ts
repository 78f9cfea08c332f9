// What a watched server prints itself: on standard error, a line at a time, each marked as the server's own.

import { escapeControls } from '../../terminal/escape.js';
import { writeError } from '../print-error.js';

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
    if (this.#kept === undefined) return writeError(marked);
    this.#kept.push(marked);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  };

  end(): void {
    for (const line of this.#kept ?? []) writeError(line);
  }
}
