// What a sweep found, for the terminal: the table, the curves, the book's table, the sentences.

import { duration, number } from '../../terminal/quantities.js';
import { wrap } from '../../terminal/width.js';
import { inModelColour } from '../model-colours.js';
import type { Paper } from '../summary.js';
import { type Axes, chart } from './chart.js';
import type { Sweep, SweepPoint, SweptModel, Textbook } from './result.js';

const MEGABYTE = 1024 * 1024;
const CONNECTIONS_WIDTH = 7;

export interface FigureColumn {
  readonly head: string;
  readonly unit: string;
  readonly width: number;
  readonly value: (point: SweepPoint, model: SweptModel) => string;
}

const threeDigits = (value: number): string =>
  value >= 99.95 ? number(value) : value.toFixed(value < 9.995 ? 2 : 1);

/** Of one model; two of them fit on a screen of 80 columns. */
export const COLUMNS: readonly FigureColumn[] = [
  {
    head: 'memory',
    unit: 'MB',
    width: 8,
    value: ({ memory }, { memoryAtStart }) => grown(memory - memoryAtStart),
  },
  { head: 'thr.', unit: '', width: 6, value: ({ threads }) => number(threads) },
  { head: 'p50', unit: 'ms', width: 6, value: ({ probe }) => threeDigits(probe.p50 / 1e3) },
  { head: 'p99', unit: 'ms', width: 6, value: ({ probe }) => threeDigits(probe.p99 / 1e3) },
  { head: 'requests', unit: '/s', width: 9, value: ({ load }) => number(load.requestsPerSecond) },
];

const grown = (bytes: number): string => {
  const value = Math.max(0, bytes) / MEGABYTE;
  return value < 99.95 ? value.toFixed(1) : number(value);
};

/** As wide as a terminal that nobody has made wider; charts grow a little with it. */
export function layout({ columns }: Paper): { width: number; paragraph: (text: string) => string[] } {
  const width = Math.max(80, Math.min(columns, 100)) - 1;
  const paragraph = (text: string): string[] =>
    wrap(text, width - 4, 10).map((line, i) => (i === 0 ? line : `  ${line}`));
  return { width, paragraph };
}

export function sweepSummary(paper: Paper, sweep: Sweep): string {
  const { chalk } = paper;
  const { width, paragraph } = layout(paper);
  const { models, verdict, fairness, cutShort, from, to } = sweep;
  const measured = models.filter(({ points }) => points.length > 0);
  const failures = models.filter(({ failure }) => failure !== undefined);
  const lines = [
    '',
    `${chalk.bold(`compare --sweep connections=${from}..${to}`)} took ${duration(sweep.durationUs)}` +
      (cutShort ? chalk.yellow('. Stopped early: the figures count only what happened until then.') : ''),
    '',
    ...tables(paper, measured),
    ...charts(paper, measured, sweep, width),
    ...textbookTable(paper, sweep.textbook, 8),
    ...paragraph(`  ${sweep.textbook.source}. ${sweep.textbook.measured}`),
    ...(verdict.length > 0 || failures.length > 0 ? ['', chalk.bold('What it shows')] : []),
    ...verdict.flatMap(({ text }) => paragraph(`- ${text}`)),
    ...failures.flatMap(({ mode, failure }) => paragraph(chalk.red(`- ${mode} failed: ${failure}`))),
    '',
    chalk.bold('Where it is not fair'),
    ...fairness.flatMap((text) => paragraph(`- ${text}`)),
  ];
  return `${lines.join('\n')}\n`;
}

/** At which the one model or the other was measured. */
export function connectionCounts(models: readonly SweptModel[]): number[] {
  const all = models.flatMap(({ points }) => points.map(({ connections }) => connections));
  return [...new Set(all)].toSorted((a, b) => a - b);
}

/** As many models beside each other as a narrow screen has room for. */
function tables(paper: Paper, models: readonly SweptModel[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < models.length; i += 2) lines.push(...table(paper, models.slice(i, i + 2)), '');
  return lines;
}

function table({ chalk }: Paper, models: readonly SweptModel[]): string[] {
  const group = COLUMNS.reduce((sum, { width }) => sum + width, 0);
  const row = (first: string, cell: (model: SweptModel, column: FigureColumn) => string): string =>
    first.padStart(CONNECTIONS_WIDTH) +
    models.map((model) => COLUMNS.map((each) => cell(model, each).padStart(each.width)).join('')).join('');
  return [
    chalk.bold(
      ' '.repeat(CONNECTIONS_WIDTH) + models.map(({ mode }) => `  ${mode} `.padEnd(group, '-')).join(''),
    ),
    chalk.dim(row('connec-', (_, { head }) => head)),
    chalk.dim(row('tions', (_, { unit }) => unit)),
    ...connectionCounts(models).map((connections) =>
      row(number(connections), (model, { value }) => {
        const point = model.points.find((each) => each.connections === connections);
        return point === undefined ? '' : value(point, model);
      }).trimEnd(),
    ),
  ];
}

/** Less memory than this comes and goes by itself, in megabytes. */
const LEAST_DRAWN = 0.1;

/** What of a point is drawn, and how its values are written; here and on the page. */
export const CURVES: readonly {
  readonly title: string;
  readonly of: (point: SweepPoint, model: SweptModel) => number;
  readonly format: (value: number) => string;
}[] = [
  {
    title: 'memory in MB, at least 0.1',
    of: ({ memory }, { memoryAtStart }) => Math.max(LEAST_DRAWN, (memory - memoryAtStart) / MEGABYTE),
    format: (value) => (value < 9.95 ? String(Number(value.toPrecision(2))) : number(value)),
  },
  { title: 'threads', of: ({ threads }) => threads, format: number },
  { title: 'probe, p99', of: ({ probe }) => probe.p99, format: shortDuration },
];

/** `10 us`, `1 ms`, `14.9 ms`. */
export function shortDuration(us: number): string {
  const [value, unit] = us < 999.5 ? [us, 'us'] : us < 999.5e3 ? [us / 1e3, 'ms'] : [us / 1e6, 's'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

function charts(paper: Paper, models: readonly SweptModel[], { from, to }: Sweep, width: number): string[] {
  const ticks = [...new Set([from, ...connectionCounts(models), to])];
  const axes: Omit<Axes, 'title' | 'formatY'> = {
    ticks: ticks.toSorted((a, b) => a - b),
    formatX: number,
    width,
  };
  return CURVES.flatMap(({ title, of, format }) => {
    const curves = models.map((model) => ({
      name: model.mode,
      colour: inModelColour(paper.chalk, model.mode),
      points: model.points
        .map((point) => [point.connections, of(point, model)] as const)
        .filter(([, value]) => value > 0),
    }));
    const drawn = chart(paper, curves, { ...axes, title: `${title}, by idle connections`, formatY: format });
    return drawn.length === 0 ? [] : [...drawn, ''];
  });
}

export const textbookTable = (paper: Paper, book: Textbook, cellWidth: number): string[] =>
  descriptorTable(
    paper,
    `From the book: ${book.title}`,
    book.descriptors,
    book.rows.map(({ call, seconds }) => [call, seconds.map(bookNumber)]),
    cellWidth,
  );

/** A row for each poller, a column for each number of descriptors. */
export function descriptorTable(
  { chalk }: Paper,
  title: string,
  descriptors: readonly number[],
  rows: readonly (readonly [name: string, cells: readonly string[]])[],
  cellWidth: number,
): string[] {
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(12)}${cells.map((cell) => cell.padStart(cellWidth)).join('')}`;
  return [
    chalk.bold(title),
    chalk.dim(line('descriptors', descriptors.map(number))),
    ...rows.map(([name, cells]) => line(name, cells)),
  ];
}

/** As the book prints it: two digits. */
export const bookNumber = (value: number): string =>
  value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : String(value);
