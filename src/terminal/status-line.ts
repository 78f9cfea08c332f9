// A line that stays at the bottom of the terminal while all others scroll above it: the terminal's scrolling region ends
// one row higher (DECSTBM). What others write meanwhile, such as a shell's prompt, scrolls with the rest.

import type { TerminalSize } from './terminal.js';
import { cut, padEnd } from './width.js';

/** On fewer rows the lines need all of them. */
const LEAST_ROWS = 10;

const SAVE_CURSOR = '\x1b7';
const RESTORE_CURSOR = '\x1b8';
const CLEAR_LINE = '\x1b[2K';
const WHOLE_SCREEN = '\x1b[r';

const atRow = (row: number, text: string): string =>
  `${SAVE_CURSOR}\x1b[${row};1H${CLEAR_LINE}${text}${RESTORE_CURSOR}`;

export class StatusLine {
  readonly #text: (columns: number) => string;
  readonly #style: (text: string) => string;
  /** The row it stands on, counted from 1; 0 while there is none. */
  #row = 0;

  /** @param text makes its text, given the number of columns */
  constructor(text: (columns: number) => string, style: (text: string) => string) {
    this.#text = text;
    this.#style = style;
  }

  /** What draws it. To be written again whenever the terminal's size has changed. */
  draw({ columns, rows }: TerminalSize): string {
    const erased = this.erase();
    if (rows < LEAST_ROWS) return erased;
    this.#row = rows;
    // Both commands move the cursor. It must not stay on the last row, which no longer scrolls.
    const reserve = `\n\x1b[A${SAVE_CURSOR}\x1b[1;${rows - 1}r${RESTORE_CURSOR}`;
    return erased + reserve + atRow(rows, this.#style(padEnd(cut(this.#text(columns), columns), columns)));
  }

  /** What gives the terminal its last row back. */
  erase(): string {
    if (this.#row === 0) return '';
    const row = this.#row;
    this.#row = 0;
    return `${atRow(row, '')}${SAVE_CURSOR}${WHOLE_SCREEN}${RESTORE_CURSOR}`;
  }
}
