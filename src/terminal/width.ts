// How many columns a text takes on a terminal, and texts cut, padded and wrapped to a number of columns. A Chinese or
// Japanese character takes two columns, a combining mark and a colour none. For every screen.

import columnsTaken from 'fast-string-truncated-width';
import { wrapAnsi } from 'fast-wrap-ansi';

const ELLIPSIS = '...';
/** Blanks at the end of a line and at its beginning, outside of colours (SGR). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is looked for
const BLANKS_AFTER = / +((?:\x1b\[[\d;:]*m)*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what is looked for
const BLANKS_BEFORE = /^((?:\x1b\[[\d;:]*m)*) +/;

/** In columns. */
export const textWidth = (text: string): number => columnsTaken(text).width;

/**
 * Lines of at most `width` columns, cut at blanks if possible, and at most `most` of them: `...` ends the last one if
 * something is left out. Blanks within a line stay; blanks at a cut go.
 */
export function wrap(text: string, width: number, most = Number.POSITIVE_INFINITY): string[] {
  if (textWidth(text) <= width) return text.split('\n');
  const lines = wrapAnsi(text.trimEnd(), width, { hard: true, trim: false })
    .split('\n')
    .map((line, index) =>
      (index === 0 ? line : line.replace(BLANKS_BEFORE, '$1')).replace(BLANKS_AFTER, '$1'),
    );
  if (lines.length <= most) return lines;
  const rest = lines.slice(most - 1).join(' ');
  return [...lines.slice(0, most - 1), cut(rest, width)];
}

/** The beginning of a line, with dots if something is left out. */
export function cut(line: string, width: number): string {
  const ellipsis = width > ELLIPSIS.length ? ELLIPSIS : '';
  const { index, truncated, ellipsed } = columnsTaken(line, { limit: Math.max(0, width), ellipsis });
  return truncated ? line.slice(0, index) + (ellipsed ? ellipsis : '') : line;
}

export const padEnd = (text: string, width: number): string => text + blanks(width - textWidth(text));
export const padStart = (text: string, width: number): string => blanks(width - textWidth(text)) + text;

const blanks = (count: number): string => ' '.repeat(Math.max(0, count));
