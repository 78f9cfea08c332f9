// The figures: the terminal's table with a column for each server, and its bars.

import { duration } from '../../../ui/quantities.js';
import type { Comparison, ModelResult } from '../../comparison.js';
import { barsOf, tableOf, whyFailed } from '../../summary.js';
import { PTHREAD } from '../../verdict.js';
import { element } from './dom.js';

export function figuresTable(comparison: Comparison): HTMLElement[] {
  const { models } = comparison;
  const head = models.map(({ mode, failure }) =>
    element('th', { scope: 'col' }, mode, failure === undefined ? '' : ' (failed)'),
  );
  const body = tableOf(comparison).map(({ name, values }) =>
    element(
      'tr',
      // A name that is set in belongs to the one above it.
      name.startsWith(' ') ? { class: 'sub' } : {},
      element('th', { scope: 'row' }, name.trim()),
      ...values.map((value) => element('td', {}, value ?? '–')),
    ),
  );
  return [
    element(
      'table',
      { class: 'figures' },
      element('thead', {}, element('tr', {}, element('td'), ...head)),
      element('tbody', {}, ...body),
    ),
    element('p', { class: 'note' }, notes(models).join(' ')),
  ];
}

function notes(models: readonly ModelResult[]): string[] {
  const load = models.map((model) => model.load).find((each) => each !== undefined);
  const started = models.some(({ figures }) => figures.threadsStarted > 0);
  return [
    ...models.flatMap(whyFailed),
    ...(started ? [`A thread here is a whole V8; ${PTHREAD}, measured by bench/pthread.c.`] : []),
    ...(load === undefined
      ? []
      : [`At full speed each server was alone, one after the other, for ${duration(load.seconds * 1e6)}.`]),
  ];
}

/** Each figure on a scale of its own. */
export function bars(comparison: Comparison): HTMLElement[] {
  return barsOf(comparison).flatMap(({ name, bars: each }) => [
    element('h3', {}, name),
    element(
      'dl',
      { class: 'bars' },
      ...each.flatMap(({ mode, share, text }) => {
        const bar = element('div', { class: 'bar' });
        bar.style.width = `${(share ?? 0) * 100}%`;
        if (share === undefined) bar.style.visibility = 'hidden';
        return [element('dt', {}, mode), element('dd', {}, bar, element('span', {}, text))];
      }),
    ),
  ]);
}
