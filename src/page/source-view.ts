// The lines of the server's source at which one of its threads is: those that made the call which its last event names.
// Where that call has two places, both are shown; where nothing is known, none.

import type { ServerState, ThreadState } from '../lifecycle/state.js';
import { kindOfThread, possible, siteNameOf } from '../live/call-sites.js';
import type { PlaceInSource, SourceLines } from '../live/source-lines.js';
import { whatHappened } from '../terminal/words.js';
import { element, fill, note } from './dom.js';

const { places, lines }: SourceLines = JSON.parse(
  document.getElementById('source')?.textContent || '{"places":{},"lines":{}}',
);

const NOTE =
  "The line that made the call which the thread's last event names. Between two events it may be at any other.";

export class SourceView {
  readonly #title = element('h3');
  readonly #body = element('div');
  readonly root = element('div', { class: 'source' }, this.#title, this.#body);
  /** What is shown already. */
  #shown = '';

  /** `thread`: undefined where there is none. */
  show(state: ServerState, thread: ThreadState | undefined): void {
    const found = thread === undefined ? [] : placesOf(state, thread);
    this.root.hidden = thread === undefined || !isKnown(state, thread);
    if (thread === undefined || this.root.hidden) return;
    const said = whatHappened(thread.last, true);
    const key = `${thread.name} ${said}`;
    if (key === this.#shown) return;
    this.#shown = key;
    fill(this.#title, [`the code of ${thread.name}`, element('small', ` ${said}`)]);
    fill(this.#body, [
      ...(found.length > 1 ? [note('It is at one of these lines:')] : []),
      ...found.map(excerpt),
      note(found.length === 0 ? 'This event comes from more than one place.' : NOTE),
    ]);
  }
}

/** The tables are for servers that are built from these files, and on system calls. */
const isKnown = ({ listening }: ServerState, { name }: ThreadState): boolean =>
  listening?.engine === 'system-calls' && places[kindOfThread(name)] !== undefined;

function placesOf(
  { connections, closedConnections, counts }: ServerState,
  { name, last }: ThreadState,
): readonly PlaceInSource[] {
  const call = siteNameOf(last);
  const found = (call && places[kindOfThread(name)]?.[call]) ?? [];
  const id = 'connection' in last ? last.connection : undefined;
  // Where events are missing, a request may be among them.
  const knows = id !== undefined && counts.eventsMissing === 0;
  return possible(found, knows ? (connections.get(id) ?? closedConnections.get(id)) : undefined);
}

function excerpt({ file, line }: PlaceInSource): HTMLElement {
  const shown = Object.entries(lines[file] ?? {})
    .map(([number, text]) => ({ at: Number(number), text }))
    .filter(({ at }) => Math.abs(at - line) <= 3);
  const indent = Math.min(...shown.filter(({ text }) => text !== '').map(({ text }) => text.search(/\S/)));
  return element(
    'figure',
    element('figcaption', `${file}:${line}`),
    element(
      'pre',
      { tabindex: '0' },
      ...shown.map(({ at, text }) =>
        element(at === line ? 'mark' : 'span', { 'data-line': String(at) }, text.slice(indent)),
      ),
    ),
  );
}
