// The terminal's alternate screen, drawn in place: the old screen comes back at the end.

import { writeSync } from 'node:fs';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'; // alternate screen, no cursor, no wrapping
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** A terminal that knows these shows the new screen all at once; others ignore them. */
const BEGIN = '\x1b[?2026h\x1b[H';
const END = '\x1b[J\x1b[?2026l';

export class AlternateScreen {
  #entered = false;

  /** Writes each line over the old one and clears the rest of its row, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    if (!this.#entered) process.stdout.write(ENTER);
    this.#entered = true;
    process.stdout.write(`${BEGIN}${lines.map((line) => `${line}\x1b[K`).join('\n')}${END}`);
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    try {
      writeSync(1, LEAVE);
    } catch {
      // The terminal has gone.
    }
  }
}
