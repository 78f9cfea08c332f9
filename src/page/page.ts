// The report page, as the browser makes it: from the data in the page itself, and from nothing else.
// Bundled with all that it imports into one script, which ../report.ts puts into the page.

import type { ReportData } from '../compare/report/report.js';
import { lessonOf } from '../compare/verdict.js';
import { byPace } from '../models/options.js';
import { connectionStory } from './connection-story.js';
import { element, fill, note } from './dom.js';
import { laneSummary, laneTable } from './lane-table.js';
import { timelineOf } from './model-timeline.js';
import { findings, footer, section, title, warningParagraph, warnings } from './parts.js';
import { sampleCurves } from './samples.js';
import { bars, figuresTable } from './table.js';
import { TimelineView } from './timeline-view.js';

const data = document.getElementById('comparison')!.textContent!;
const comparison = JSON.parse(data) as ReportData;
const models = comparison.models.map((result) => timelineOf(result, comparison));
const timeline = new TimelineView(comparison, models);
const charts = sampleCurves(models);
const story = element('div', { id: 'connection', 'aria-live': 'polite' });

fill(document.getElementById('page')!, [
  heading(),
  section('timeline', 'The timeline', timeline.root, story),
  findings(comparison.verdict, bars(comparison), figuresTable(comparison)),
  section(
    'curves',
    'Over time',
    note('Mark a stretch with the mouse to see it here and in the timeline.'),
    charts.root,
  ),
  section(
    'numbers',
    'The timeline in numbers',
    laneSummary(models, comparison),
    laneTable(models, comparison),
  ),
  footer(comparison),
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
  const { scenario, pace } = comparison;
  return element(
    'header',
    title(scenario.name, comparison.models, ['timeline', 'verdict', 'figures', 'curves']),
    element('p', { class: 'question' }, scenario.question),
    element('p', lessonOf(comparison)),
    pace === undefined
      ? undefined
      : warningParagraph(
          `Slowed down ${byPace(pace)}: every duration is the pace's, and none the server's own.`,
        ),
    ...warnings(comparison, 'this is not the whole story'),
  );
}
