// One server of a moving page: its name and totals, its lanes, and what it has at the moment that is shown, as tables.

import { doingOf } from '../board/doing.js';
import { modelColour } from '../compare/model-colours.js';
import { connectionColour } from '../compare/report/connection-colours.js';
import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import type { ServerState } from '../lifecycle/state.js';
import { formatFourTuple } from '../net/four-tuple.js';
import { count, duration, seconds } from '../terminal/quantities.js';
import { whatHappened, worthTelling } from '../terminal/words.js';
import { cssColour, palette } from './colours.js';
import { type Child, element, fill } from './dom.js';
import { paint, type View } from './lane-painter.js';
import type { MovingLanes } from './moving-lanes.js';
import { ticks } from './ticks.js';

/** Rows of a table; what more there is, is counted. */
const MOST_ROWS = 12;
const MOST_CONNECTION_LANES = 16;
const MOST_THREAD_LANES = 16;
const MOST_EVENTS = 8;
/** CSS pixels from one mark of the time axis to the next, at least. */
const TICK_PX = 120;

/** What is shown of a server. */
export interface Moment {
  readonly state: ServerState;
  /** The last events before this moment, the newest last. */
  readonly recent: readonly LifecycleEvent[];
  readonly totals: Totals | undefined;
  /** In microseconds. */
  readonly now: number;
  readonly view: View;
  readonly followed: number | undefined;
}

export class ServerView {
  readonly root: HTMLElement;
  readonly canvas = element('canvas');
  readonly #lanes: MovingLanes;
  readonly #head = element('p', { class: 'totals' });
  readonly #names = element('div', { class: 'names' });
  readonly #plot: HTMLElement;
  readonly #cursor = element('div', { class: 'cursor' });
  readonly #threads = element('tbody');
  readonly #connections = element('tbody');
  readonly #interest = element('tbody');
  readonly #events = element('ol', { class: 'events' });
  readonly #interestPart: HTMLElement;
  /** What each row of the canvas is. */
  #rows: readonly { readonly connection?: number | undefined }[] = [];
  onFollow: (connection: number) => void = () => {};

  constructor(name: string, mode: string, lanes: MovingLanes) {
    this.#lanes = lanes;
    const swatch = element('span', { class: 'swatch' });
    swatch.style.backgroundColor = cssColour(modelColour(mode));
    this.#plot = element('div', { class: 'plot' }, this.canvas, this.#cursor);
    this.#interestPart = part('interest list', ['fd', 'whose', 'waits for', 'last ready'], this.#interest);
    this.root = element(
      'section',
      { class: 'server', 'data-mode': mode },
      element('h2', {}, swatch, ` ${name}`),
      this.#head,
      element('div', { class: 'moving' }, this.#names, this.#plot),
      element(
        'div',
        { class: 'parts' },
        part('threads', ['name', 'does', 'for'], this.#threads),
        part('connections', ['id', '4-tuple', 'fd', 'stage', 'for'], this.#connections),
        this.#interestPart,
        element('div', {}, element('h3', {}, 'last events'), this.#events),
      ),
    );
    this.root.addEventListener('click', ({ target }) => {
      const id = (target as Element).closest<HTMLElement>('[data-connection]')?.dataset.connection;
      if (id) this.onFollow(Number(id));
    });
    this.canvas.addEventListener('click', ({ offsetY }) => {
      const row = this.#rows[Math.floor(offsetY / this.#rowHeight)];
      if (row?.connection !== undefined) this.onFollow(row.connection);
    });
  }

  get width(): number {
    return this.#plot.clientWidth;
  }

  show(moment: Moment): void {
    const { state, totals } = moment;
    const { listening } = state;
    const counted = totals ?? state.stopped;
    fill(this.#head, [
      [
        listening === undefined
          ? 'not listening'
          : `${listening.address} port ${listening.port}, pid ${listening.pid}`,
        `${state.connections.size} open`,
        count(counted?.connections ?? state.counts.accepted, 'connection'),
        count(counted?.requests ?? state.counts.requests, 'request'),
        `${count(counted?.bytesOut ?? state.counts.bytesOut, 'byte')} out`,
        ...(state.stopped === undefined ? [] : ['stopped']),
      ].join(' · '),
    ]);
    this.#showLanes(moment);
    this.#showTables(moment);
  }

  get #rowHeight(): number {
    return Math.round(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 1.5);
  }

  #showLanes({ view, now, followed }: Moment): void {
    const all = this.#lanes.inView(view.from, view.to, MOST_CONNECTION_LANES);
    const threads = all.filter(({ connection }) => connection === undefined).slice(0, MOST_THREAD_LANES);
    const lanes = [...threads, ...all.filter(({ connection }) => connection !== undefined)];
    const height = this.#rowHeight;
    this.#rows = lanes;
    fill(
      this.#names,
      lanes.map(({ name, connection }) => named(name, connection, height)),
    );
    const { width } = this;
    const scale = width / (view.to - view.from);
    paint(this.canvas, {
      boxes: lanes.map((track, i) => ({ track, top: i * height, height })),
      view,
      width,
      height: Math.max(1, lanes.length * height),
      scrollTop: 0,
      palette: palette(),
      fontPx: Math.round(height * 0.6),
      grid: ticks(view.from, view.to, width / TICK_PX).map(({ at }) => at),
      marks: [],
      selected: followed,
      openAt: () => 0,
    });
    // Beyond the moment that is shown nothing is known yet, or was not to be seen.
    this.#cursor.style.left = `${(now - view.from) * scale}px`;
    this.#cursor.style.width = `${Math.max(0, (view.to - now) * scale)}px`;
  }

  #showTables({ state, now, recent, followed }: Moment): void {
    const age = (since: number): string => (now >= since ? duration(now - since) : '');
    const rows = (body: HTMLElement, all: readonly HTMLElement[]): void => {
      const more = all.length - MOST_ROWS;
      const rest = more > 0 ? [element('tr', {}, element('td', { colspan: '5' }, `and ${more} more`))] : [];
      fill(body, [...all.slice(0, MOST_ROWS), ...rest]);
    };
    rows(
      this.#threads,
      [...state.threads.values()].map((thread) =>
        row(thread.activity.connection, followed, thread.name, doingOf(thread), age(thread.activity.since)),
      ),
    );
    rows(
      this.#connections,
      [...state.connections.values()].map(({ id, fd, fourTuple, stage, since }) =>
        row(
          id,
          followed,
          chipOf(id),
          fourTuple === undefined ? '?' : formatFourTuple(fourTuple),
          String(fd),
          stage,
          age(since),
        ),
      ),
    );
    const list = state.interestList;
    this.#interestPart.hidden = list.length === 0;
    rows(
      this.#interest,
      list.map(({ fd, connection, interest, readiness, readyAt }) =>
        row(
          connection,
          followed,
          String(fd),
          connection === undefined ? 'listener' : chipOf(connection),
          interest,
          readiness === undefined ? '' : `${readiness}, ${age(readyAt!)} ago`,
        ),
      ),
    );
    fill(
      this.#events,
      worthTelling(recent)
        .slice(-MOST_EVENTS)
        .map((event) =>
          element(
            'li',
            {},
            element('time', {}, seconds(event.at)),
            ` ${event.thread} `,
            'connection' in event && event.connection ? chipOf(event.connection) : undefined,
            ` ${whatHappened(event)}`,
          ),
        ),
    );
  }
}

function part(title: string, headings: readonly string[], body: HTMLElement): HTMLElement {
  const cells = headings.map((heading) => element('th', { scope: 'col' }, heading));
  return element(
    'div',
    { class: 'wide' },
    element('h3', {}, title),
    element('table', {}, element('thead', {}, element('tr', {}, ...cells)), body),
  );
}

function row(
  connection: number | undefined,
  followed: number | undefined,
  ...cells: readonly Child[]
): HTMLElement {
  const other = followed !== undefined && connection !== followed;
  return element('tr', other ? { class: 'other' } : {}, ...cells.map((cell) => element('td', {}, cell)));
}

function named(name: string, connection: number | undefined, height: number): HTMLElement {
  const made = element('div', {}, connection === undefined ? name : chipOf(connection));
  made.style.height = `${height}px`;
  made.style.lineHeight = `${height}px`;
  return made;
}

function chipOf(connection: number): HTMLElement {
  const made = element(
    'button',
    { type: 'button', class: 'chip', 'data-connection': String(connection) },
    `#${connection}`,
  );
  made.style.backgroundColor = cssColour(connectionColour(connection));
  return made;
}
