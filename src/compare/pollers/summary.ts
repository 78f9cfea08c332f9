// What `compare --pollers` found, for the terminal: this machine's table, the book's below it, and the curves.

import type { ChalkInstance } from 'chalk';
import { POLLERS, type PollerName } from '../../models/options.js';
import { duration, number } from '../../terminal/quantities.js';
import type { Glyphs } from '../../terminal/terminal.js';
import { wrap } from '../../terminal/width.js';
import { chart } from '../sweep/chart.js';
import { bookNumber } from '../sweep/summary.js';
import { type PollersResult, secondsOf, WAITS } from './result.js';

const NARROWEST = 80;
const WIDEST = 100;
const TITLE = `CPU seconds for ${number(WAITS)} waits`;
const IMPOSSIBLE = 'impossible';

export function pollersSummary(
  chalk: ChalkInstance,
  result: PollersResult,
  columns: number | undefined,
  glyphs: Glyphs,
): string {
  const width = Math.max(NARROWEST, Math.min(columns ?? WIDEST, WIDEST)) - 1;
  const paragraph = (text: string): string[] =>
    wrap(text, width - 4, 10).map((line, i) => (i === 0 ? line : `  ${line}`));
  const { descriptors, textbook, verdict, durationUs, cutShort } = result;
  const lines = [
    '',
    `${chalk.bold('compare --pollers')} took ${duration(durationUs)}` +
      (cutShort ? chalk.yellow(', and was cut short: the figures are of what was done by then') : ''),
    '',
    ...table(
      chalk,
      `${TITLE}, on this machine`,
      descriptors,
      POLLERS.map((poller) => [poller, descriptors.map((each) => cellText(result, poller, each))]),
    ),
    ...paragraph(
      '  One descriptor is ready, of so many that are watched. Measured with fewer waits where they are slow. ' +
        'select cannot watch 10,000: it takes descriptors below 1,024 only.',
    ),
    '',
    ...table(
      chalk,
      `From the book: ${textbook.title}`,
      textbook.descriptors,
      textbook.rows.map(({ call, seconds }) => [call, seconds.map(bookNumber)]),
    ),
    ...paragraph(`  ${textbook.source}. Compare how its rows grow, not its seconds.`),
    '',
    ...chart(
      chalk,
      POLLERS.map((name) => ({ name, points: pointsOf(result, name) })),
      { title: `${TITLE}, by descriptors`, ticks: descriptors, formatX: number, formatY: String, width },
      glyphs,
    ),
    ...(verdict.length > 0 ? ['', chalk.bold('What it shows')] : []),
    ...verdict.flatMap(({ text }) => paragraph(`- ${text}`)),
  ];
  return `${lines.join('\n')}\n`;
}

type TableRow = readonly [name: string, cells: readonly string[]];

function table(
  chalk: ChalkInstance,
  title: string,
  descriptors: readonly number[],
  rows: readonly TableRow[],
): string[] {
  const line = ([name, cells]: TableRow): string =>
    `  ${name.padEnd(12)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  return [chalk.bold(title), chalk.dim(line(['descriptors', descriptors.map(number)])), ...rows.map(line)];
}

function cellText({ cells }: PollersResult, poller: PollerName, descriptors: number): string {
  const cell = cells.find((each) => each.poller === poller && each.descriptors === descriptors);
  if (cell === undefined) return '';
  const seconds = secondsOf(cell);
  return seconds === undefined ? IMPOSSIBLE : bookNumber(Number(seconds.toPrecision(2)));
}

function pointsOf({ cells }: PollersResult, poller: PollerName): [number, number][] {
  return cells.flatMap((cell): [number, number][] => {
    const seconds = secondsOf(cell);
    return cell.poller !== poller || seconds === undefined ? [] : [[cell.descriptors, seconds]];
  });
}
