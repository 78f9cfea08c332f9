// Reads a QR code out of lines of text, as a phone would see them: each character is two squares, one above the other.

import jsQR from 'jsqr';

/** Pixels of a square's side: a reader needs a few. */
const SCALE = 4;

export interface Seen {
  readonly text: string;
  /** Whether it was light on dark: not every reader takes that. */
  readonly inverted: boolean;
}

/** `terminal`: what the lines are shown on, where they have no colours of their own. */
export function readQrCode(lines: readonly string[], terminal: 'dark' | 'light' = 'light'): Seen | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours, black on white, are taken off
  const rows = lines.map((line) => line.replace(/\x1b\[[\d;]*m/g, '').slice(2)).flatMap(twoRows);
  for (const inverted of [false, true]) {
    const found = read(rows, (terminal === 'light') !== inverted);
    if (found !== undefined) return { text: found, inverted };
  }
  return undefined;
}

/** `inkIsDark`: whether what is drawn is the dark part. */
function read(rows: readonly boolean[][], inkIsDark: boolean): string | undefined {
  const width = rows[0]!.length * SCALE;
  const height = rows.length * SCALE;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ink = rows[Math.floor(y / SCALE)]![Math.floor(x / SCALE)]!;
      if (ink === inkIsDark) pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return jsQR.default(pixels, width, height, { inversionAttempts: 'dontInvert' })?.data;
}

/** Where the characters of a line have ink, in their upper and in their lower halves. */
function twoRows(line: string): [boolean[], boolean[]] {
  const ink = (blocks: string) => [...line].map((each) => blocks.includes(each));
  return [ink('▀█'), ink('▄█')];
}
