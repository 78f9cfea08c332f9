// The report page, as the browser makes it: from the data in the page itself, and from nothing else.
// Bundled with all that it imports into one script, which ../report.ts puts into the page.

import { count, duration } from '../../../ui/quantities.js';
import type { ReportData } from '../report.js';
import { switchTheme } from './colours.js';
import { connectionStory } from './connection-story.js';
import { button, element, fill } from './dom.js';
import { laneTable, summary } from './lane-table.js';
import { modelOf } from './model.js';
import { sampleCurves } from './samples.js';
import { bars, figuresTable } from './table.js';
import { Timeline } from './timeline.js';

const data = document.getElementById('comparison')!.textContent!;
const comparison = JSON.parse(data) as ReportData;
const models = comparison.models.map((result) => modelOf(result, comparison));
const timeline = new Timeline(comparison, models);
const charts = sampleCurves(comparison);
const story = element('div', { id: 'connection', 'aria-live': 'polite' });

fill(document.getElementById('page')!, [
  heading(),
  element(
    'div',
    { class: 'findings' },
    verdict(),
    section('figures', 'The figures', ...figuresTable(comparison)),
  ),
  section('timeline', 'The timeline', summary(models), timeline.root, story, laneTable(models, comparison)),
  section(
    'curves',
    'Over time',
    note('Mark a stretch with the mouse to see it here and in the timeline.'),
    charts.root,
  ),
  footer(),
]);

timeline.onView = ({ from, to }) => charts.show(from, to);
timeline.onSelect = (id) => fill(story, id === undefined ? [] : [connectionStory(models, id)]);
charts.onMarked = (from, to) => timeline.show({ from, to });
const fit = (): void => {
  timeline.fit();
  charts.fit();
};
addEventListener('resize', fit);
fit();
timeline.reset();

function heading(): HTMLElement {
  const { scenario, pace, cutShort } = comparison;
  const links = ['verdict', 'figures', 'timeline', 'curves'].map((id) =>
    element('a', { href: `#${id}` }, id),
  );
  return element(
    'header',
    {},
    element('nav', {}, ...links, button('light / dark', 'the other of light and dark', switchTheme)),
    element(
      'h1',
      {},
      scenario.name,
      element('small', {}, ` ${comparison.models.map(({ mode }) => mode).join(', ')}`),
    ),
    element('p', { class: 'question' }, scenario.question),
    element('p', {}, scenario.teaches),
    pace === undefined
      ? undefined
      : warning(`Slowed down by --pace ${pace}: every duration is the pace's, and none the server's own.`),
    cutShort
      ? warning(`Cut short after ${duration(comparison.durationUs)}: this is not the whole story.`)
      : undefined,
    ...comparison.models.map(({ mode, failure }) =>
      failure === undefined ? undefined : warning(`${mode}: ${failure}`),
    ),
  );
}

function verdict(): HTMLElement {
  const claims = comparison.verdict.map(({ id, text }) => element('li', { 'data-id': id }, text));
  return section('verdict', 'The verdict', element('ul', {}, ...claims), ...bars(comparison));
}

function footer(): HTMLElement {
  const { machine, fairness, version, startedAt, durationUs, command } = comparison;
  const { cpu, cpus, memoryBytes, kernel, node } = machine;
  return element(
    'footer',
    {},
    element('h2', {}, 'What the figures do not say'),
    element('ul', {}, ...fairness.map((each) => element('li', {}, each))),
    command === undefined ? undefined : element('p', {}, element('code', {}, command)),
    note(
      `evented-demo ${version}, ${startedAt}, ${duration(durationUs)}; ` +
        `${cpu}, ${count(cpus, 'CPU')}, ${Math.round(memoryBytes / 2 ** 30)} GB of memory; Linux ${kernel}; Node ${node.replace(/^v/, '')}. ` +
        'The curves are drawn by uPlot (MIT licence, in this page).',
    ),
  );
}

function section(id: string, title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element('section', { id }, element('h2', {}, title), ...children);
}

function note(text: string): HTMLElement {
  return element('p', { class: 'note' }, text);
}

function warning(text: string): HTMLElement {
  return element('p', { class: 'warning' }, text);
}
