// One server of a moving page: its name and totals, its lanes, and what it has at the moment that is shown, as tables.

import { doingOf } from '../board/doing.js';
import { type Followed, type IsOther, othersIn } from '../board/followed.js';
import type { Interval } from '../compare/intervals.js';
import { modelColour } from '../compare/model-colours.js';
import { connectionColour } from '../compare/report/connection-colours.js';
import type { LifecycleEvent, Totals } from '../lifecycle/events.js';
import type { ServerState, ThreadState } from '../lifecycle/state.js';
import { formatFourTuple } from '../net/four-tuple.js';
import { count, duration, seconds, servantsOf } from '../terminal/quantities.js';
import { whatHappened, worthTelling } from '../terminal/words.js';
import { painted } from './colours.js';
import { element, fontPx, update } from './dom.js';
import { paint } from './lane-painter.js';
import { type LiveRow, LiveTable } from './live-table.js';
import type { MovingLane, MovingLanes } from './moving-lanes.js';
import { SourceView } from './source-view.js';
import { ticks } from './ticks.js';

const MOST_CONNECTION_LANES = 16;
const MOST_THREAD_LANES = 16;
const MOST_EVENTS = 8;
/** CSS pixels from one mark of the time axis to the next, at least. */
const TICK_PX = 120;

/** What is shown of a server. */
export interface ShownMoment {
  readonly state: ServerState;
  /** The last events before this moment, the newest last. */
  readonly recent: readonly LifecycleEvent[];
  readonly totals: Totals | undefined;
  /** In microseconds. */
  readonly now: number;
  readonly view: Interval;
  readonly followed: Followed;
}

export class ServerView {
  readonly root: HTMLElement;
  readonly canvas = element('canvas');
  readonly #lanes: MovingLanes;
  readonly #head = element('p', { class: 'totals' });
  readonly #names = element('div', { class: 'names' });
  readonly #plot: HTMLElement;
  readonly #cursor = element('div', { class: 'cursor' });
  readonly #threads: LiveTable;
  readonly #connections = new LiveTable('connections', ['id', '4-tuple', 'fd', 'stage', 'for']);
  readonly #interest = new LiveTable('interest list', ['fd', 'whose', 'waits for', 'last ready']);
  /** With io_uring it takes the place of the interest list. */
  readonly #inFlight = new LiveTable('in flight', ['fd', 'whose', 'the kernel was asked for']);
  readonly #events = element('ol', { class: 'events' });
  readonly #source = new SourceView();
  /** The thread whose code is shown, by its tid; otherwise the one that has done something last. */
  #selected: number | undefined;
  /** What each row of the canvas is. */
  #rows: readonly { readonly connection?: number | undefined }[] = [];
  onFollow: (followed: number | string) => void = () => {};

  constructor(name: string, mode: string, lanes: MovingLanes) {
    this.#lanes = lanes;
    this.#threads = new LiveTable(servantsOf(mode), ['name', 'does', 'for']);
    const swatch = painted(element('span', { class: 'swatch' }), modelColour(mode));
    this.#plot = element('div', { class: 'plot' }, this.canvas, this.#cursor);
    this.root = element(
      'section',
      { class: 'server', 'data-mode': mode },
      element('h2', swatch, ` ${name}`),
      this.#head,
      element('div', { class: 'moving' }, this.#names, this.#plot),
      element(
        'div',
        { class: 'parts' },
        this.#threads.root,
        this.#connections.root,
        this.#interest.root,
        this.#inFlight.root,
        element('div', element('h3', 'last events'), this.#events),
        this.#source.root,
      ),
    );
    this.root.addEventListener('click', ({ target }) => {
      const { connection, client, tid } =
        (target as Element).closest<HTMLElement>('[data-connection], [data-client], [data-tid]')?.dataset ??
        {};
      if (tid !== undefined) this.#selected = Number(tid) === this.#selected ? undefined : Number(tid);
      if (client !== undefined) this.onFollow(client);
      else if (connection) this.onFollow(Number(connection));
    });
    this.canvas.addEventListener('click', ({ offsetY }) => {
      const row = this.#rows[Math.floor(offsetY / this.#rowHeight)];
      if (row?.connection !== undefined) this.onFollow(row.connection);
    });
  }

  get width(): number {
    return this.#plot.clientWidth;
  }

  show(moment: ShownMoment): void {
    const { state, totals } = moment;
    const { listening } = state;
    const counted = totals ?? state.stopped;
    update(this.#head, [
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
    return Math.round(fontPx() * 1.5);
  }

  #showLanes({ view, now, followed }: ShownMoment): void {
    const all = this.#lanes.inView(view.from, view.to, MOST_CONNECTION_LANES);
    const threads = all.filter(({ connection }) => connection === undefined).slice(0, MOST_THREAD_LANES);
    const lanes = [...threads, ...all.filter(({ connection }) => connection !== undefined)];
    const height = this.#rowHeight;
    this.#rows = lanes;
    update(
      this.#names,
      lanes.map((lane) => named(lane, height)),
    );
    const { width } = this;
    const scale = width / (view.to - view.from);
    paint(this.canvas, {
      boxes: lanes.map((track, i) => ({ track, top: i * height, height })),
      view,
      width,
      height: Math.max(1, lanes.length * height),
      scrollTop: 0,
      fontPx: Math.round(height * 0.6),
      grid: ticks(view.from, view.to, width / TICK_PX).map(({ at }) => at),
      marks: [],
      isOther: othersIn(this.#lanes, followed),
      openAt: () => 0,
    });
    // Beyond the moment that is shown nothing is known yet, or was not to be seen.
    this.#cursor.style.left = `${(now - view.from) * scale}px`;
    this.#cursor.style.width = `${Math.max(0, (view.to - now) * scale)}px`;
  }

  /** The one that was chosen; the one that serves whom is followed; otherwise the one that has done something last. */
  #threadWithCode(
    { threads }: ServerState,
    recent: ShownMoment['recent'],
    isOther: IsOther,
  ): ThreadState | undefined {
    const own = recent.filter(({ tid }) => threads.has(tid));
    const last = own.findLast((event) => !isOther('connection' in event ? event.connection : undefined));
    return threads.get(this.#selected ?? 0) ?? threads.get((last ?? own.at(-1))?.tid ?? 0);
  }

  /** Shows its code. */
  #threadButton({ name, tid }: ThreadState): HTMLElement {
    const pressed = String(tid === this.#selected);
    const attributes = { type: 'button', class: 'thread', title: 'its code', 'data-tid': String(tid) };
    return element('button', { ...attributes, 'aria-pressed': pressed }, name);
  }

  #showTables({ state, now, recent, followed }: ShownMoment): void {
    const isOther = othersIn(state, followed);
    const age = (since: number): string => (now >= since ? duration(now - since) : '');
    const row = (connection: number | undefined, ...cells: LiveRow['cells']): LiveRow => ({
      cells,
      other: isOther(connection),
    });
    const whose = (connection: number | undefined): HTMLElement | string =>
      connection === undefined ? 'listener' : chipOf(connection);
    this.#threads.show(
      [...state.threads.values()].map((thread) =>
        row(
          thread.activity.connection,
          this.#threadButton(thread),
          doingOf(thread),
          age(thread.activity.since),
        ),
      ),
    );
    this.#connections.show(
      [...state.connections.values()].map(({ id, fd, fourTuple, stage, since, client }) =>
        row(
          id,
          element('span', chipOf(id), clientChip(client)),
          fourTuple === undefined ? '?' : formatFourTuple(fourTuple),
          String(fd),
          stage,
          age(since),
        ),
      ),
    );
    this.#interest.showIfAny(
      state.interestList.map(({ fd, connection, interest, readiness, readyAt }) =>
        row(
          connection,
          String(fd),
          whose(connection),
          interest,
          readiness === undefined ? '' : `${readiness}, ${age(readyAt!)} ago`,
        ),
      ),
    );
    this.#inFlight.showIfAny(
      state.inFlight.map(({ fd, connection, operations }) =>
        row(connection, String(fd), whose(connection), operations.join(', ')),
      ),
    );
    this.#source.show(state, this.#threadWithCode(state, recent, isOther));
    update(
      this.#events,
      worthTelling(recent)
        .slice(-MOST_EVENTS)
        .map((event) =>
          element(
            'li',
            element('time', seconds(event.at)),
            ` ${event.thread} `,
            'connection' in event && event.connection ? chipOf(event.connection) : undefined,
            ` ${whatHappened(event)}`,
          ),
        ),
    );
  }
}

function named({ name, connection, client = '' }: MovingLane, height: number): HTMLElement {
  const made = element(
    'div',
    ...(connection === undefined ? [name] : [chipOf(connection), element('small', ` ${client}`)]),
  );
  made.style.height = `${height}px`;
  made.style.lineHeight = `${height}px`;
  return made;
}

/** The name that a client has given itself. */
function clientChip(client: string | undefined): HTMLElement | undefined {
  return client === undefined
    ? undefined
    : element('button', { type: 'button', class: 'client', 'data-client': client }, client);
}

function chipOf(connection: number): HTMLElement {
  const attributes = { type: 'button', class: 'chip', 'data-connection': String(connection) };
  return painted(element('button', attributes, `#${connection}`), connectionColour(connection));
}
