// The figures: the terminal's table with a column for each server, and its bars.

import type { Comparison, ModelResult } from '../compare/comparison.js';
import { modelColour } from '../compare/model-colours.js';
import { costOf, startedBy } from '../compare/started.js';
import { barsOf, tableOf, whyFailed } from '../compare/summary.js';
import type { ServerName } from '../models/options.js';
import { duration } from '../terminal/quantities.js';
import { cssColour, painted } from './colours.js';
import { type Child, element, note } from './dom.js';

/** A model's column: its name, over its colour. */
export function modelHead(
  mode: ServerName,
  attributes: Readonly<Record<string, string>>,
  ...more: readonly Child[]
): HTMLElement {
  const head = element('th', attributes, mode, ...more);
  head.style.borderBottom = `3px solid ${cssColour(modelColour(mode))}`;
  return head;
}

export interface FigureRow {
  /** One that is set in belongs to the one above it. */
  readonly name: string;
  readonly values: readonly Child[];
}

/** It scrolls by itself where the window is narrower, and not the page with it. */
export function figureTable(
  heads: readonly (readonly HTMLElement[])[],
  rows: readonly FigureRow[],
): HTMLElement {
  const body = rows.map(({ name, values }) =>
    element(
      'tr',
      name.startsWith(' ') ? { class: 'sub' } : undefined,
      element('th', { scope: 'row' }, name.trim()),
      ...values.map((value) => element('td', value)),
    ),
  );
  const table = element(
    'table',
    { class: 'figures' },
    element('thead', ...heads.map((cells) => element('tr', ...cells))),
    element('tbody', ...body),
  );
  return element('div', { class: 'wide', tabindex: '0' }, table);
}

export function figuresTable(comparison: Comparison): HTMLElement[] {
  const { models } = comparison;
  const head = models.map(({ mode, failure }) =>
    modelHead(mode, { scope: 'col' }, failure === undefined ? '' : ' (failed)'),
  );
  const rows = tableOf(comparison).map(({ name, values }) => {
    return { name, values: values.map((value) => value ?? '–') };
  });
  return [figureTable([[element('td'), ...head]], rows), note(notes(models).join(' '))];
}

function notes(models: readonly ModelResult[]): string[] {
  const load = models.map((model) => model.load).find((each) => each !== undefined);
  const started = models.filter(({ figures }) => figures.threadsStarted > 0);
  return [
    ...models.flatMap(whyFailed),
    ...new Set(started.map(({ mode }) => costOf(startedBy(mode)))),
    ...(load === undefined
      ? []
      : [`At full speed each server was alone, one after the other, for ${duration(load.seconds * 1e6)}.`]),
  ];
}

/** Each figure on a scale of its own. */
export function bars(comparison: Comparison): HTMLElement[] {
  return barsOf(comparison).flatMap(({ name, bars: each }) => [
    element('h3', name),
    element(
      'dl',
      { class: 'bars' },
      ...each.flatMap(({ mode, share, text }) => {
        const bar = painted(element('div', { class: 'bar' }), modelColour(mode));
        bar.style.width = `${(share ?? 0) * 100}%`;
        if (share === undefined) bar.style.visibility = 'hidden';
        return [element('dt', mode), element('dd', bar, element('span', text))];
      }),
    ),
  ]);
}
