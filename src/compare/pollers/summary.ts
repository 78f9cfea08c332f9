// What `compare --pollers` found, for the terminal: this machine's table, the book's below it, and the curves.

import { POLLERS, type PollerName } from '../../models/options.js';
import { duration, number } from '../../terminal/quantities.js';
import type { Paper } from '../summary.js';
import { chart } from '../sweep/chart.js';
import { bookNumber, descriptorTable, layout, textbookTable } from '../sweep/summary.js';
import { cpuSeconds, type PollersResult, WAITS } from './result.js';

const CELL_WIDTH = 12;
const TITLE = `CPU seconds for ${number(WAITS)} waits`;
const IMPOSSIBLE = 'impossible';

export function pollersSummary(paper: Paper, result: PollersResult): string {
  const { chalk } = paper;
  const { width, paragraph } = layout(paper);
  const { descriptors, textbook, verdict, durationUs, cutShort } = result;
  const lines = [
    '',
    `${chalk.bold('compare --pollers')} took ${duration(durationUs)}` +
      (cutShort ? chalk.yellow(', and was cut short: the figures are of what was done by then') : ''),
    '',
    ...descriptorTable(
      paper,
      `${TITLE}, on this machine`,
      descriptors,
      POLLERS.map((poller) => [poller, descriptors.map((each) => cellText(result, poller, each))]),
      CELL_WIDTH,
    ),
    ...paragraph(
      '  One descriptor is ready, of so many that are watched. Measured with fewer waits where they are slow. ' +
        'select cannot watch 10,000: it takes descriptors below 1,024 only.',
    ),
    '',
    ...textbookTable(paper, textbook, CELL_WIDTH),
    ...paragraph(`  ${textbook.source}. Compare how its rows grow, not its seconds.`),
    '',
    ...chart(
      paper,
      POLLERS.map((name) => ({ name, points: pointsOf(result, name) })),
      { title: `${TITLE}, by descriptors`, ticks: descriptors, formatX: number, formatY: String, width },
    ),
    ...(verdict.length > 0 ? ['', chalk.bold('What it shows')] : []),
    ...verdict.flatMap(({ text }) => paragraph(`- ${text}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function cellText({ cells }: PollersResult, poller: PollerName, descriptors: number): string {
  const cell = cells.find((each) => each.poller === poller && each.descriptors === descriptors);
  if (cell === undefined) return '';
  const seconds = cpuSeconds(cell);
  return seconds === undefined ? IMPOSSIBLE : bookNumber(Number(seconds.toPrecision(2)));
}

function pointsOf({ cells }: PollersResult, poller: PollerName): [number, number][] {
  return cells.flatMap((cell): [number, number][] => {
    const seconds = cpuSeconds(cell);
    return cell.poller !== poller || seconds === undefined ? [] : [[cell.descriptors, seconds]];
  });
}
