// Curves over one common axis: time, or how many connections there were. The plotting is uPlot's.

/*! uPlot, https://github.com/leeoniya/uPlot
The MIT License (MIT)
Copyright (c) 2022 Leon Sorokin
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:
The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */

import uPlot from 'uplot';
import type { Pair } from '../compare/report/connection-colours.js';
import { colourOf, followTheme, palette } from './colours.js';
import { element, fontPx } from './dom.js';

export interface Chart {
  readonly title: string;
  /** Of a value: with its unit. */
  readonly format: (value: number) => string;
  readonly curves: readonly PlottedCurve[];
}

export interface PlottedCurve {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly colour: Pair;
  /** A number that stays as it is until the next point, and no course between the two. */
  readonly stepped?: boolean;
}

export interface CommonAxis {
  readonly name: string;
  /** The marks of the axis. */
  readonly formatMarks: (values: readonly number[]) => string[];
  /** A value by itself. */
  readonly format: (value: number) => string;
  /** And the other axis of each chart too. */
  readonly logarithmic?: boolean;
}

export interface Curves {
  readonly root: HTMLElement;
  /** Shows this stretch of the common axis in all charts. */
  show(from: number, to: number): void;
  /** Called when the reader has marked a stretch with the mouse. */
  onMarked: (from: number, to: number) => void;
  /** Whenever the page has another size. */
  fit(): void;
}

/** Curves differ by the line as well as by the colour: on the canvas, and in the words below it. */
const LINES = [
  { dash: [2, 4], border: 'dotted' },
  { dash: [], border: 'solid' },
  { dash: [9, 5], border: 'dashed' },
  { dash: [12, 4, 2, 4], border: 'double' },
];
const lineOf = (curve: number): (typeof LINES)[number] => LINES[curve % LINES.length]!;
const HEIGHT_EM = 13;

/** Small charts side by side, with one cursor for all of them. */
export function curves(charts: readonly Chart[], axis: CommonAxis): Curves {
  const places = charts.map(() => element('div', { class: 'chart' }));
  let plots: uPlot[] = [];
  let shown: { min: number; max: number } | undefined;
  const all: Curves = {
    root: element(
      'div',
      { class: 'curves' },
      ...charts.map(({ title }, i) => element('figure', element('figcaption', title), places[i])),
    ),
    show: (min, max) => {
      shown = { min, max };
      for (const plot of plots) plot.setScale('x', shown);
    },
    onMarked: () => {},
    fit: () => {
      for (const [i, plot] of plots.entries()) plot.setSize(sizeOf(places[i]!));
    },
  };
  const draw = (): void => {
    for (const plot of plots) plot.destroy();
    plots = charts.map((chart, i) => new uPlot(optionsOf(chart, axis, all), dataOf(chart), places[i]));
    all.fit();
    if (shown !== undefined) all.show(shown.min, shown.max);
  };
  draw();
  followTheme(draw); // the words below a chart have its colours, and uPlot gives them but once
  return all;
}

const sizeOf = (place: HTMLElement): { width: number; height: number } => ({
  width: Math.max(200, place.clientWidth),
  height: fontPx() * HEIGHT_EM,
});

function optionsOf(chart: Chart, axis: CommonAxis, all: Curves): uPlot.Options {
  const lines = {
    stroke: () => palette().ink,
    font: `${Math.round(fontPx() * 0.9)}px system-ui, sans-serif`,
    grid: { stroke: () => palette().grid, width: 1 },
    ticks: { stroke: () => palette().grid, width: 1 },
  };
  return {
    width: 400,
    height: fontPx() * HEIGHT_EM,
    padding: [null, fontPx() * 1.5, null, null],
    scales: {
      x: { time: false, distr: axis.logarithmic ? 3 : 1 },
      y: axis.logarithmic
        ? { distr: 3 }
        : { range: (_, __, most) => [0, Math.max(1e-9, most * 1.08)] as [number, number] },
    },
    axes: [
      { ...lines, space: fontPx() * 6, incrs: STEPS, values: (_, values) => axis.formatMarks(values) },
      {
        ...lines,
        space: fontPx() * 2.2,
        size: (_, values) =>
          fontPx() * (1.2 + 0.55 * Math.max(3, ...(values ?? []).map((each) => each.length))),
        values: (_, values) => values.map((each) => (each === null ? '' : chart.format(each))),
      },
    ],
    series: [
      { label: axis.name, value: (plot, value) => valueText(plot, value, 0, axis.format) },
      ...chart.curves.map(({ name, colour, stepped }, i) => ({
        label: name,
        stroke: () => colourOf(colour),
        width: 2.5,
        dash: lineOf(i).dash,
        ...(stepped ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
        spanGaps: true,
        points: { show: axis.logarithmic ?? false }, // numbers that were chosen, not a course of time
        value: (plot: uPlot, value: number | null) => valueText(plot, value, i + 1, chart.format),
      })),
    ],
    legend: { markers: { dash: (_, i) => (i === 0 ? 'none' : lineOf(i - 1).border) } },
    cursor: {
      sync: { key: axis.name, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 8 },
    },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 3) return;
          all.onMarked(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** In the words below a chart: the value under the cursor and, while there is none, from which to which it goes. */
function valueText(
  plot: uPlot,
  value: number | null,
  series: number,
  format: (value: number) => string,
): string {
  if (value !== null && value !== undefined) return format(value);
  if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) return '–'; // this curve has no point there
  const known = ([...plot.data[series]!] as (number | null | undefined)[]).filter(
    (each) => each !== null && each !== undefined,
  );
  if (known.length === 0) return '–';
  const ends = [Math.min(...known), Math.max(...known)].map(format);
  return ends[0] === ends[1] ? ends[0]! : ends.join(' to ');
}

/** 1, 2 and 5 of every magnitude that a comparison can have. */
const STEPS = Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((each) => each * 10 ** i)).flat();

/** Curves need not have their points at the same places: where one has none it goes straight on. */
function dataOf({ curves: all }: Chart): uPlot.AlignedData {
  const places = [...new Set(all.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const columns = all.map(({ points }) => {
    const known = new Map(points);
    return places.map((x) => known.get(x));
  });
  return [places, ...columns];
}
