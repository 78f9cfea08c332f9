// The rules that turn a sweep's figures into sentences: a claim where the figures support it, or none. As for a scenario,
// its id says what was found without the numbers.

import { count, duration, number } from '../../terminal/quantities.js';
import type { Claim } from '../comparison.js';
import { PROCESS_COST, type StartCost, startedForEach, THREAD_COST } from '../started.js';
import { listed, SAME, sentence, times } from '../verdict.js';
import { memoryText } from './quantities.js';
import type { SweepPoint, SweptModel } from './result.js';
import { TEXTBOOK } from './textbook.js';

export function sweepVerdict(models: readonly SweptModel[]): Claim[] {
  const measured = models.filter(({ points }) => points.length > 0);
  return [
    costOf(
      measured,
      'memory',
      'For each idle connection resident memory grew by',
      memoryPerConnection,
      memoryText,
    ),
    costOf(
      measured,
      'time',
      'Accepting and answering each connection once took',
      timePerConnection,
      duration,
    ),
    oneEach(measured, THREAD_COST),
    oneEach(measured, PROCESS_COST),
    reached(measured),
    probe(measured),
    cpuPerProbe(measured),
  ].filter((claim) => claim !== undefined);
}

interface Estimate {
  readonly value: number;
  /** It may be less. */
  readonly atMost: boolean;
}

/**
 * Bytes, by how far resident memory went from point to point: at the first is what comes once. Where it also went down,
 * V8 has collected garbage, and this is the most that it can have grown. Undefined where nothing moved.
 */
export function memoryPerConnection({ points }: SweptModel): Estimate | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const memory = points.map((each) => each.memory);
  const value = (Math.max(...memory) - Math.min(...memory)) / (last.connections - first.connections);
  const atMost = memory.some((each, i) => each < (memory[i - 1] ?? 0));
  return value > 0 ? { value, atMost } : undefined;
}

/** Microseconds, of all that were added. */
function timePerConnection({ points }: SweptModel): Estimate | undefined {
  const sum = (of: (point: SweepPoint) => number): number =>
    points.reduce((total, each) => total + of(each), 0);
  if (points.length === 0) return undefined;
  return { value: sum(({ addedUs }) => addedUs) / sum(({ added }) => added), atMost: false };
}

/** What one connection cost in each model, and how many times the least of them. */
function costOf(
  models: readonly SweptModel[],
  id: string,
  start: string,
  measure: (model: SweptModel) => Estimate | undefined,
  format: (value: number) => string,
): Claim | undefined {
  const known = models
    .flatMap((model) => {
      const cost = measure(model);
      return cost === undefined ? [] : [{ mode: model.mode, ...cost }];
    })
    .sort((a, b) => a.value - b.value);
  const [best, ...others] = known;
  if (best === undefined) return undefined;
  const more = others.filter(({ value }) => value / best.value >= SAME).map(({ mode }) => mode);
  const parts = known.map(({ mode, value, atMost }) => {
    const ratio = `${best.atMost ? 'at least ' : ''}${roughly(value / best.value)} as much`;
    return `${atMost ? 'at most ' : ''}${format(value)} with ${mode}${more.includes(mode) ? `, ${ratio}` : ''}`;
  });
  const least = known.map(({ mode }) => mode).filter((mode) => !more.includes(mode));
  return {
    id: `${id} per connection: ${least.toSorted().join(', ')}${more.length > 0 ? ` < ${more.toSorted().join(', ')}` : ''}`,
    text: `${start} ${listed(parts)}.`,
  };
}

function oneEach(models: readonly SweptModel[], { one, here, inC }: StartCost): Claim | undefined {
  const all = models.filter(({ mode }) => startedForEach(mode)?.one === one).map(({ mode }) => mode);
  if (all.length === 0) return undefined;
  return {
    id: `a ${one} each: ${all.join(', ')}`,
    text: `With ${listed(all)} each connection has a ${one}, which here is ${here}; ${inC}.`,
  };
}

/** How far each came, on how many threads. */
function reached(models: readonly SweptModel[]): Claim | undefined {
  if (models.length === 0) return undefined;
  const parts = models.map(({ mode, points, cap, failure }) => {
    const { connections, threads } = points.at(-1)!;
    const held = `${mode} held ${count(connections, 'connection')} on ${count(threads, 'thread')}`;
    if (failure !== undefined) return `${held}, and failed beyond that`;
    return cap.reason === undefined ? `${held}, as asked` : `${held}, the most that it can hold here`;
  });
  const state = ({ mode, cap, failure }: SweptModel): string =>
    `${mode} ${failure !== undefined ? 'failed' : cap.reason === undefined ? 'as asked' : 'capped'}`;
  return { id: `reached: ${models.map(state).join(', ')}`, text: `${sentence(parts.join('; '))}.` };
}

/** How the probe's median changed on the way up. */
function probe(models: readonly SweptModel[]): Claim | undefined {
  const climbed = models.filter(({ points }) => points.length > 1);
  if (climbed.length === 0) return undefined;
  const parts = climbed.map(({ mode, points }) => {
    const first = points[0]!;
    const last = points.at(-1)!;
    const change = changeOf(last.probe.p50 / first.probe.p50, 'as long');
    return `with ${mode} ${duration(first.probe.p50)} beside ${count(first.connections, 'connection')} and ${duration(last.probe.p50)} beside ${number(last.connections)}, ${change}`;
  });
  const way = ({ mode, points }: SweptModel): string =>
    `${mode} ${wayOf(points.at(-1)!.probe.p50 / points[0]!.probe.p50)}`;
  return {
    id: `probe: ${climbed.map(way).join(', ')}`,
    text: `Half of the probes were answered within these times: ${parts.join('; ')}.`,
  };
}

/** What a request cost the loop beside few idle connections and beside many, and what the book's calls cost. */
function cpuPerProbe(models: readonly SweptModel[]): Claim | undefined {
  const points = models.find(({ mode }) => mode === 'evented')?.points ?? [];
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  if (!(first.cpuUsPerProbe > 0 && last.cpuUsPerProbe > 0)) return undefined;
  const ratio = last.cpuUsPerProbe / first.cpuUsPerProbe;
  const { descriptors, rows } = TEXTBOOK;
  const book = rows.map(({ call, seconds }) => `${call} ${roughly(seconds.at(-1)! / seconds[0]!)}`);
  return {
    id: `CPU per probe: evented ${wayOf(ratio)}`,
    text:
      `A probe took evented ${duration(first.cpuUsPerProbe)} of CPU beside ${count(first.connections, 'connection')} and ${duration(last.cpuUsPerProbe)} beside ${number(last.connections)}, ${changeOf(ratio, 'as much')}; ` +
      `in the book, from ${descriptors[0]} descriptors to ${number(descriptors.at(-1)!)}, ${listed(book)} as much.`,
  };
}

/** Two digits of a ratio: more would be of one run alone. */
const roughly = (ratio: number): string => times(Number(ratio.toPrecision(2)));

const wayOf = (ratio: number): string => (ratio >= SAME ? 'more' : ratio <= 1 / SAME ? 'less' : 'same');

function changeOf(ratio: number, as: string): string {
  if (ratio >= SAME) return `${roughly(ratio)} ${as}`;
  return ratio <= 1 / SAME ? `less than half ${as}` : 'about the same';
}
