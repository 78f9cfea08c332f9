// What the kernel said of the servers while the story went on, as curves over the time of the timeline.

import { MODES, type Mode } from '../../../models/options.js';
import type { Comparison, Sample } from '../../comparison.js';
import { type Chart, type Curves, curves } from './curves.js';
import { ticks } from './ticks.js';

const MEGABYTE = 1024 * 1024;

type Points = readonly (readonly [number, number])[];

export function sampleCurves({ models }: Comparison): Curves {
  const sampled = models.filter(({ samples }) => samples.length > 0);
  const chart = (
    title: string,
    format: (value: number) => string,
    points: (samples: readonly Sample[]) => Points,
  ): Chart => ({
    title,
    format,
    curves: sampled.map(({ mode, samples }) => ({ name: mode, points: points(samples), look: lookOf(mode) })),
  });
  const whole = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : '');
  const mb = (value: number): string => `${Number(value.toPrecision(3)).toLocaleString('en')} MB`;
  const charts = [
    chart('Threads', whole, (samples) => samples.map(({ at, threads }) => [at, threads])),
    chart('Open connections', whole, (samples) => samples.map(({ at, connections }) => [at, connections])),
    chart('Memory', mb, (samples) => samples.map(({ at, memory }) => [at, memory / MEGABYTE])),
    chart('CPU, as a share of one', (value) => `${Number((value * 100).toPrecision(3))} %`, cpuShare),
  ];
  return curves(charts, { name: 'at', format: timeLabels }, 'samples');
}

/** A model looks the same whichever others it is compared with. */
export const lookOf = (mode: Mode): number => MODES.indexOf(mode);

/** From one sample to the next, told at the later one. */
function cpuShare(samples: readonly Sample[]): Points {
  return samples.slice(1).flatMap(({ at, cpuSeconds }, i) => {
    const before = samples[i]!;
    return at > before.at ? [[at, ((cpuSeconds - before.cpuSeconds) * 1e6) / (at - before.at)] as const] : [];
  });
}

function timeLabels(values: readonly number[]): string[] {
  if (values.length < 2) return values.map((at) => `${(at / 1e6).toFixed(3)} s`);
  const [from, to] = [values[0]!, values.at(-1)!];
  const labels = new Map(ticks(from, to, values.length - 1).map(({ at, label }) => [Math.round(at), label]));
  return values.map((at) => labels.get(Math.round(at)) ?? '');
}
