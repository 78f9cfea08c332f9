// What the page of a comparison and the page of a sweep have in common: their ends, and how a section looks.

import type { Claim, MachineFacts } from '../compare/comparison.js';
import type { ServerName } from '../models/options.js';
import { count, duration } from '../terminal/quantities.js';
import { switchTheme } from './colours.js';
import { button, element, note } from './dom.js';

/** What the page is of, and links to its sections by their ids. */
export function title(
  text: string,
  models: readonly { readonly mode: ServerName }[],
  ids: readonly string[],
): HTMLElement {
  const modes = models.map(({ mode }) => mode).join(', ');
  return element(
    'div',
    { class: 'title' },
    element('h1', text, element('small', ` ${modes}`)),
    navigation(ids),
  );
}

function navigation(ids: readonly string[]): HTMLElement {
  const links = ids.map((id) => element('a', { href: `#${id}` }, id));
  return element('nav', ...links, button('light / dark', 'the other of light and dark', switchTheme));
}

/** The sentences with what is below them, and the table beside them. */
export function findings(
  verdict: readonly Claim[],
  below: readonly HTMLElement[],
  figures: readonly HTMLElement[],
): HTMLElement {
  const claims = verdict.map(({ id, text }) => element('li', { 'data-id': id }, text));
  return element(
    'div',
    { class: 'findings' },
    section('verdict', 'The verdict', element('ul', ...claims), ...below),
    section('figures', 'The figures', ...figures),
  );
}

interface Origin {
  readonly machine: MachineFacts;
  readonly fairness: readonly string[];
  readonly version: string;
  readonly startedAt: string;
  readonly durationUs: number;
  readonly command?: string;
}

export function footer({ machine, fairness, version, startedAt, durationUs, command }: Origin): HTMLElement {
  const { cpu, cpus, memoryBytes, kernel, node } = machine;
  return element(
    'footer',
    element('h2', 'What the figures do not say'),
    element('ul', ...fairness.map((each) => element('li', each))),
    command === undefined ? undefined : element('p', element('code', command)),
    note(
      `evented-demo ${version}, ${startedAt}, ${duration(durationUs)}; ` +
        `${cpu}, ${count(cpus, 'CPU')}, ${Math.round(memoryBytes / 2 ** 30)} GB of memory; Linux ${kernel}; Node ${node.replace(/^v/, '')}. ` +
        'The curves are drawn by uPlot (MIT licence, in this page).',
    ),
  );
}

export function section(id: string, title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element('section', { id }, element('h2', title), ...children);
}

export const warningParagraph = (text: string): HTMLElement => element('p', { class: 'warning' }, text);

interface MeasuredRun {
  readonly cutShort: boolean;
  readonly durationUs: number;
  readonly models: readonly { readonly mode: ServerName; readonly failure?: string | undefined }[];
}

/** That it was cut short, which has this effect, and which servers failed. */
export function warnings({ cutShort, durationUs, models }: MeasuredRun, effect: string): HTMLElement[] {
  const failures = models.flatMap(({ mode, failure }) =>
    failure === undefined ? [] : `${mode}: ${failure}`,
  );
  const cut = cutShort ? [`Cut short after ${duration(durationUs)}: ${effect}.`] : [];
  return [...cut, ...failures].map(warningParagraph);
}
