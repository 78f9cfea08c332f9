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

/** Cuts a line of output, between words where there are any; its own blanks stay as they are, but for those at its end. */
export function wrapOutput(text: string, width: number): string[] {
  const cells = coloured(text.trimEnd());
  const lines: string[] = [];
  let start = 0;
  while (cells.length - start > width) {
    const space = cells.findLastIndex(({ seen }, index) => index <= start + width && seen === ' ');
    const end = space > start + width / 2 ? space : start + width;
    lines.push(joined(cells.slice(start, end)));
    start = end === space ? end + 1 : end;
  }
  return carryColours([...lines, joined(cells.slice(start))]);
}

/** Each character that is seen, with the colours that begin before it. */
function coloured(text: string): { colours: string; seen: string }[] {
  const cells: { colours: string; seen: string }[] = [];
  let colours = '';
  const begins = text.match(SGR) ?? [];
  for (const [index, piece] of text.split(SGR).entries()) {
    for (const seen of piece) {
      cells.push({ colours, seen });
      colours = '';
    }
    colours += begins[index] ?? '';
  }
  if (colours !== '') cells.push({ colours, seen: '' });
  return cells;
}

const joined = (cells: readonly { colours: string; seen: string }[]): string =>
  cells.map(({ colours, seen }) => colours + seen).join('');

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
