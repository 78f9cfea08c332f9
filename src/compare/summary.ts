// What a comparison found, for the terminal: the table, the bars, the verdict, and where it was not fair.

import type { ChalkInstance } from 'chalk';
import type { ModelName } from '../models/options.js';
import { count, duration, number } from '../terminal/quantities.js';
import type { Glyphs } from '../terminal/terminal.js';
import { wrap } from '../terminal/width.js';
import type { Comparison, Figures, Latency, ModelResult } from './comparison.js';
import { inModelColour } from './model-colours.js';
import {
  answeredOf,
  cpuShare,
  hasP99,
  type Measure,
  megabytes,
  memoryTaken,
  reasonsOf,
  slowest,
  tellsP99,
  withoutDurations,
} from './verdict.js';

const VALUE_WIDTH = 15;
const BAR_WIDTH = 40;

/** A row of the table: what it is called, and what it is of one model; undefined where nothing is known. */
export interface Row {
  readonly name: string;
  readonly value: (model: ModelResult) => string | undefined;
}

/** The same for the terminal and for the page. */
export function rows({ scenario: { measured }, models }: Comparison): Row[] {
  const latency = (
    name: string,
    of: (latency: Latency) => number,
    isKnown: (figures: Figures) => boolean = () => true,
  ): Row => ({
    name,
    value: ({ figures }) =>
      figures.latency === undefined || !isKnown(figures) ? undefined : duration(of(figures.latency)),
  });
  const connections = models.find(({ load }) => load !== undefined)?.load?.connections;
  return [
    { name: 'requests answered', value: ({ figures }) => number(figures.answered) },
    { name: 'requests failed', value: ({ figures }) => number(figures.failed) },
    { name: measured, value: ({ figures }) => number(figures.latency?.count ?? 0) },
    {
      name: '  answered a second',
      value: ({ figures }) =>
        figures.requestsPerSecond === undefined ? undefined : number(figures.requestsPerSecond),
    },
    latency('  half of them within (p50)', ({ p50 }) => p50),
    latency('  99 of 100 within (p99)', ({ p99 }) => p99, hasP99),
    latency('  all within (max)', ({ max }) => max),
    { name: 'connections at once', value: ({ figures }) => number(figures.peakConnections) },
    { name: 'threads at once', value: ({ figures }) => known(figures.peakThreads || undefined, number) },
    {
      name: 'a thread started in (median)',
      value: ({ figures }) =>
        figures.threadStartUs === undefined ? undefined : duration(figures.threadStartUs),
    },
    { name: 'memory at its most', value: ({ figures }) => known(figures.peakMemory, megabytes) },
    {
      name: '  more than when it began',
      value: (model) => known(memoryTaken(model), megabytes),
    },
    { name: 'CPU seconds', value: ({ figures }) => figures.cpuSeconds?.toFixed(3) },
    { name: 'context switches, voluntary', value: ({ figures }) => known(figures.voluntarySwitches, number) },
    {
      name: 'context switches, involuntary',
      value: ({ figures }) => known(figures.involuntarySwitches, number),
    },
    {
      name: `requests/s, ${connections} clients at full speed`,
      value: ({ load }) => load && number(load.requestsPerSecond),
    },
    { name: '  failed', value: ({ load }) => load && number(load.failed) },
    { name: '  half of them within (p50)', value: ({ load }) => load && duration(load.latency.p50) },
    { name: '  99 of 100 within (p99)', value: ({ load }) => load && duration(load.latency.p99) },
    { name: '  all within (max)', value: ({ load }) => load && duration(load.latency.max) },
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

/** Rows of which no model knows anything are left out. */
export function tableOf(comparison: Comparison): { name: string; values: (string | undefined)[] }[] {
  return rows(comparison)
    .map(({ name, value }) => ({
      name,
      values: comparison.models.map((model) => (neverListened(model) ? undefined : value(model))),
    }))
    .filter(({ values }) => values.some((value) => value !== undefined));
}

export function summary(
  chalk: ChalkInstance,
  comparison: Comparison,
  columns: number | undefined,
  glyphs: Glyphs,
): string {
  const { models, scenario, pace, cutShort, verdict, fairness } = comparison;
  const room = Math.min(columns ?? 100, 100) - 4;
  const paragraph = (text: string): string[] =>
    wrap(text, room, 10).map((line, i) => (i === 0 ? line : `  ${line}`));
  const failures = models.filter(({ failure }) => failure !== undefined);
  const lines = [
    '',
    `${chalk.bold(`compare ${scenario.name}`)} took ${duration(comparison.durationUs)}` +
      `${pace === undefined ? '' : chalk.yellow(`, paced (${pace}): no duration is the servers' own`)}` +
      `${cutShort ? chalk.yellow(', and was cut short: the figures are of what was done by then') : ''}`,
    '',
    ...table(chalk, comparison),
    ...models.flatMap(whyFailed).flatMap(paragraph),
    '',
    ...bars(chalk, comparison, glyphs),
    ...(verdict.length > 0 ? [chalk.bold('What it shows'), ...paragraph(scenario.teaches)] : []),
    ...verdict.flatMap(({ text }) => paragraph(`- ${text}`)),
    ...failures.flatMap(({ mode, failure }) => paragraph(chalk.red(`- ${mode} failed: ${failure}`))),
    '',
    chalk.bold('Where it is not fair'),
    ...fairness.flatMap((text) => paragraph(`- ${text}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function table(chalk: ChalkInstance, comparison: Comparison): string[] {
  const lines = tableOf(comparison);
  if (lines.length === 0) return []; // no server came to listen
  const width = Math.max(...lines.map(({ name }) => name.length));
  const head = `${' '.repeat(width)}${comparison.models.map(({ mode }) => mode.padStart(VALUE_WIDTH)).join('')}`;
  return [
    chalk.bold(head),
    ...lines.map(
      ({ name, values }) =>
        name.padEnd(width) + values.map((value) => (value ?? '-').padStart(VALUE_WIDTH)).join(''),
    ),
  ];
}

function bars(chalk: ChalkInstance, comparison: Comparison, glyphs: Glyphs): string[] {
  return barsOf(comparison).flatMap(({ name, bars }) => [
    chalk.dim(name),
    ...bars.map(({ mode, share, text }) => {
      const length = Math.round((share ?? 0) * BAR_WIDTH);
      const bar = length > 0 ? glyphs.bar.repeat(length) : share === undefined ? ' ' : glyphs.sliver;
      return `  ${mode.padEnd(10)} ${inModelColour(chalk, mode)(bar)} ${text}`;
    }),
    '',
  ]);
}

export interface Bar {
  readonly mode: ModelName;
  /** Of the longest; undefined where nothing is known. */
  readonly share: number | undefined;
  readonly text: string;
}

/**
 * The three figures that differ most to the eye; each on a scale of its own, from nothing to its largest. A paced run has
 * no bars for durations.
 */
export function barsOf({ models: all, scenario, pace }: Comparison): { name: string; bars: Bar[] }[] {
  const listening = all.filter((model) => !neverListened(model));
  const models = pace === undefined ? listening : listening.map(withoutDurations);
  if (models.length < 2) return []; // nothing to compare with
  const within = `${tellsP99(models) ? '99 of 100' : 'all'} ${scenario.measured} within`;
  const measures: [string, Measure, (value: number, model: ModelResult) => string][] = [
    [within, slowest(models), latencyText],
    ['threads at once', ({ figures }) => figures.peakThreads, (value) => count(value, 'thread')],
    ['memory taken on', memoryTaken, megabytes],
  ];
  return measures.flatMap(([name, of, format]) => {
    const most = Math.max(...models.map((model) => of(model) ?? 0));
    if (most === 0) return [];
    const bars = models.map((model) => {
      const value = of(model);
      return {
        mode: model.mode,
        share: value === undefined ? undefined : value / most,
        text: value === undefined ? 'none answered' : format(value, model),
      };
    });
    return [{ name, bars }];
  });
}

/** Where some failed, the time is that of the others. */
function latencyText(us: number, { figures }: ModelResult): string {
  const answered = answeredOf(figures);
  return answered === undefined ? duration(us) : `${duration(us)} (${answered} were answered)`;
}
