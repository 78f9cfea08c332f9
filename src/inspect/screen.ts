// A terminal's alternate screen, drawn over in place: what was there before comes back when it is left.

import { writeSync } from 'node:fs';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'; // alternate screen, no cursor, no lines that go on below
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Whoever knows these shows the new picture all at once; the others ignore them. */
const BEGIN = '\x1b[?2026h\x1b[H';
const END = '\x1b[J\x1b[?2026l';

export class Screen {
  #entered = false;

  /** Each line is written over the old one and what was longer wiped, so that nothing ever flickers. */
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
