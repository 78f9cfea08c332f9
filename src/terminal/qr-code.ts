// A QR code as lines of text, two of its rows in each, so that a phone opens what the terminal shows.
// Loaded only where `serve` is open to others and has a terminal.

import type { ChalkInstance } from 'chalk';
import { correction, generate } from 'lean-qr';

/** Light modules around the code, without which readers don't find it (ISO/IEC 18004, quiet zone). */
const QUIET = 4;

const INDENT = '  ';

/** By the upper and the lower module of a character: light is 0, dark is 1. */
const BLOCKS = [' ', '▄', '▀', '█'];

/**
 * Black on white whatever the terminal's own colours are. Without colours the light modules are drawn: right on a dark
 * terminal, and inverted on a light one, which most readers take too. No lines where there are not so many columns or
 * rows: a part of a code is none.
 */
export function drawQrCode(text: string, chalk: ChalkInstance, columns: number, rows: number): string[] {
  const code = generate(text, { minCorrectionLevel: correction.L });
  const width = code.size + 2 * QUIET;
  if (INDENT.length + width > columns || width / 2 > rows) return [];
  const colours = chalk.level > 0;
  const paint = chalk.ansi256(16).bgAnsi256(231);
  const lines: string[] = [];
  for (let y = -QUIET; y < code.size + QUIET; y += 2) {
    let line = '';
    for (let x = -QUIET; x < code.size + QUIET; x++) {
      const dark = (Number(code.get(x, y)) << 1) | Number(code.get(x, y + 1));
      line += BLOCKS[colours ? dark : 3 - dark];
    }
    lines.push(INDENT + paint(line));
  }
  return lines;
}
