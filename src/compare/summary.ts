// What a comparison found, for the terminal: the table, the bars, the verdict, and where it was not fair.

import type { ChalkInstance } from 'chalk';
import type { Latency } from '../clients/tally.js';
import { byPace, type ServerName } from '../models/options.js';
import { countServants, duration, number } from '../terminal/quantities.js';
import type { Glyphs } from '../terminal/terminal.js';
import { wrap } from '../terminal/width.js';
import type { Comparison, Figures, ModelResult } from './comparison.js';
import { inModelColour } from './model-colours.js';
import { startedBy } from './started.js';
import {
  answeredOf,
  cpuShare,
  FEWEST,
  hasP99,
  isOther,
  lessonOf,
  type Measure,
  measured,
  megabytes,
  memoryTaken,
  reasonsOf,
  slowest,
  tellsP99,
  withoutDurations,
} from './verdict.js';

const VALUE_WIDTH = 13;
const BAR_WIDTH = 30;
const MODE_WIDTH = 10;
/** No line is longer: long lines are hard to read. */
const WIDEST = 100;

/** A row of the table: its name, and its value for one model; undefined where that is not known. */
interface SummaryRow {
  readonly name: string;
  readonly value: (model: ModelResult) => string | undefined;
  /** Left out of a short table. */
  readonly detail?: boolean;
}

/** What serves in these models, one of it and many. */
function servantWords(models: readonly ModelResult[]): { readonly one: string; readonly many: string } {
  const kinds = [...new Set(models.map(({ mode }) => startedBy(mode)))];
  return {
    one: `a ${kinds.map(({ one }) => one).join(' or ')}`,
    many: kinds.map(({ many }) => many).join(' or '),
  };
}

/** The same for the terminal and for the page. */
function rows({ scenario, models }: Comparison): SummaryRow[] {
  const latency = (
    name: string,
    of: (latency: Latency) => number,
    isKnown: (figures: Figures) => boolean = () => true,
    detail = false,
  ): SummaryRow => ({
    name,
    detail,
    value: ({ figures }) =>
      figures.latency === undefined || !isKnown(figures) ? undefined : duration(of(figures.latency)),
  });
  const fewMeasured = measured(models) < FEWEST;
  const servants = servantWords(models);
  const connections = models.find(({ load }) => load !== undefined)?.load?.connections;
  return [
    { name: 'requests answered', value: ({ figures }) => number(figures.answered) },
    {
      name: 'requests failed',
      detail: models.every(({ figures }) => figures.failed === 0),
      value: ({ figures }) => number(figures.failed),
    },
    {
      name: scenario.measured,
      detail: fewMeasured,
      value: ({ figures }) => number(figures.latency?.count ?? 0),
    },
    {
      name: '  answered a second',
      detail: true,
      value: ({ figures }) =>
        figures.requestsPerSecond === undefined ? undefined : number(figures.requestsPerSecond),
    },
    latency('  half of them within (p50)', ({ p50 }) => p50, undefined, fewMeasured),
    latency('  99 of 100 within (p99)', ({ p99 }) => p99, hasP99),
    latency('  all within (max)', ({ max }) => max, undefined, fewMeasured || tellsP99(models)),
    { name: 'connections at once', value: ({ figures }) => number(figures.peakConnections) },
    {
      name: `${servants.many} at once`,
      value: ({ figures }) => known(figures.peakThreads || undefined, number),
    },
    {
      name: `${servants.one} started in (median)`,
      detail: true,
      value: ({ figures }) =>
        figures.threadStartUs === undefined ? undefined : duration(figures.threadStartUs),
    },
    {
      name: 'memory at its peak',
      detail: true,
      value: ({ figures }) => known(figures.peakMemory, megabytes),
    },
    { name: 'memory added', value: (model) => known(memoryTaken(model), megabytes) },
    { name: 'CPU seconds', value: ({ figures }) => figures.cpuSeconds?.toFixed(3) },
    {
      name: 'context switches, voluntary',
      detail: true,
      value: ({ figures }) => known(figures.voluntarySwitches, number),
    },
    {
      name: 'context switches, involuntary',
      detail: true,
      value: ({ figures }) => known(figures.involuntarySwitches, number),
    },
    {
      name: `requests/s, ${connections} clients at full speed`,
      value: ({ load }) => load && number(load.requestsPerSecond),
    },
    {
      name: '  failed',
      detail: models.every(({ load }) => (load?.failed ?? 0) === 0),
      value: ({ load }) => load && number(load.failed),
    },
    { name: '  half of them within (p50)', value: ({ load }) => load && duration(load.latency.p50) },
    { name: '  99 of 100 within (p99)', value: ({ load }) => load && duration(load.latency.p99) },
    { name: '  all within (max)', detail: true, value: ({ load }) => load && duration(load.latency.max) },
    { name: '  CPU for each request', value: ({ load }) => known(load?.cpuUsPerRequest, duration) },
    { name: '  CPUs used by its threads', value: ({ load }) => load && cpuShare(load)?.toFixed(2) },
  ];
}

/** Undefined where nothing was measured. */
const known = (value: number | undefined, format: (value: number) => string): string | undefined =>
  value === undefined ? undefined : format(value);

/** Why requests failed, where any did; here and on the page. */
export function whyFailed({ mode, figures, load }: ModelResult): string[] {
  const reasons = reasonsOf(figures);
  const atFullSpeed = load === undefined ? '' : reasonsOf(load);
  return [
    ...(reasons === '' ? [] : [`Failed with ${mode}: ${reasons}.`]),
    ...(atFullSpeed === '' ? [] : [`Failed with ${mode} at full speed: ${atFullSpeed}.`]),
  ];
}

const neverListened = ({ pid }: ModelResult): boolean => pid === 0;

/** Leaves out rows without any value; with `short` also the details. */
export function tableOf(
  comparison: Comparison,
  short = false,
): { name: string; values: (string | undefined)[] }[] {
  return rows(comparison)
    .filter(({ detail }) => !(short && detail))
    .map(({ name, value }) => ({
      name,
      values: comparison.models.map((model) => (neverListened(model) ? undefined : value(model))),
    }))
    .filter(({ values }) => values.some((value) => value !== undefined));
}

/** Where the figures and the verdict are printed. */
export interface Paper {
  readonly chalk: ChalkInstance;
  readonly glyphs: Glyphs;
  readonly columns: number;
}

/** All that is printed after the run; `short` leaves details out of the table. The verdict comes last, to stay on the screen. */
export function comparisonSummary(paper: Paper, comparison: Comparison, short: boolean): string {
  const { dim } = paper.chalk;
  const notes = comparison.fairness.flatMap((text) => paragraph(paper, `- ${text}`));
  return printed([
    '',
    ...title(paper, comparison),
    ...figures(paper, comparison, short),
    '',
    ...['Where it is not fair', ...notes].map((line) => dim(line)),
    '',
    ...conclusion(paper, comparison),
  ]);
}

/** What --quiet prints. */
export function quietSummary(paper: Paper, comparison: Comparison): string {
  return printed([
    ...title(paper, comparison),
    ...figures(paper, comparison, true),
    '',
    ...conclusion(paper, comparison),
  ]);
}

const printed = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

function paragraph({ columns }: Paper, text: string): string[] {
  return wrap(text, Math.min(columns, WIDEST) - 2, 10).map((line, i) => (i === 0 ? line : `  ${line}`));
}

function title({ chalk }: Paper, { scenario, durationUs, pace, cutShort }: Comparison): string[] {
  return [
    `${chalk.bold(`compare ${scenario.name}`)} took ${duration(durationUs)}` +
      `${pace === undefined ? '' : chalk.yellow(`, slowed down ${byPace(pace)}: durations are not the servers' own`)}`,
    ...(cutShort ? [chalk.yellow('Stopped early: the figures count only what happened until then.')] : []),
    '',
  ];
}

function figures(paper: Paper, comparison: Comparison, short: boolean): string[] {
  const { chalk } = paper;
  const lines = tableOf(comparison, short);
  if (lines.length === 0) return []; // no server came to listen
  const width = Math.max(...lines.map(({ name }) => name.length));
  // The flags of a variant stand below its model.
  const heads = comparison.models.map(({ mode }) => mode.split(':'));
  const wide = Math.max(VALUE_WIDTH, ...heads.flat().map(({ length }) => length + 2));
  const height = Math.max(...heads.map(({ length }) => length));
  return [
    ...Array.from({ length: height }, (_, row) => {
      const parts = comparison.models.map(({ mode }, i) =>
        inModelColour(chalk, mode).bold((heads[i]![row] ?? '').padStart(wide)),
      );
      return ' '.repeat(width) + parts.join('');
    }),
    ...lines.map(({ name, values }) => {
      const line = name.padEnd(width) + values.map((value) => (value ?? '-').padStart(wide)).join('');
      const same = values.length > 1 && values.every((value) => value === values[0]);
      return same ? chalk.dim(line) : line;
    }),
    ...comparison.models.flatMap(whyFailed).flatMap((text) => paragraph(paper, text)),
  ];
}

function conclusion(paper: Paper, comparison: Comparison): string[] {
  const { chalk } = paper;
  const { verdict: claims, models } = comparison;
  const failures = models.filter(({ failure }) => failure !== undefined);
  return [
    ...(claims.length > 0
      ? [
          chalk.bold('What it shows'),
          ...paragraph(paper, lessonOf(comparison)).map((line) => chalk.bold(line)),
        ]
      : []),
    ...claims.flatMap(({ text }) => paragraph(paper, `- ${text}`)),
    ...failures.flatMap(({ mode, failure }) => paragraph(paper, chalk.red(`- ${mode} failed: ${failure}`))),
    ...bars(paper, comparison),
  ];
}

/** The bars of one figure stand below each other, with its name before the first. */
function bars({ chalk, glyphs, columns }: Paper, comparison: Comparison): string[] {
  const all = barsOf(comparison);
  if (all.length === 0) return [];
  const nameWidth = Math.max(...all.map(({ short }) => short.length));
  const longest = Math.max(...all.flatMap((each) => each.bars.map(({ text }) => text.length)));
  const modeWidth = Math.max(MODE_WIDTH, ...comparison.models.map(({ mode }) => mode.length));
  const room = Math.max(1, Math.min(BAR_WIDTH, columns - nameWidth - modeWidth - longest - 4));
  const lines = all.flatMap(({ short, bars: each }) =>
    each.map(({ mode, share, text }, i) => {
      const length = Math.round((share ?? 0) * room);
      const bar = length > 0 ? glyphs.bar.repeat(length) : share === undefined ? '' : glyphs.sliver;
      const name = chalk.dim((i === 0 ? short : '').padEnd(nameWidth));
      return `${name}  ${mode.padEnd(modeWidth)} ${inModelColour(chalk, mode)(bar)}${bar === '' ? '' : ' '}${text}`;
    }),
  );
  return ['', ...lines];
}

interface Bar {
  readonly mode: ServerName;
  /** Of the longest; undefined where nothing is known. */
  readonly share: number | undefined;
  readonly text: string;
}

interface Bars {
  readonly name: string;
  /** The name where the scenario is known from what stands around it. */
  readonly short: string;
  readonly bars: readonly Bar[];
}

/**
 * The three figures whose difference is easiest to see. Each has a scale of its own, from 0 to its largest value. A paced run has
 * no bars for durations.
 */
export function barsOf({ models: all, scenario, pace }: Comparison): Bars[] {
  const listening = all.filter((model) => !neverListened(model));
  const models = pace === undefined ? listening : listening.map(withoutDurations);
  if (models.length < 2) return []; // nothing to compare with
  const { many } = servantWords(models);
  const within = tellsP99(models) ? '99 of 100' : 'all';
  const time: Measure = (model) => (isOther(model) ? undefined : slowest(models)(model));
  const measures: [string, string, Measure, (value: number, model: ModelResult) => string][] = [
    [`${within} ${scenario.measured} within`, `${within} within`, time, latencyText],
    [
      `${many} at once`,
      `${many} at once`,
      ({ figures }) => figures.peakThreads,
      (value, { mode }) => countServants(mode, value),
    ],
    ['memory added', 'memory added', memoryTaken, megabytes],
  ];
  const worth = measured(models) < FEWEST ? measures.slice(1) : measures;
  return worth.flatMap(([name, short, of, format]) => {
    const most = Math.max(...models.map((model) => of(model) ?? 0));
    if (most === 0) return [];
    const bars = models.map((model) => {
      const value = of(model);
      return {
        mode: model.mode,
        share: value === undefined ? undefined : value / most,
        text: value === undefined ? nothingFor(model) : format(value, model),
      };
    });
    return [{ name, short, bars }];
  });
}

const nothingFor = (model: ModelResult): string =>
  isOther(model) ? 'under strace: not compared' : 'none answered';

/** If some failed, the time is that of the others. */
function latencyText(us: number, { figures }: ModelResult): string {
  const answered = answeredOf(figures);
  return answered === undefined ? duration(us) : `${duration(us)} (${answered} were answered)`;
}
