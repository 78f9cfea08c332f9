// A chart of curves for a terminal, both axes logarithmic. Each curve has a letter of its own, so that a reader
// can tell the curves apart without colours.

import type { ChalkInstance } from 'chalk';
import type { Glyphs } from '../../terminal/terminal.js';
import type { Paper } from '../summary.js';

export interface Curve {
  readonly name: string;
  readonly colour?: ChalkInstance;
  /** Both above 0, from left to right. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axes {
  readonly title: string;
  /** Where the horizontal axis has a number. */
  readonly ticks: readonly number[];
  readonly formatX: (value: number) => string;
  /** Of 1, 10, 100 and so on, at which the vertical axis has a mark. */
  readonly formatY: (value: number) => string;
  /** Columns of the whole. */
  readonly width: number;
}

/** About so many rows, a whole number of them for each factor of ten. */
const ROWS = 9;
const BOTH = '*';
const TICK_ROOM = 9;

/** Nothing where there is no curve. */
export function chart({ chalk, glyphs }: Paper, all: readonly Curve[], axes: Axes): string[] {
  const curves = all.filter(({ points }) => points.length > 0);
  if (curves.length === 0) return [];
  const letters = lettersOf(curves);
  const values = curves.flatMap(({ points }) => points.map(([, y]) => Math.log10(y)));
  const bottom = Math.floor(Math.min(...values));
  const tens = Math.max(1, Math.max(...values) - bottom);
  const perTen = Math.max(1, Math.round(ROWS / tens));
  const top = Math.ceil(tens * perTen);

  const labels = Array.from({ length: top + 1 }, (_, row) =>
    row % perTen === 0 ? axes.formatY(10 ** (bottom + row / perTen)) : '',
  );
  const margin = Math.max(...labels.map(({ length }) => length));
  const width = axes.width - margin - TICK_ROOM;
  const [least, most] = [Math.log10(axes.ticks[0]!), Math.log10(axes.ticks.at(-1)!)];
  const column = (x: number): number =>
    most === least ? 0 : Math.round(((Math.log10(x) - least) / (most - least)) * (width - 1));
  const row = (y: number): number => Math.round((Math.log10(y) - bottom) * perTen);

  const cells = Array.from({ length: top + 1 }, () => new Array<string>(width).fill(' '));
  for (const { points } of curves)
    drawBetween(
      cells,
      points.map(([x, y]) => [column(x), row(y)] as const),
      glyphs.dot,
    );
  for (const [index, { points }] of curves.entries()) {
    for (const [x, y] of points) {
      const line = cells[row(y)]!;
      line[column(x)] = [' ', glyphs.dot].includes(line[column(x)]!) ? letters[index]! : BOTH;
    }
  }
  const colour = (cell: string): string => {
    const index = letters.indexOf(cell);
    return index < 0
      ? cell === glyphs.dot
        ? chalk.dim(cell)
        : cell
      : (curves[index]!.colour?.(cell) ?? cell);
  };
  const legend = curves.map(({ name }, index) => `${colour(letters[index]!)} ${name}`).join('  ');
  const both = cells.some((line) => line.includes(BOTH)) ? `  ${BOTH} both` : '';
  return [
    `${chalk.bold(axes.title)}  ${legend}${both}`,
    ...cells
      .map(
        (line, i) =>
          `${labels[i]!.padStart(margin)} ${labels[i] ? glyphs.tickLeft : glyphs.vertical}${line.map(colour).join('').trimEnd()}`,
      )
      .reverse(),
    ...horizontalAxis(axes, margin, width, column, glyphs),
  ];
}

/** For each curve the first letter of its name; of `evented:poller=poll` the first of what makes it another. */
function lettersOf(curves: readonly Curve[]): string[] {
  const letters: string[] = [];
  for (const { name } of curves) {
    const own = name.slice(name.indexOf('=') + 1) + name;
    letters.push([...own].find((letter) => !letters.includes(letter)) ?? own[0]!);
  }
  return letters;
}

function drawBetween(
  cells: string[][],
  points: readonly (readonly [column: number, row: number])[],
  dot: string,
): void {
  for (const [i, [column, row]] of points.entries()) {
    const [lastColumn, lastRow] = points[i - 1] ?? [column, row];
    for (let between = lastColumn + 1; between < column; between++) {
      const part = (between - lastColumn) / (column - lastColumn);
      cells[Math.round(lastRow + part * (row - lastRow))]![between] = dot;
    }
  }
}

function horizontalAxis(
  { ticks, formatX }: Axes,
  margin: number,
  width: number,
  column: (x: number) => number,
  { horizontal, tickDown, corner }: Glyphs,
): string[] {
  const line = new Array<string>(width).fill(horizontal);
  let numbers = '';
  for (const tick of ticks) {
    const at = column(tick);
    line[at] = tickDown;
    // The last character below the mark, for the first the first; where there is no room, none.
    const text = formatX(tick);
    const start = Math.max(0, at - Math.floor(text.length / 2));
    if (start > numbers.length || numbers === '') numbers = numbers.padEnd(start) + text;
  }
  return [`${' '.repeat(margin)} ${corner}${line.join('')}`, `${' '.repeat(margin + 2)}${numbers}`];
}
