// What the servers had and used, as curves over the time of the timeline: the counts come from the events, the rest from
// the kernel at intervals.

import type { Sample } from '../compare/comparison.js';
import { countOver } from '../compare/intervals.js';
import { modelColour } from '../compare/model-colours.js';
import { connectionsOver, type Series, threadsOver } from '../compare/report/series.js';
import { waitsOf } from '../compare/report/waterfall.js';
import { type Chart, type Curves, curves } from './curves.js';
import type { ModelTimeline } from './model-timeline.js';
import { labelled } from './ticks.js';

const MEGABYTE = 1024 * 1024;

export function sampleCurves(models: readonly ModelTimeline[]): Curves {
  const told = models.filter(({ result }) => result.samples.length > 0 || result.events.length > 0);
  const whole = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : '');
  const mb = (value: number): string => `${Number(value.toPrecision(3)).toLocaleString('en')} MB`;
  const share = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;
  const chart = (
    title: string,
    format: (value: number) => string,
    points: (model: ModelTimeline) => Series,
    stepped: boolean,
  ): Chart => ({
    title,
    format,
    curves: told
      .map((model) => ({
        name: model.result.mode,
        points: points(model),
        colour: modelColour(model.result.mode),
        stepped,
      }))
      .filter((curve) => curve.points.length > 0),
  });
  const counts = (title: string, seriesOf: (model: ModelTimeline) => Series): Chart =>
    chart(title, whole, (model) => stretched(seriesOf(model), model), true);
  const charts = [
    counts('Open connections', ({ result }) => connectionsOver(result)),
    counts('Waiting in the accept queue', ({ rows }) => countOver(waitsOf(rows))),
    counts('Threads', ({ result }) => threadsOver(result)),
    chart(
      'Memory',
      mb,
      ({ result }) => result.samples.map(({ at, memory }) => [at, memory / MEGABYTE] as const),
      false,
    ),
    chart('CPU, as a share of one', share, ({ result }) => cpuShare(result.samples), false),
  ];
  return curves(
    charts.filter((each) => each.curves.length > 0),
    {
      name: 'at',
      formatMarks: (values) => labelled(values).map(({ label }) => label),
      format: (at) => `${(at / 1e6).toFixed(3)} s`,
    },
  );
}

/** From one end of the story to the other, with 0 before the first change. */
function stretched(series: Series, { from: first, to }: ModelTimeline): Series {
  const from = Math.max(0, first);
  const before = series.findLast(([at]) => at <= from)?.[1] ?? 0;
  const last = series.at(-1)?.[1] ?? 0;
  return [[from, before], ...series.filter(([at]) => at > from && at < to), [to, last]];
}

/** From one sample to the next, shown at the later one. */
function cpuShare(samples: readonly Sample[]): Series {
  return samples.slice(1).flatMap(({ at, cpuSeconds }, i) => {
    const before = samples[i]!;
    return at > before.at ? [[at, ((cpuSeconds - before.cpuSeconds) * 1e6) / (at - before.at)] as const] : [];
  });
}
