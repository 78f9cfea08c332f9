// The timeline for a reader who cannot see it, or wants its numbers: what each thread did, as sums.

import type { Comparison } from '../compare/comparison.js';
import type { Lane, LaneState } from '../compare/report/lanes.js';
import { count, countServants, duration } from '../terminal/quantities.js';
import { element } from './dom.js';
import { atWork, type ModelTimeline } from './model-timeline.js';

const STATES: readonly LaneState[] = ['starting', 'asleep', 'idle', 'working'];

/** A sentence for each server. How long one was awake is not said of a paced run: most of it would be pauses. */
export function laneSummary(models: readonly ModelTimeline[], { pace }: Comparison): HTMLElement {
  const sentences = models
    .filter(({ lanes }) => lanes.length > 0)
    .map(({ result, lanes }) => {
      const served = new Set(lanes.flatMap(connectionsOf)).size;
      const worked = lanes.reduce((sum, lane) => sum + timeIn(lane, 'working'), 0);
      const awake = pace === undefined ? `, awake for ${duration(worked)} in all` : '';
      return `${result.mode}: ${countServants(result.mode, lanes.length)} for ${count(served, 'connection')}${awake}.`;
    });
  return element('p', { id: 'summary' }, sentences.join(' '));
}

export function laneTable(models: readonly ModelTimeline[], comparison: Comparison): HTMLElement {
  const { steps } = comparison;
  const states = ['starting', 'asleep', 'idle', atWork(comparison)];
  const head = ['server', 'thread', 'tid', ...states, 'pieces', 'connections'];
  const rows = models.flatMap(({ result, lanes }) => lanes.map((lane) => row(result.mode, lane)));
  return element(
    'details',
    element('summary', 'What each thread did'),
    element(
      'ol',
      { class: 'told' },
      ...steps.map(({ at, text }) => element('li', `${duration(at)}: ${text}`)),
    ),
    element(
      'table',
      { id: 'lanes' },
      element('thead', element('tr', ...head.map((each) => element('th', { scope: 'col' }, each)))),
      element('tbody', ...rows),
    ),
  );
}

function row(mode: string, lane: Lane): HTMLElement {
  const served = connectionsOf(lane);
  const some = served.slice(0, 20).map((id) => `#${id}`);
  if (served.length > some.length) some.push(`and ${served.length - some.length} more`);
  const cells = [mode, lane.thread, String(lane.tid)].map((text) => element('td', text));
  const times = STATES.map((state) => {
    const us = timeIn(lane, state);
    return element('td', { 'data-us': String(us), 'data-state': state }, us === 0 ? '' : duration(us));
  });
  return element(
    'tr',
    ...cells,
    ...times,
    element('td', String(lane.segments.length)),
    element('td', some.join(' ')),
  );
}

const timeIn = ({ segments }: Lane, state: LaneState): number =>
  segments.reduce((sum, each) => (each.state === state ? sum + each.to - each.from : sum), 0);

const connectionsOf = ({ segments }: Lane): number[] => [
  ...new Set(segments.flatMap(({ connection }) => (connection === undefined ? [] : [connection]))),
];
