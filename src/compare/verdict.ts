// The rules by which figures become sentences. A rule takes figures and gives a claim, or none where they say nothing:
// no sentence without a figure behind it. Its id says what was found without the numbers, so that two runs can agree.

import { count, duration, number } from '../ui/quantities.js';
import type { Claim, ModelResult } from './comparison.js';

/** Below this ratio two figures are called about the same: so far apart can be two runs of one server. */
export const SAME = 2;
const MEGABYTE = 1024 * 1024;

/** Two latencies that differ by less are the same too: a person takes a tenth of a second for at once (Miller, 1968). */
const AT_ONCE_US = 100_000;

export type Measure = (model: ModelResult) => number | undefined;

export const p99: Measure = ({ figures }) => figures.latency?.p99;

/** `41 times`, `2.3 times`. */
export function times(ratio: number): string {
  return `${ratio < 9.95 ? ratio.toFixed(1) : number(ratio)} times`;
}

export const megabytes = (bytes: number): string => {
  const value = bytes / MEGABYTE;
  return `${value < 9.95 ? value.toFixed(1) : number(value)} MB`;
};

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Who answered everybody, and who did not. */
export function whoAnswered(models: readonly ModelResult[]): Claim | undefined {
  if (models.length === 0) return undefined;
  const all = models.filter(({ figures }) => figures.failed === 0 && figures.answered > 0);
  const what = ({ figures }: ModelResult): string => {
    const reasons = Object.entries(figures.failures).map(([reason, number]) => `${number} ${reason}`);
    const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
    return `answered ${figures.answered} of ${count(figures.answered + figures.failed, 'request')}${why}`;
  };
  const parts = [...new Set(models.map(what))].map((each) => {
    const group = models.filter((model) => what(model) === each);
    return `${listed(group.map(({ mode }) => mode))} ${each}`;
  });
  return {
    id: `answered by ${all.map(({ mode }) => mode).join(', ') || 'none'}`,
    text: `${sentence(parts.join('; '))}.`,
  };
}

/**
 * Which model needed least, and how many times that the others needed. `text` begins the sentence, such as
 * `Memory grew by`, `format` writes a value, and a difference below `unnoticed` is none.
 */
export function least(
  models: readonly ModelResult[],
  id: string,
  text: string,
  measure: Measure,
  format: (value: number) => string,
  unnoticed = 0,
): Claim | undefined {
  const known = models
    .flatMap((model) => {
      const value = measure(model);
      return value === undefined || !(value > 0) ? [] : [{ mode: model.mode, value }];
    })
    .sort((a, b) => a.value - b.value);
  const [best, ...others] = known;
  if (best === undefined || others.length === 0) return undefined;
  const same = others.filter(({ value }) => value / best.value < SAME || value - best.value < unnoticed);
  const more = others.filter((other) => !same.includes(other));
  const lowest = [best, ...same];
  const written = listed(lowest.map(({ mode, value }) => `${format(value)} with ${mode}`));
  const rest = listed(
    more.map(({ mode, value }) => `${format(value)} with ${mode}, ${times(value / best.value)} as much`),
  );
  const about = same.length > 0 ? `about the same: ${written}` : written;
  const names = (each: readonly { mode: string }[]): string =>
    each
      .map(({ mode }) => mode)
      .sort()
      .join(', ');
  return {
    id: `${id}: ${names(lowest)}${more.length > 0 ? ` < ${names(more)}` : ''}`,
    text: `${text} ${about}${rest === '' ? '' : `; ${rest}`}.`,
  };
}

export const latencyOf = (models: readonly ModelResult[], what: string): Claim | undefined =>
  least(models, 'p99', `Of 100 ${what}, 99 were answered within`, p99, duration, AT_ONCE_US);

/** Requests a second at full speed. Which is faster depends on the machine's CPUs, so the numbers speak for themselves. */
export function throughput(models: readonly ModelResult[]): Claim | undefined {
  const known = models
    .flatMap(({ mode, load }) => (load === undefined ? [] : [{ mode, rate: load.requestsPerSecond }]))
    .filter(({ rate }) => rate > 0)
    .sort((a, b) => b.rate - a.rate);
  const [best, ...others] = known;
  if (best === undefined || others.length === 0) return undefined;
  const rates = listed(known.map(({ mode, rate }) => `${mode} ${number(rate)}`));
  const ratio = times(best.rate / others.at(-1)!.rate);
  const more = ratio === '1.0 times' ? 'as many with each' : `${ratio} as many with ${best.mode}`;
  return { id: 'throughput', text: `Alone and at full speed, requests a second: ${rates}, ${more}.` };
}

/** How many threads each needed for how many connections. */
export function threadsNeeded(models: readonly ModelResult[]): Claim | undefined {
  const known = models.filter(({ figures }) => figures.peakThreads > 0);
  if (known.length === 0) return undefined;
  const parts = known.map(
    ({ mode, figures }) =>
      `${mode} ${count(figures.peakThreads, 'thread')} for ${count(figures.peakConnections, 'connection')}`,
  );
  const ones = known.filter(({ figures }) => figures.peakThreads === 1).map(({ mode }) => mode);
  return {
    id: `one thread: ${ones.join(', ') || 'none'}`,
    text: `At the most, ${listed(parts.map((part, i) => (i === 0 ? part.replace(' ', ' used ') : part)))}.`,
  };
}

/** How much memory each took on beyond what it had when it began to listen. */
export const memoryGrown = (models: readonly ModelResult[]): Claim | undefined =>
  least(
    models,
    'memory',
    'Memory grew by',
    ({ figures }) => Math.max(figures.peakMemory - figures.memoryAtStart, 1),
    megabytes,
  );

/** What the threads that had to be started cost here, and what a pthread costs: a worker thread is a whole V8. */
export function threadCost(models: readonly ModelResult[]): Claim | undefined {
  const model = models.find(({ figures }) => figures.threadsStarted > 0);
  if (model === undefined) return undefined;
  const { threadsStarted, threadStartUs } = model.figures;
  if (threadStartUs === undefined) return undefined;
  return {
    id: `threads started: ${model.mode}`,
    text: `${sentence(model.mode)} started ${count(threadsStarted, 'thread')}, each in ${duration(threadStartUs)} (median): each is a whole V8; ${PTHREAD}.`,
  };
}

/** Measured by bench/pthread.c: docs/benchmarks.md has the command and the machine. */
export const PTHREAD = 'a pthread in C takes 0.022 ms and 8 KiB (docs/benchmarks.md)';

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
