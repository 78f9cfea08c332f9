// The rules by which figures become sentences. A rule takes figures and gives a claim, or none where they say nothing:
// no sentence without a figure behind it. Its id says what was found without the numbers, so that two runs can agree.

import type { ServerName } from '../models/options.js';
import { count, countServants, duration, number } from '../terminal/quantities.js';
import type { Claim, Comparison, Figures, LoadFigures, ModelResult } from './comparison.js';
import { groupBy } from './group-by.js';
import type { Scenario } from './scenario.js';
import { costOf, startedBy } from './started.js';

/** Below this ratio two figures are called about the same: two runs of one server can differ as much. */
export const SAME = 2;
const MEGABYTE = 1024 * 1024;

/** Two latencies that differ by less are the same too: to a person, a tenth of a second is immediate (Miller, 1968). */
const AT_ONCE_US = 100_000;
/** V8 adds and frees this much while it warms up, in every model, so it says nothing about the model. */
const HARDLY_ANY = 8 * MEGABYTE;
/** With fewer requests no latency is compared: a single one proves nothing. */
export const FEWEST = 2;
/** With fewer requests there is no p99. */
const ENOUGH_FOR_P99 = 100;
/** Of one CPU. A server that used less could have answered more: it waited for the load generator. */
const BUSY = 0.8;

export type Measure = (model: ModelResult) => number | undefined;

/**
 * What the figures of these models say: first which clients were not answered, if any, then the scenario's own
 * claims, then what there is to say of servers that are not ours. For these, and for a paced run, there are no claims about
 * durations.
 */
export function claimsOf(
  { verdict }: Pick<Scenario, 'verdict'>,
  models: readonly ModelResult[],
  paced: boolean,
): Claim[] {
  const compared = models.map((model) => (paced || isOther(model) ? withoutDurations(model) : model));
  const claims = [...verdict(compared), ...models.flatMap(aboutOther), underStrace(models)].filter(
    (each) => each !== undefined,
  );
  const who = models.some(({ figures }) => figures.failed > 0) ? whoAnswered(models) : undefined;
  return who === undefined || claims.some(({ id }) => id === who.id) ? claims : [who, ...claims];
}

/** A server that is not ours. It ran under strace, so its durations are not its own. */
export const isOther = ({ command }: ModelResult): boolean => command !== undefined;

/** Which model it seems to follow, which requests it could not serve as asked, and the advice that it was given. */
function aboutOther(model: ModelResult): Claim[] {
  if (!isOther(model)) return [];
  const { mode, events, figures } = model;
  const looks = events
    .filter((event) => event.event === 'model-seen')
    .slice(-1)
    .map((seen) => ({
      id: `looks like: ${mode} ${seen.model}`,
      text: `${mode} looks like ${JSON.stringify(seen.model)}: ${seen.because}.`,
    }));
  const notAsAsked = Object.entries(figures.notAsAsked ?? {}).map(([target, times]) => ({
    id: `not as asked: ${mode} ${target}`,
    text: `${mode} did not do what ${target} asks (${count(times, 'request')}): it does not know the path, or answers without doing it.`,
  }));
  const rules = events.flatMap((event) => (event.event === 'advice' ? [event.rule] : []));
  const advice = {
    id: `advice: ${mode} ${rules.join(', ')}`,
    text: `There is advice for ${mode}: ${listed(rules)}; docs/watch.md explains it, and a recording (--record) has it in full.`,
  };
  return [...looks, ...notAsAsked, ...(rules.length > 0 ? [advice] : [])];
}

function underStrace(models: readonly ModelResult[]): Claim | undefined {
  const names = modes(models.filter(isOther));
  if (names.length === 0) return undefined;
  const [its, it] = names.length === 1 ? ['its', 'it'] : ['their', 'them'];
  return {
    id: `under strace: ${names.join(', ')}`,
    text: `${listed(names)} ran under strace, which stops ${it} at each system call. That costs far more than the call itself (docs/watch.md has figures), so ${its} times and ${its} CPU time are not compared.`,
  };
}

/** Threads pause at the same time and a loop pauses again and again, so even the ratios come from the pace. */
export function withoutDurations(model: ModelResult): ModelResult {
  const {
    latency: _,
    requestsPerSecond: __,
    threadStartUs: ___,
    longestQueuedUs: ____,
    replacedUs: _____,
    ...figures
  } = model.figures;
  return { ...model, figures };
}

export const hasP99 = ({ latency }: Figures): boolean => (latency?.count ?? 0) >= ENOUGH_FOR_P99;

/** Whether p99 is shown, or the slowest: the one that is known for every model that answered a request. */
export const tellsP99 = (models: readonly ModelResult[]): boolean =>
  models.every(({ figures }) => figures.latency === undefined || hasP99(figures));

export const slowest =
  (models: readonly ModelResult[]): Measure =>
  ({ figures: { latency } }) =>
    tellsP99(models) ? latency?.p99 : latency?.max;

/** `298 of 400`: how many of the measured requests were answered; undefined where all were. */
export function answeredOf({ latency, measuredFailed = 0 }: Figures): string | undefined {
  const answered = latency?.count ?? 0;
  return measuredFailed === 0 ? undefined : `${number(answered)} of ${number(answered + measuredFailed)}`;
}

/** `2 reset, 1 no reply in time`; empty where nothing failed. */
export const reasonsOf = ({ failures }: Pick<Figures, 'failures'>): string =>
  Object.entries(failures)
    .map(([reason, times]) => `${number(times)} ${reason}`)
    .join(', ');

/** How much of one CPU the server's own threads used under the load; undefined where that was not measured. */
export const cpuShare = ({ requestsPerSecond, cpuUsPerRequest }: LoadFigures): number | undefined =>
  cpuUsPerRequest === undefined ? undefined : (requestsPerSecond * cpuUsPerRequest) / 1e6;

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

/** What a scenario teaches, and which of the servers that this is about did not run. */
export const lessonOf = ({ scenario: { teaches, missing } }: Pick<Comparison, 'scenario'>): string =>
  missing === undefined ? teaches : `${teaches} Here ${listed(missing)} did not run.`;

type Named = readonly { readonly mode: ServerName }[];

export const modes = (models: Named): ServerName[] => models.map(({ mode }) => mode);

/** How models are named in an id. */
export const idOf = (models: Named): string => modes(models).join(', ') || 'none';
const sorted = (models: Named): string => modes(models).sort().join(', ');

/** Which models answered all requests, and which did not. */
export function whoAnswered(models: readonly ModelResult[]): Claim | undefined {
  if (models.length === 0) return undefined;
  const all = models.filter(({ figures }) => figures.failed === 0 && figures.answered > 0);
  const what = ({ figures }: ModelResult): string => {
    const reasons = reasonsOf(figures);
    const why = reasons === '' ? '' : ` (${reasons})`;
    return `answered ${number(figures.answered)} of ${count(figures.answered + figures.failed, 'request')}${why}`;
  };
  const parts = [...groupBy(models, what)].map(([each, group]) => `${listed(modes(group))} ${each}`);
  return {
    id: `answered by ${idOf(all)}`,
    text: `${sentence(parts.join('; '))}.`,
  };
}

/** How the values of a measure become text. */
interface Scale {
  readonly format: (value: number) => string;
  /** Of values that differ by less than twice, such as `about the same time`. */
  readonly same: string;
  /** A smaller difference does not count, and the sentence says so. */
  readonly unnoticed: { readonly below: number; readonly said: string };
  /** A smaller value is given in these words, and no other value as a multiple of it. */
  readonly hardly?: { readonly below: number; readonly said: string };
  /** After `three times`; `as much`, where it is left out. */
  readonly more?: string;
  /** How a model is called; its mode, where it is left out. */
  readonly name?: (model: ModelResult) => string;
}

/** Which model needed least, and how many times that the others needed. `text` begins the sentence. */
function least(
  models: readonly ModelResult[],
  id: string,
  text: string,
  measure: Measure,
  {
    format,
    same,
    unnoticed,
    hardly = { below: 0, said: '' },
    name = ({ mode }) => mode,
    more: longer = 'as much',
  }: Scale,
): Claim | undefined {
  const known = models
    .flatMap((model) => {
      const value = measure(model);
      if (value === undefined) return [];
      const written = value < hardly.below ? hardly.said : format(value);
      return [{ mode: model.mode, name: name(model), value, written }];
    })
    .sort((a, b) => a.value - b.value);
  const [best, ...others] = known;
  if (best === undefined || others.length === 0) return undefined;
  const near = others.filter(({ value }) => value / best.value < SAME);
  const close = others.filter(({ value }) => value - best.value < unnoticed.below);
  const lowest = [best, ...others.filter((each) => near.includes(each) || close.includes(each))];
  const more = others.filter((each) => !lowest.includes(each));
  const measurable = best.value >= hardly.below;
  const allNear = lowest.length === near.length + 1;
  const before = measurable && lowest.length > 1 && allNear ? `${same}: ` : '';
  const after = measurable && !allNear ? `, ${unnoticed.said}` : '';
  const rest = more.map((each) => {
    const ratio = measurable ? `, ${times(each.value / best.value)} ${longer}` : '';
    return `${each.written} with ${each.name}${ratio}`;
  });
  return {
    id: `${id}: ${sorted(lowest)}${more.length > 0 ? ` < ${sorted(more)}` : ''}`,
    text: `${text} ${before}${valuesOf(lowest)}${after}${more.length > 0 ? `; ${listed(rest)}` : ''}.`,
  };
}

/** What is the same for two models is said once. */
function valuesOf(models: readonly { name: string; written: string }[]): string {
  const values = [...groupBy(models, ({ written }) => written)].map(
    ([written, group]) => `${written} with ${listed(group.map(({ name }) => name))}`,
  );
  return listed(values);
}

/** Of the measured requests. If some failed, the text says how many were answered in this time. */
export function latencyOf(models: readonly ModelResult[], what: string): Claim | undefined {
  const asked = measured(models);
  if (asked < FEWEST) return undefined;
  const some = models.some(({ figures }) => (figures.measuredFailed ?? 0) > 0);
  const few = some
    ? `The slowest of ${number(asked)} ${what} was answered within`
    : `All ${number(asked)} ${what} were answered within`;
  const text = tellsP99(models) ? `Of 100 ${what}, 99 were answered within` : few;
  return least(models, 'p99', text, slowest(models), {
    format: duration,
    same: 'about the same time',
    more: 'as long',
    unnoticed: { below: AT_ONCE_US, said: 'too small a difference for a person to notice' },
    name: ({ mode, figures }) => {
      const answered = answeredOf(figures);
      return answered === undefined ? mode : `${mode}, counting only those it answered (${answered})`;
    },
  });
}

/** How many requests each model was asked whose latency is measured. */
export const measured = (models: readonly ModelResult[]): number =>
  Math.max(
    ...models.map(({ figures: { latency, measuredFailed = 0 } }) => (latency?.count ?? 0) + measuredFailed),
  );

/**
 * What a request costs each model, alone and under load. Requests per second are compared only if every server was
 * busy. Otherwise they show what the clients, which share one thread, could send.
 */
export function throughput(models: readonly ModelResult[]): Claim | undefined {
  const known = models
    .flatMap(({ mode, load }) => {
      const cpuUsPerRequest = load?.cpuUsPerRequest;
      return load && cpuUsPerRequest ? [{ mode, ...load, cpuUsPerRequest, share: cpuShare(load)! }] : [];
    })
    .sort((a, b) => a.cpuUsPerRequest - b.cpuUsPerRequest);
  const [best, ...others] = known;
  if (best === undefined || others.length === 0) return undefined;
  const costs = known.map(({ mode, cpuUsPerRequest }) => `${duration(cpuUsPerRequest)} with ${mode}`);
  const dearest = others.at(-1)!.cpuUsPerRequest / best.cpuUsPerRequest;
  const cost = `CPU for each request, alone at full speed: ${listed(costs)}, ${manyTimes(dearest, 'as much')}`;
  const rest = known.every(({ share }) => share >= BUSY) ? `; ${ranked(known)}` : `. ${notRanked(known)}`;
  return { id: 'throughput', text: `${cost}${rest}.` };
}

interface Loaded {
  readonly mode: string;
  readonly requestsPerSecond: number;
  readonly share: number;
}

function ranked(models: readonly Loaded[]): string {
  const rates = models.toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond);
  const told = rates.map(({ mode, requestsPerSecond }) => `${number(requestsPerSecond)} with ${mode}`);
  const ratio = rates[0]!.requestsPerSecond / rates.at(-1)!.requestsPerSecond;
  return `requests per second: ${listed(told)}, ${manyTimes(ratio, 'as many')}`;
}

function notRanked(models: readonly Loaded[]): string {
  const shares = models.map(
    ({ mode, share }, i) =>
      `${mode} ${i === 0 ? 'used ' : ''}${share.toFixed(2)}${i === 0 ? ' of a CPU' : ''}`,
  );
  return `Do not compare requests per second: ${listed(shares)}, so the clients were the limit`;
}

function manyTimes(ratio: number, as: string): string {
  const written = times(ratio);
  return written === '1.0 times' ? `${as} with each` : `${written} ${as}`;
}

/** How many connections waited in the queue of each pool. */
export function queueFilled(models: readonly ModelResult[]): Claim | undefined {
  const known = models.flatMap(({ mode, figures: { mostQueued, longestQueuedUs } }) =>
    mostQueued === undefined ? [] : [{ mode, mostQueued, longestQueuedUs }],
  );
  if (known.length === 0) return undefined;
  const parts = known.map(({ mode, mostQueued, longestQueuedUs }) => {
    const time = longestQueuedUs === undefined ? '' : `, the longest for ${duration(longestQueuedUs)}`;
    return `up to ${count(mostQueued, 'connection')} with ${mode}${time}`;
  });
  return {
    id: `queued: ${known.map(({ mode, mostQueued }) => `${mode} ${mostQueued}`).join(', ')}`,
    text: `Waiting in the queue: ${parts.join('; ')}.`,
  };
}

/** Whose requests failed after a process was killed, and how soon another took its place. */
export function whoNoticed(models: readonly ModelResult[]): Claim | undefined {
  const asked = measured(models);
  if (models.length === 0 || asked < FEWEST) return undefined;
  const noticed = ({ figures }: ModelResult): number => figures.measuredFailed ?? 0;
  const parts = [...groupBy(models, noticed)]
    .sort(([a], [b]) => a - b)
    .map(([failed, group]) => {
      const soonest = Math.min(...group.map(({ figures }) => figures.replacedUs ?? Infinity));
      const replaced = soonest === Infinity ? '' : `, and another process served ${duration(soonest)} later`;
      return `with ${listed(modes(group))} ${failed} of ${count(asked, 'client')} noticed${replaced}`;
    });
  return {
    id: `noticed by all: ${idOf(models.filter((model) => noticed(model) === asked))}`,
    text: `One process was killed: ${parts.join('; ')}.`,
  };
}

/** How many threads each needed for how many connections. */
export function threadsNeeded(models: readonly ModelResult[]): Claim | undefined {
  const known = models.filter(({ figures }) => figures.peakThreads > 0);
  if (known.length === 0) return undefined;
  const parts = known.map(({ mode, figures }, i) => {
    const used = i === 0 ? ' used up to' : '';
    return `${mode}${used} ${countServants(mode, figures.peakThreads)} for ${count(figures.peakConnections, 'connection')}`;
  });
  return {
    id: `one thread: ${idOf(known.filter(({ figures }) => figures.peakThreads === 1))}`,
    text: `${sentence(listed(parts))}.`,
  };
}

/** How much memory each added to what it had when it began to listen. */
export const memoryGrown = (models: readonly ModelResult[]): Claim | undefined =>
  least(models, 'memory', 'Memory added:', memoryTaken, {
    format: megabytes,
    same: 'about the same',
    unnoticed: { below: HARDLY_ANY, said: 'a difference that V8 alone can make' },
    hardly: { below: HARDLY_ANY, said: `hardly any (less than ${HARDLY_ANY / MEGABYTE} MB)` },
  });

export const memoryTaken = ({ figures: { peakMemory, memoryAtStart } }: ModelResult): number | undefined =>
  peakMemory === undefined || memoryAtStart === undefined
    ? undefined
    : Math.max(0, peakMemory - memoryAtStart);

/** What the threads and processes that had to be started cost here and in C. */
export function startCost(models: readonly ModelResult[]): Claim | undefined {
  const known = models.flatMap(({ mode, figures: { threadsStarted, threadStartUs } }) =>
    threadStartUs === undefined ? [] : [{ mode, threadsStarted, threadStartUs, what: startedBy(mode) }],
  );
  if (known.length === 0) return undefined;
  const parts = known.map(
    ({ mode, threadsStarted, threadStartUs, what }) =>
      `${sentence(mode)} started ${count(threadsStarted, what.one, what.many)}, in ${duration(threadStartUs)} each (median).`,
  );
  const costs = new Set(known.map(({ what }) => costOf(what)));
  return {
    id: `threads started: ${idOf(known)}`,
    text: [...parts, ...costs].join(' '),
  };
}

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
