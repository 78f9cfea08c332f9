// A QR code as lines of text, each with two of its rows, so that a phone can open the URL.
// Loaded only if other machines can connect and there is a terminal.

import type { ChalkInstance } from 'chalk';
import { correction, generate } from 'lean-qr';

/** Light modules around the code: without them readers don't find it (ISO/IEC 18004, quiet zone). */
const QUIET = 4;

const INDENT = '  ';

/** By the upper and the lower module: light is 0, dark is 1. */
const BLOCKS = [' ', '▄', '▀', '█'];

/**
 * Black on white, whatever colours the terminal has. Without colours the light modules are drawn: that is right on a dark
 * terminal, and inverted on a light one, which most readers accept. No lines if there is no room for the whole code.
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
