// The page of a sweep, as the browser makes it from the data in the page: the terminal's table and sentences, and the
// curves over the number of connections. Bundled like page.ts.

import { modelColour } from '../compare/model-colours.js';
import type { SweepData } from '../compare/report/report.js';
import { capSentence } from '../compare/sweep/quantities.js';
import { bookNumber, COLUMNS, CURVES, connectionCounts, shortDuration } from '../compare/sweep/summary.js';
import { number } from '../terminal/quantities.js';
import { type Chart, type CommonAxis, curves } from './curves.js';
import { element, fill, note } from './dom.js';
import { findings, footer, section, title, warnings } from './parts.js';
import { figureTable, modelHead } from './table.js';

const sweep = JSON.parse(document.getElementById('comparison')!.textContent!) as SweepData;
/** Of calls, which are no models: none is a model's. */
const BOOK_COLOURS = [
  { light: '#1b7a3d', dark: '#5fd38a' },
  { light: '#9a1f4d', dark: '#ff8fb3' },
  { light: '#56616d', dark: '#c3ccd5' },
];

const { textbook, from, to } = sweep;
const models = sweep.models.filter(({ points }) => points.length > 0);

const charts = [
  curves(measuredCharts(), axisOf('connections')),
  curves([bookChart()], axisOf('descriptors')),
];

fill(document.getElementById('page')!, [
  heading(),
  findings(
    sweep.verdict,
    [element('h3', 'How far'), caps()],
    [figures(), note('Memory is what was added since it began to listen; p50 and p99 are of the probe.')],
  ),
  section('curves', 'By idle connections', note('Both axes are logarithmic.'), charts[0]!.root),
  section(
    'book',
    `From the book: ${textbook.title}`,
    bookTable(),
    charts[1]!.root,
    note(`${textbook.source}. ${textbook.measured}`),
  ),
  footer(sweep),
]);

const fit = (): void => {
  for (const each of charts) each.fit();
};
addEventListener('resize', fit);
fit();

function heading(): HTMLElement {
  return element(
    'header',
    title(`${number(from)} to ${number(to)} connections`, sweep.models, [
      'verdict',
      'figures',
      'curves',
      'book',
    ]),
    element('p', { class: 'question' }, 'What does each idle connection cost?'),
    element(
      'p',
      'One model after the other held more and more idle connections. At each number 300 quick requests were asked one after the other (the probe), and the server was put under load for a second.',
    ),
    ...warnings(sweep, 'the figures are of what was done by then'),
  );
}

/** How far each model was driven, and why no further. */
function caps(): HTMLElement {
  return element('ul', ...sweep.models.map(({ mode, cap }) => element('li', `${mode}: ${capSentence(cap)}`)));
}

function figures(): HTMLElement {
  const groups = models.map(({ mode }) =>
    modelHead(mode, { scope: 'colgroup', colspan: String(COLUMNS.length) }),
  );
  const heads = models.flatMap(() =>
    COLUMNS.map(({ head, unit }) => columnHead(unit === '' ? head : `${head} ${unit}`)),
  );
  const rows = connectionCounts(models).map((connections) => ({
    name: number(connections),
    values: models.flatMap((model) => {
      const point = model.points.find((each) => each.connections === connections);
      return COLUMNS.map(({ value }) => (point === undefined ? '' : value(point, model)));
    }),
  }));
  return figureTable(
    [
      [element('td'), ...groups],
      [columnHead('connections'), ...heads],
    ],
    rows,
  );
}

function columnHead(text: string): HTMLElement {
  return element('th', { scope: 'col' }, text);
}

function axisOf(name: string): CommonAxis {
  return {
    name,
    logarithmic: true,
    formatMarks: (values) => values.map((each) => (each === null ? '' : number(each))),
    format: number,
  };
}

function measuredCharts(): Chart[] {
  const median: (typeof CURVES)[number] = {
    title: 'probe, p50',
    of: ({ probe }) => probe.p50,
    format: shortDuration,
  };
  return [...CURVES, median].map(({ title, of, format }) => ({
    title,
    format,
    curves: models.map((model) => ({
      name: model.mode,
      colour: modelColour(model.mode),
      points: model.points.map((point) => [point.connections, of(point, model)] as const),
    })),
  }));
}

function bookTable(): HTMLElement {
  const { descriptors, rows } = textbook;
  return figureTable(
    [[columnHead('descriptors'), ...descriptors.map((each) => columnHead(number(each)))]],
    rows.map(({ call, seconds }) => ({ name: call, values: seconds.map(bookNumber) })),
  );
}

function bookChart(): Chart {
  const { descriptors, rows } = textbook;
  return {
    title: textbook.title,
    format: (value) => `${Number(value.toPrecision(2)).toLocaleString('en')} s`,
    curves: rows.map(({ call, seconds }, i) => ({
      name: call,
      colour: BOOK_COLOURS[i % BOOK_COLOURS.length]!,
      points: seconds.map((each, i) => [descriptors[i]!, each] as const),
    })),
  };
}
