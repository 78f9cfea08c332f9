// Rows in columns, cut to the terminal's width. Where there are too many rows, the rest is counted.

import type { ChalkInstance } from 'chalk';
import { cut, padEnd, padStart, textWidth } from '../terminal/width.js';

export type Mark = 'new' | 'changed' | 'gone';

export interface Column {
  readonly heading: string;
  readonly right?: true;
  /** Left out where it is empty, or where the columns do not all fit, beginning with the last one. */
  readonly optional?: true;
  /** A value without news: where all cells have it, the column is left out before another is cut. */
  readonly usual?: string;
}

export interface TableRow {
  /** Rows of one kind are counted together where there are too many. */
  readonly kind: string;
  readonly cells: readonly string[];
  /** Colours a cell once its width is known. */
  readonly style: (text: string, column: number) => string;
  readonly mark?: Mark | undefined;
}

/** A row that can be compared with those of the snapshot before. */
export interface KeyedRow extends TableRow {
  /** The same in the next snapshot, if it is the same row. */
  readonly key: string;
  /** Another text means that the row has changed. A running time is not part of it. */
  readonly facts: string;
}

export interface Section<R extends TableRow = TableRow> {
  readonly title: string;
  readonly summary: string;
  readonly columns: readonly Column[];
  readonly rows: readonly R[];
}

const GAP = '  ';
const MARK_WIDTH = 2;
const MARKS: Record<Mark, string> = { new: '+ ', changed: '~ ', gone: '- ' };

/** The section's lines, at most `room` of them rows. `width` is the terminal's; undefined for a file or a pipe. */
export function sectionLines(
  chalk: ChalkInstance,
  section: Section,
  room: number,
  width: number | undefined,
): string[] {
  const { rows, more } = firstOfEach(section.rows, room);
  const columns = fitting(section.columns, rows, width);
  const line = (cells: readonly string[], style: TableRow['style'], prefix: string): string => {
    let left = (width ?? Number.POSITIVE_INFINITY) - MARK_WIDTH;
    let text = prefix;
    columns.forEach(({ index, width: wide, right }, i) => {
      const cell = cells[index]!;
      const last = i === columns.length - 1;
      const padded = (i === 0 ? '' : GAP) + (right ? padStart(cell, wide) : last ? cell : padEnd(cell, wide));
      text += style(cut(padded, left), index);
      left -= textWidth(padded);
    });
    return text.trimEnd();
  };
  const headings = section.columns.map(({ heading }) => heading);
  return [
    `${chalk.bold(section.title)}${GAP}${section.summary}`,
    line(headings, (text) => chalk.dim(text), ' '.repeat(MARK_WIDTH)),
    ...rows.map(({ cells, style, mark }) => {
      const colour = markColour(chalk, mark);
      return line(
        cells,
        mark === 'gone' ? (text) => colour(text) : style,
        mark === undefined ? '  ' : colour(MARKS[mark]),
      );
    }),
    ...(more === undefined ? [] : [chalk.dim(cut(`  ... ${more}`, width ?? Number.POSITIVE_INFINITY))]),
  ];
}

function markColour(chalk: ChalkInstance, mark: Mark | undefined): (text: string) => string {
  if (mark === 'new') return chalk.green;
  return mark === 'changed' ? chalk.yellow : chalk.red;
}

function fitting(
  all: readonly Column[],
  rows: readonly TableRow[],
  width: number | undefined,
): { index: number; width: number; right: boolean }[] {
  const columns = all
    .map(({ heading, right, optional, usual }, index) => {
      const cells = rows.map((row) => row.cells[index]!);
      const widest = Math.max(0, ...cells.map(textWidth));
      return {
        index,
        empty: widest === 0,
        width: Math.max(heading.length, widest),
        right: right ?? false,
        optional: optional ?? false,
        tellsNothing: usual !== undefined && cells.every((cell) => cell === usual),
      };
    })
    .filter(({ optional, empty }) => !(optional && empty));
  const total = (): number =>
    columns.reduce((sum, each) => sum + GAP.length + each.width, MARK_WIDTH - GAP.length);
  while (width !== undefined && total() > width) {
    const optional = columns.findLastIndex((column) => column.optional);
    const drop = optional >= 0 ? optional : columns.findLastIndex(({ tellsNothing }) => tellsNothing);
    if (drop < 0) break;
    columns.splice(drop, 1);
  }
  return columns;
}

/** Makes one row of the most numerous kind, then of the next, until at most `most` rows are left. */
export function mergeKinds<R extends TableRow>(
  rows: readonly R[],
  merge: (same: readonly R[]) => R,
  most: number,
): readonly R[] {
  let result = rows;
  for (;;) {
    const [largest] = [...byKind(result).values()].sort((a, b) => b.length - a.length);
    if (result.length <= most || largest === undefined || largest.length < 2) return result;
    const same = new Set(largest);
    result = result.flatMap((row) => (row === largest[0] ? [merge(largest)] : same.has(row) ? [] : [row]));
  }
}

/** Only as many rows as there is room for: some of every kind, marked rows first, and how many more there are of each kind. */
function firstOfEach(rows: readonly TableRow[], room: number): { rows: readonly TableRow[]; more?: string } {
  if (rows.length <= room) return { rows };
  const kinds = [...byKind(rows)];
  const shares = shareOut(
    kinds.map(([, each]) => each.length),
    Math.max(0, room - 1), // one line says what is left out
  );
  const shown = new Set(
    kinds.flatMap(([, each], i) => [...each].sort((a, b) => rank(a) - rank(b)).slice(0, shares[i])),
  );
  const left = kinds
    .map(([kind, each], i) => [each.length - shares[i]!, kind] as const)
    .filter(([n]) => n > 0);
  const total = left.reduce((sum, [number]) => sum + number, 0);
  const what = left.map(([number, kind]) => `${number} ${kind}`).join(', ');
  return { rows: rows.filter((row) => shown.has(row)), more: `${total} more: ${what}` };
}

const rank = ({ mark }: TableRow): number => (mark === undefined ? 1 : 0);

function byKind<R extends TableRow>(rows: readonly R[]): Map<string, R[]> {
  const kinds = new Map<string, R[]>();
  for (const row of rows) {
    const same = kinds.get(row.kind) ?? [];
    kinds.set(row.kind, same);
    same.push(row);
  }
  return kinds;
}

/** Gives each what it wants, if there is room. Otherwise the smallest wishes come first, and the rest is shared equally. */
export function shareOut(wanted: readonly number[], room: number): number[] {
  const shares = wanted.map(() => 0);
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!);
  let left = room;
  order.forEach((index, done) => {
    shares[index] = Math.min(wanted[index]!, Math.floor(left / (order.length - done)));
    left -= shares[index]!;
  });
  return shares;
}
