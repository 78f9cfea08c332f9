// One server in the timeline: its heading, the lanes of its threads, and below them its connections.

import type { Comparison } from '../compare/comparison.js';
import { mostAtOnce } from '../compare/intervals.js';
import { modelColour } from '../compare/model-colours.js';
import { waitsOf } from '../compare/report/waterfall.js';
import { count, countServants, number } from '../terminal/quantities.js';
import { painted } from './colours.js';
import { element, note } from './dom.js';
import type { ModelTimeline } from './model-timeline.js';
import { type TrackGroup, TrackPanel } from './track-panel.js';

const TITLES: Record<string, string> = {
  iterative: 'one thread, one connection at a time',
  blocking: 'a thread for each connection',
  evented: 'one thread, one loop, every connection',
};

/** A server's heading, and what stands in rows below it. */
interface ServerLanes {
  readonly root: HTMLElement;
  readonly panels: readonly TrackPanel[];
}

export function serverLanes(model: ModelTimeline, { steps }: Comparison, onChange: () => void): ServerLanes {
  const { mode, command, pid, failure, eventsMissing } = model.result;
  const about = [
    command ?? TITLES[mode],
    ...(pid === 0 ? [] : [`${countServants(mode, model.lanes.length)}, pid ${pid}`]),
  ];
  const marks = steps.map(({ at }) => at);
  const panel = (group: TrackGroup): TrackPanel => new TrackPanel(model, group, marks, onChange);
  const panels = [panel(threads(model)), ...(model.rows.length === 0 ? [] : [panel(connections(model))])];
  const root = element(
    'div',
    { class: 'server', 'data-mode': mode },
    element(
      'h3',
      painted(element('span', { class: 'swatch' }), modelColour(mode)),
      mode,
      element('small', ` ${about.filter((text) => text !== undefined).join('; ')}`),
    ),
    failure === undefined ? undefined : element('p', { class: 'failure' }, failure),
    eventsMissing === 0
      ? undefined
      : note(
          `${number(eventsMissing)} further events are not on this page: the lanes end where the page's events do.`,
        ),
    ...panels.map((each) => each.root),
  );
  return { root, panels };
}

const threads = ({ lanes, result: { mode } }: ModelTimeline): TrackGroup => ({
  tracks: lanes,
  heading: undefined,
  mostUnfolded: 14,
  shownInFull: 6,
  thinRoom: 0.18,
  nameOf: (row) => {
    const { thread, tid } = lanes[row]!;
    const attributes = { 'data-thread': thread, 'data-tid': String(tid) };
    return element('div', attributes, thread, element('small', ` ${tid}`));
  },
  count: (many) => countServants(mode, many),
});

function connections({ rows }: ModelTimeline): TrackGroup {
  const waiting = mostAtOnce(waitsOf(rows));
  return {
    tracks: rows,
    heading:
      `${count(rows.length, 'connection')}` +
      (waiting === 0 ? '' : `; at most ${number(waiting)} at once in the accept queue`),
    mostUnfolded: 6,
    shownInFull: 0,
    thinRoom: 0.16,
    nameOf: (row) => {
      const { connection, fourTuple } = rows[row]!;
      return element(
        'div',
        { 'data-connection': String(connection ?? '') },
        connection === undefined ? 'never accepted' : `#${connection}`,
        element('small', fourTuple === undefined ? '' : ` :${fourTuple[1]}`),
      );
    },
    count: (many) => count(many, 'connection'),
  };
}
