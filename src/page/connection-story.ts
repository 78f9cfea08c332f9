// One connection's events in every server, side by side: what the lines on the terminal say of it.

import { connectionColour } from '../compare/report/connection-colours.js';
import { formatFourTuple } from '../net/four-tuple.js';
import { number, seconds } from '../terminal/quantities.js';
import { whatHappened } from '../terminal/words.js';
import { painted } from './colours.js';
import { type Child, element } from './dom.js';
import type { ModelTimeline } from './model-timeline.js';

/** As many lines as can be read; a long reply has hundreds. */
const MOST_LINES = 60;

/** A connection's id in its colour. */
export const chip = (connection: number): HTMLElement =>
  painted(element('span', { class: 'chip' }, `#${connection}`), connectionColour(connection));

export function chipAndTuple(model: ModelTimeline, connection: number): Child[] {
  const fourTuple = model.rowOf(connection)?.fourTuple;
  return [chip(connection), fourTuple && ` ${formatFourTuple(fourTuple)}`];
}

export function connectionStory(models: readonly ModelTimeline[], connection: number): HTMLElement {
  const columns = models.map((model) => {
    const events = model.rowOf(connection)?.events ?? [];
    const lines = events
      .slice(0, MOST_LINES)
      .map((event) =>
        element(
          'tr',
          element('td', { class: 'time' }, seconds(event.at)),
          element('td', event.thread),
          element('td', whatHappened(event)),
        ),
      );
    const more = events.length - lines.length;
    return element(
      'section',
      element('h4', `${model.result.mode} `, ...chipAndTuple(model, connection)),
      events.length === 0 ? element('p', 'This server has no such connection.') : element('table', ...lines),
      more > 0 ? element('p', `and ${number(more)} events more`) : undefined,
    );
  });
  return element('div', { class: 'connection' }, ...columns);
}
