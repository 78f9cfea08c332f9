// Text that may hold colours (SGR, `ESC [ ... m`): what of it is seen, how it is wrapped, and how other programs' output is
// made safe to show.

import { escapeControls } from '../ui/escape.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is looked for
const SGR = /\x1b\[[0-9;:]*m/g;
const RESET = '\x1b[0m';
const TAB = 8;

export const withoutColours = (text: string): string => text.replace(SGR, '');
export const visibleLength = (text: string): number => withoutColours(text).length;

/** A line that another program printed: colours stay, tabs become blanks, every other control character is shown. */
export function safeLine(line: string): string {
  const colours = line.match(SGR) ?? [];
  let safe = '';
  let column = 0;
  for (const [index, piece] of line.split(SGR).entries()) {
    const text = escapeControls(expandTabs(piece, column));
    column += text.length;
    safe += text + (colours[index] ?? '');
  }
  return colours.length > 0 ? safe + RESET : safe;
}

function expandTabs(text: string, column: number): string {
  if (!text.includes('\t')) return text;
  let expanded = '';
  for (const character of text)
    expanded += character === '\t' ? ' '.repeat(TAB - ((column + expanded.length) % TAB)) : character;
  return expanded;
}

/** Cuts between words; a word that is too long for a line keeps a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines = text.split('\n').flatMap((paragraph) => {
    const wrapped = [''];
    for (const word of paragraph.split(' ').filter((each) => each !== '')) {
      const last = wrapped.at(-1)!;
      const joined = last === '' ? word : `${last} ${word}`;
      if (last === '' || visibleLength(joined) <= width) wrapped[wrapped.length - 1] = joined;
      else wrapped.push(word);
    }
    return wrapped;
  });
  return carryColours(lines);
}

/** Cuts where the width is full, as a terminal would. */
export function wrapHard(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let length = 0;
  const colours = text.match(SGR) ?? [];
  for (const [index, piece] of text.split(SGR).entries()) {
    let rest = piece;
    while (length + rest.length > width) {
      lines.push(line + rest.slice(0, width - length));
      rest = rest.slice(width - length);
      line = '';
      length = 0;
    }
    line += rest + (colours[index] ?? '');
    length += rest.length;
  }
  return carryColours([...lines, line]);
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
