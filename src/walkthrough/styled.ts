// Text that may hold colours (SGR, `ESC [ ... m`): how it is wrapped, and how other programs' output is made safe to show.

import columnsTaken from 'fast-string-truncated-width';
import { escapeControls } from '../terminal/escape.js';
import { textWidth, wrap } from '../terminal/width.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is looked for
const SGR = /\x1b\[[0-9;:]*m/g;
const RESET = '\x1b[0m';
const TAB = 8;

export const withoutColours = (text: string): string => text.replace(SGR, '');

/** A line that another program printed: colours stay, tabs become blanks, every other control character is shown. */
export function safeLine(line: string): string {
  const colours = line.match(SGR) ?? [];
  let safe = '';
  for (const [index, piece] of line.split(SGR).entries()) {
    for (const [at, text] of piece.split('\t').entries()) {
      if (at > 0) safe += ' '.repeat(TAB - (textWidth(safe) % TAB));
      safe += escapeControls(text);
    }
    safe += colours[index] ?? '';
  }
  return colours.length > 0 ? safe + RESET : safe;
}

/** Lines of at most `width` columns, cut between words where it can be. */
export function wrapColoured(text: string, width: number): string[] {
  return carryColours(wrap(text, width));
}

/** The same, and what goes on below stands under the last column of its line: log lines and tables keep their columns. */
export function wrapHanging(text: string, width: number): string[] {
  if (textWidth(text) <= width) return [text];
  const indent = lastColumn(withoutColours(text), Math.floor(width / 2));
  const { index } = columnsTaken(text, { limit: indent, ellipsis: '' });
  const [first = '', ...rest] = wrap(text.slice(index), width - indent);
  return carryColours([text.slice(0, index) + first, ...rest]).map((line, row) =>
    row === 0 ? line : ' '.repeat(indent) + line,
  );
}

/** Where the last column begins that begins within the first `limit` columns: after two blanks, or a prompt. */
function lastColumn(text: string, limit: number): number {
  return /^(?:.*\s{2}|[$>] )(?=\S)/.exec(text.slice(0, limit + 1))?.[0].length ?? 0;
}

/** A colour that goes on after the end of a line is ended there and begun anew on the next: a label may stand between. */
function carryColours(lines: readonly string[]): string[] {
  let open: string[] = [];
  return lines.map((line) => {
    const begun = open.join('');
    for (const colour of line.match(SGR) ?? []) open = after(open, colour);
    return begun + line + (open.length > 0 ? RESET : '');
  });
}

/** The end of one attribute, such as 22 for bold, takes all of them back but those of another kind (ECMA-48, 8.3.117). */
function after(open: readonly string[], colour: string): string[] {
  const code = Number(/\d+/.exec(colour)?.[0] ?? 0);
  if (code === 0) return [];
  const ends = ENDS[code];
  return ends === undefined ? [...open, colour] : open.filter((each) => !ends.test(each));
}

const ENDS: Record<number, RegExp> = {
  22: /\[[12]m/,
  23: /\[3m/,
  24: /\[4m/,
  27: /\[7m/,
  29: /\[9m/,
  39: /\[(3[0-8]|9\d)[;m]/,
  49: /\[(4[0-8]|10\d)[;m]/,
};
