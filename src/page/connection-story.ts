// One connection's events in every server, side by side: what the lines on the terminal say of it.

import { number, seconds } from '../terminal/quantities.js';
import { whatHappened } from '../terminal/words.js';
import { nameOf } from './describe.js';
import { element } from './dom.js';
import type { Model } from './model.js';
import { chip } from './timeline.js';

/** As many lines as can be read; a long reply has hundreds. */
const MOST_LINES = 60;

export function connectionStory(models: readonly Model[], connection: number): HTMLElement {
  const columns = models.map((model) => {
    const events = model.eventsOf(connection);
    const lines = events
      .slice(0, MOST_LINES)
      .map((event) =>
        element(
          'tr',
          {},
          element('td', { class: 'time' }, seconds(event.at)),
          element('td', {}, event.thread),
          element('td', {}, whatHappened(event)),
        ),
      );
    const more = events.length - lines.length;
    return element(
      'section',
      {},
      element(
        'h4',
        {},
        `${model.result.mode} `,
        chip(connection),
        nameOf(model, connection).replace(/^#\d+/, ''),
      ),
      events.length === 0
        ? element('p', {}, 'This server has no such connection.')
        : element('table', {}, ...lines),
      more > 0 ? element('p', {}, `and ${number(more)} events more`) : undefined,
    );
  });
  return element('div', { class: 'connection' }, ...columns);
}
