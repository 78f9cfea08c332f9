// What a step's terminals printed, as rows of the screen: a panel for each terminal, two panels side by side where there is
// room and it takes fewer rows, otherwise below each other. student-view.ts draws it.

import { padEnd, textWidth } from '../terminal/width.js';
import { wrapHanging } from './styled.js';

export interface TerminalPanel {
  readonly heading: string;
  /** Stands before each line. */
  readonly gutter: string;
  readonly lines: readonly string[];
}

/** As wide as a screen has to be for two columns, and the least of one. */
export const LEAST_SCREEN = 100;
const LEAST_COLUMN = 30;
const BETWEEN = '  ';

/** `panels` in the order in which their terminals were used. */
export function panelRows(panels: readonly TerminalPanel[], columns: number): string[] {
  const stacked = panels.flatMap((panel) => rowsOf(panel, columns));
  if (panels.length < 2 || columns < LEAST_SCREEN) return stacked;
  const beside = sideBySide(panels, columns);
  return beside.length < stacked.length ? beside : stacked;
}

function rowsOf({ heading, gutter, lines }: TerminalPanel, columns: number): string[] {
  const width = columns - textWidth(gutter);
  return [
    heading,
    ...lines.flatMap((line) => wrapHanging(line, width).map((row) => (gutter + row).trimEnd())),
  ];
}

/** Each panel goes to the column that is shorter by then. */
function sideBySide(panels: readonly TerminalPanel[], columns: number): string[] {
  const shared: [TerminalPanel[], TerminalPanel[]] = [[], []];
  for (const panel of panels) {
    const [left, right] = shared.map(linesIn) as [number, number];
    shared[left <= right ? 0 : 1].push(panel);
  }
  const [leftWidth, rightWidth] = widths(shared.map(widest) as [number, number], columns - BETWEEN.length);
  const left = shared[0].flatMap((panel) => rowsOf(panel, leftWidth));
  const right = shared[1].flatMap((panel) => rowsOf(panel, rightWidth));
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${padEnd(left[row] ?? '', leftWidth)}${BETWEEN}${right[row] ?? ''}`.trimEnd(),
  );
}

const linesIn = (panels: readonly TerminalPanel[]): number =>
  panels.reduce((sum, { lines }) => sum + 1 + lines.length, 0);

const widest = (panels: readonly TerminalPanel[]): number =>
  Math.max(
    LEAST_COLUMN,
    ...panels.flatMap(({ heading, gutter, lines }) => [
      textWidth(heading),
      ...lines.map((line) => textWidth(gutter) + textWidth(line)),
    ]),
  );

/** What each column needs, or what is left beside the one that needs less than half. */
function widths([left, right]: [number, number], room: number): [number, number] {
  if (left + right <= room) return [left, room - left];
  const half = Math.floor(room / 2);
  if (left <= half) return [left, room - left];
  if (right <= half) return [room - right, right];
  return [half, room - half];
}
