// The figures as a table: a column for each server, a row for each figure.

import { count, duration } from '../../../ui/quantities.js';
import type { Comparison, Figures, LoadFigures, ModelResult } from '../../comparison.js';
import { megabytes, PTHREAD } from '../../verdict.js';
import { element } from './dom.js';

type Row<T> = readonly [name: string, value: (figures: T) => string | undefined];

/** What is not known has no text. */
const known = <T>(value: T | undefined, text: (value: T) => string): string | undefined =>
  value === undefined ? undefined : text(value);
const number = (value: number): string => value.toLocaleString('en');
const perSecond = (value: number): string => number(Number(value.toPrecision(3)));

const ROWS: readonly Row<Figures>[] = [
  ['requests answered', ({ answered }) => number(answered)],
  ['failed', ({ failed }) => number(failed)],
  ['requests per second', ({ requestsPerSecond: rate }) => known(rate, perSecond)],
  ['latency, p50', ({ latency }) => known(latency, ({ p50 }) => duration(p50))],
  ['latency, p99', ({ latency }) => known(latency, ({ p99 }) => duration(p99))],
  ['latency, the slowest', ({ latency }) => known(latency, ({ max }) => duration(max))],
  ['connections, at most', ({ peakConnections }) => number(peakConnections)],
  ['threads, at most', ({ peakThreads }) => number(peakThreads)],
  ['memory, at most', ({ peakMemory }) => megabytes(peakMemory)],
  [
    'memory it grew by',
    ({ peakMemory, memoryAtStart }) => megabytes(Math.max(0, peakMemory - memoryAtStart)),
  ],
  ['CPU time', ({ cpuSeconds }) => duration(cpuSeconds * 1e6)],
  ['switches, voluntary', ({ voluntarySwitches }) => number(voluntarySwitches)],
  ['switches, involuntary', ({ involuntarySwitches }) => number(involuntarySwitches)],
  ['threads started', ({ threadsStarted }) => number(threadsStarted)],
  ['start of a thread, median', ({ threadStartUs: us }) => known(us, duration)],
];

const LOAD_ROWS: readonly Row<LoadFigures>[] = [
  ['requests per second', ({ requestsPerSecond }) => perSecond(requestsPerSecond)],
  ['latency, p50', ({ latency }) => duration(latency.p50)],
  ['latency, p99', ({ latency }) => duration(latency.p99)],
  ['latency, the slowest', ({ latency }) => duration(latency.max)],
  ['CPU time of a request', ({ cpuUsPerRequest }) => `${cpuUsPerRequest.toPrecision(3)} us`],
  ['requests answered', ({ answered }) => number(answered)],
  ['failed', ({ failed }) => number(failed)],
];

export function figuresTable({ models, scenario }: Comparison): HTMLElement[] {
  const measured = models.map(({ figures }) => figures.latency).find((latency) => latency !== undefined);
  const notes = [
    ...models.flatMap(whyFailed),
    ...(measured === undefined
      ? []
      : [`Latency is of ${count(measured.count, 'request')}: ${scenario.measured}.`]),
    ...(models.some(({ figures }) => figures.threadsStarted > 0)
      ? [`A thread here is a whole V8; ${PTHREAD}, measured by bench/pthread.c.`]
      : []),
  ];
  return [
    tableOf('figures-table', models, ROWS, ({ figures, pid }) => (pid === 0 ? undefined : figures)),
    element('p', { class: 'note' }, notes.join(' ')),
    ...loadTable(models),
  ];
}

function loadTable(models: readonly ModelResult[]): HTMLElement[] {
  const load = models.map((model) => model.load).find((each) => each !== undefined);
  if (load === undefined) return [];
  return [
    element('h3', {}, 'Alone and at full speed'),
    element(
      'p',
      { class: 'note' },
      `One server after the other, each for ${load.seconds} s with ${count(load.connections, 'connection')} at once.`,
    ),
    tableOf('load-table', models, LOAD_ROWS, (model) => model.load),
  ];
}

function tableOf<T>(
  id: string,
  models: readonly ModelResult[],
  rows: readonly Row<T>[],
  figures: (model: ModelResult) => T | undefined,
): HTMLElement {
  const head = models.map(({ mode, failure }) =>
    element('th', { scope: 'col' }, mode, failure === undefined ? '' : ' (failed)'),
  );
  const body = rows.map(([name, value]) => {
    const cell = (each: T | undefined): string | undefined => (each === undefined ? undefined : value(each));
    const cells = models.map((model) => {
      return element('td', {}, cell(figures(model)) ?? '–');
    });
    return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
  });
  return element(
    'table',
    { id, class: 'figures' },
    element('thead', {}, element('tr', {}, element('td'), ...head)),
    element('tbody', {}, ...body),
  );
}

/** Why requests failed, where any did. */
function whyFailed({ mode, figures }: ModelResult): string[] {
  const reasons = Object.entries(figures.failures).filter(([, times]) => times > 0);
  if (reasons.length === 0) return [];
  return [`Failed with ${mode}: ${reasons.map(([why, times]) => `${number(times)} ${why}`).join(', ')}.`];
}
