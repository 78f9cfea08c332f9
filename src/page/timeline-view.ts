// The timeline: every server's threads and connections under one time axis, to be zoomed, dragged, pointed at and walked through by keys.
// It holds what is in sight and what is selected; track-panel.ts and lane-painter.ts show it.

import type { Comparison } from '../compare/comparison.js';
import type { Interval } from '../compare/intervals.js';
import { followTheme } from './colours.js';
import { chip, chipAndTuple } from './connection-story.js';
import { describe } from './describe.js';
import { button, element, fill } from './dom.js';
import { firstAfter } from './lane-painter.js';
import { legend } from './legend.js';
import { atWork, type ModelTimeline } from './model-timeline.js';
import { serverLanes } from './server-lanes.js';
import { ticks } from './ticks.js';
import type { Spot, TrackPanel } from './track-panel.js';

const SHORTEST_VIEW_US = 10;
/** CSS pixels for a mark of the axis and its label. */
const TICK_PX = 130;
/** A press that moves further than this, in CSS pixels, is a drag and no click. */
const DRAG_PX = 4;
/** For this time, a scroll that began outside the lanes still scrolls the page. */
const SAME_GESTURE_MS = 250;
const ROWS_OF_STEPS = 3;
const STEP_EM = 1.65;

export class TimelineView {
  readonly root: HTMLElement;
  readonly #stage: HTMLElement;
  readonly #comparison: Comparison;
  readonly #panels: readonly TrackPanel[];
  readonly #ruler = element('div', { class: 'ruler' });
  readonly #steps = element('div', { class: 'steps' });
  readonly #cursor = element('div', { class: 'cursor', hidden: '' });
  readonly #tooltip = element('div', { class: 'tooltip', hidden: '' });
  readonly #spoken = element('p', { class: 'spoken', 'aria-live': 'polite' });
  readonly #selection = element('span', { class: 'selection' });
  readonly #home: Interval;
  readonly #bounds: Interval;
  #view: Interval;
  #width = 0;
  #rowsOfSteps = 1;
  #selected: number | undefined;
  #spot: Spot | undefined;
  #drawing = false;
  #pageScrolledAt = Number.NEGATIVE_INFINITY;
  /** Called whenever other times are in sight, and whenever another connection is selected. */
  onView: (view: Interval) => void = () => {};
  onSelect: (connection: number | undefined) => void = () => {};

  constructor(comparison: Comparison, models: readonly ModelTimeline[]) {
    this.#comparison = comparison;
    const servers = models.map((model) => serverLanes(model, comparison, () => this.#redraw()));
    this.#panels = servers.flatMap(({ panels }) => panels);
    const last = Math.max(comparison.durationUs, ...models.map(({ to }) => to));
    const margin = Math.max(last, 1000) * 0.01;
    this.#home = { from: -margin, to: last + margin };
    const first = Math.min(0, ...models.map(({ from }) => from));
    this.#bounds = { from: first - margin, to: last + margin };
    this.#view = this.#home;
    this.#stage = element(
      'div',
      { class: 'stage' },
      element('div', { class: 'axis' }, element('div', { class: 'corner' }, 'thread, tid'), this.#ruler),
      element('div', { class: 'story' }, element('div', { class: 'corner' }, 'the clients'), this.#steps),
      ...servers.map(({ root }) => root),
      this.#cursor,
    );
    this.root = element(
      'div',
      {
        class: 'timeline',
        tabindex: '0',
        role: 'group',
        'aria-label': 'Timeline',
        'aria-describedby': 'summary',
      },
      this.#toolbar(),
      this.#stage,
      legend(atWork(comparison)),
      help(comparison),
      this.#tooltip,
      this.#spoken,
    );
    for (const panel of this.#panels) this.#listen(panel);
    addEventListener('keydown', (event) => this.#onKey(event));
    addEventListener('wheel', (event) => {
      if (!event.defaultPrevented) this.#pageScrolledAt = performance.now();
    });
    followTheme(() => this.#redraw());
  }

  /** Once it is part of the page, and whenever the page has another size. */
  fit(): void {
    for (const panel of this.#panels) panel.layOut();
    this.#redraw();
  }

  show(view: Interval): void {
    const { from, to } = this.#bounds;
    const span = this.#possible(view.to - view.from);
    const begin = Math.min(Math.max(view.from, from), to - span);
    this.#view = { from: begin, to: begin + span };
    this.#hide();
    this.#redraw();
    this.onView(this.#view);
  }

  /** By a factor, around a moment that stays where it is; below 1 it zooms in. */
  zoom(factor: number, around = (this.#view.from + this.#view.to) / 2): void {
    const { from, to } = this.#view;
    const span = this.#possible((to - from) * factor);
    const left = around - ((around - from) / (to - from)) * span;
    this.show({ from: left, to: left + span });
  }

  /** A span that can be in sight: neither too short nor longer than all there is. */
  #possible(span: number): number {
    return Math.min(Math.max(span, SHORTEST_VIEW_US), this.#bounds.to - this.#bounds.from);
  }

  /** By a share of what is in sight. */
  pan(share: number): void {
    const shift = (this.#view.to - this.#view.from) * share;
    this.show({ from: this.#view.from + shift, to: this.#view.to + shift });
  }

  reset(): void {
    this.show(this.#home);
  }

  select(connection: number | undefined): void {
    this.#selected = connection;
    const clear = button('show all', 'Escape', () => this.select(undefined));
    fill(this.#selection, connection === undefined ? [] : [chip(connection), ` in every lane `, clear]);
    this.#redraw();
    this.onSelect(connection);
  }

  #toolbar(): HTMLElement {
    return element(
      'div',
      { class: 'toolbar' },
      button('+', 'zoom in: the wheel, or the key +', () => this.zoom(0.5)),
      button('−', 'zoom out: the wheel, or the key -', () => this.zoom(2)),
      button('◀', 'earlier: drag, or the left arrow', () => this.pan(-0.25)),
      button('▶', 'later: drag, or the right arrow', () => this.pan(0.25)),
      button('the whole', 'a double click, or the key 0', () => this.reset()),
      this.#selection,
    );
  }

  #listen(panel: TrackPanel): void {
    const { canvas } = panel;
    const at = (clientX: number): number => {
      const { left } = canvas.getBoundingClientRect();
      return this.#view.from + ((clientX - left) / this.#width) * (this.#view.to - this.#view.from);
    };
    canvas.addEventListener('wheel', (event) => this.#onWheel(event, at(event.clientX)), { passive: false });
    canvas.addEventListener('dblclick', () => this.reset());
    canvas.addEventListener('pointerleave', () => this.#hide());
    this.#listenToPointers(panel, at);
  }

  #listenToPointers(panel: TrackPanel, at: (clientX: number) => number): void {
    const { canvas } = panel;
    const pressed = new Map<number, { x: number; y: number }>();
    let moved = 0;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      pressed.set(event.pointerId, { x: event.clientX, y: event.clientY });
      moved = 0;
    });
    canvas.addEventListener('pointermove', (event) => {
      const last = pressed.get(event.pointerId);
      if (last === undefined) return this.#point(panel, event.clientX, event.clientY);
      const next = { x: event.clientX, y: event.clientY };
      const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
      pressed.set(event.pointerId, next);
      moved += Math.abs(next.x - last.x) + Math.abs(next.y - last.y);
      if (other !== undefined) {
        const apart = (x: number): number => Math.max(20, Math.abs(x - other.x));
        this.zoom(apart(last.x) / apart(next.x), at((next.x + other.x) / 2));
      } else if (moved > DRAG_PX) {
        this.pan((last.x - next.x) / this.#width);
        if (event.pointerType === 'mouse') panel.scrollBy(last.y - next.y); // a finger scrolls by itself
      }
    });
    canvas.addEventListener('pointerup', (event) => {
      if (!pressed.delete(event.pointerId) || moved > DRAG_PX) return;
      const { connection } = this.#spotAt(panel, event.clientX, event.clientY)?.segment ?? {};
      this.select(connection === this.#selected ? undefined : connection);
      this.#point(panel, event.clientX, event.clientY);
    });
    canvas.addEventListener('pointercancel', (event) => pressed.delete(event.pointerId));
  }

  /** While the page scrolls, lanes that come under the pointer must not stop it. */
  #onWheel(event: WheelEvent, around: number): void {
    const scrolling = performance.now() - this.#pageScrolledAt < SAME_GESTURE_MS;
    const whole = this.#view.to - this.#view.from >= this.#home.to - this.#home.from;
    if (!event.ctrlKey && (scrolling || (event.deltaY > 0 && whole))) return;
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return this.pan(event.deltaX / this.#width);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    this.zoom(
      Math.exp(Math.max(-1, Math.min(1, (event.deltaY * lines) / (event.ctrlKey ? 100 : 400)))),
      around,
    );
  }

  #spotAt(panel: TrackPanel, clientX: number, clientY: number): Spot | undefined {
    const { left, top } = panel.canvas.getBoundingClientRect();
    return panel.spotAt(clientX - left, clientY - top, this.#view, this.#width);
  }

  #point(panel: TrackPanel, clientX: number, clientY: number): void {
    const spot = this.#spotAt(panel, clientX, clientY);
    const { left } = this.#stage.getBoundingClientRect();
    this.#cursor.hidden = false;
    this.#cursor.style.left = `${clientX - left}px`;
    panel.canvas.style.cursor = spot?.segment.connection === undefined ? 'grab' : 'pointer';
    if (spot === undefined) this.#tooltip.hidden = true;
    else this.#tell(spot, clientX, clientY);
  }

  #tell(spot: Spot, clientX: number, clientY: number): void {
    this.#spot = spot;
    const { model } = spot.panel;
    const { connection } = spot.segment;
    const { name, state, time, events, further } = describe(model, spot.track, spot.segment);
    fill(this.#tooltip, [
      element('strong', `${model.result.mode}: ${name}`),
      element('div', { class: 'state' }, state),
      connection === undefined ? undefined : element('div', ...chipAndTuple(model, connection)),
      element('div', time),
      element('ol', ...events.map(({ at, text }) => element('li', element('time', at), ` ${text}`))),
      further === undefined ? undefined : element('div', further),
      spot.near === 0 ? undefined : element('div', `${spot.near} more as near as this: zoom in`),
    ]);
    this.#tooltip.hidden = false;
    const { offsetWidth, offsetHeight } = this.#tooltip;
    const left =
      clientX + 18 + offsetWidth < innerWidth ? clientX + 18 : Math.max(4, clientX - 18 - offsetWidth);
    const top =
      clientY + 22 + offsetHeight < innerHeight ? clientY + 22 : Math.max(4, clientY - 14 - offsetHeight);
    this.#tooltip.style.transform = `translate(${left}px, ${top}px)`;
  }

  #hide(): void {
    this.#cursor.hidden = true;
    this.#tooltip.hidden = true;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys: Record<string, () => void> = {
      '+': () => this.zoom(0.5),
      '=': () => this.zoom(0.5),
      '-': () => this.zoom(2),
      '0': () => this.reset(),
      ArrowLeft: () => this.pan(-0.1),
      ArrowRight: () => this.pan(0.1),
      Escape: () => this.select(undefined),
      n: () => this.#walk(1, 0),
      p: () => this.#walk(-1, 0),
    };
    const own: Record<string, () => void> = {
      ArrowUp: () => this.#walk(0, -1),
      ArrowDown: () => this.#walk(0, 1),
      Enter: () => this.select(this.#spot?.segment.connection),
    };
    const act = keys[event.key] ?? (document.activeElement === this.root ? own[event.key] : undefined);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  /** The keyboard's cursor: to another piece of the same lane, or to the piece of another lane at the same time. */
  #walk(pieces: number, lanes: number): void {
    const all = this.#panels.flatMap((panel) => panel.tracks.map((track) => ({ panel, track })));
    const place = Math.max(
      0,
      all.findIndex(({ track }) => track === this.#spot?.track),
    );
    const { panel, track } = all[Math.min(all.length - 1, Math.max(0, place + lanes))] ?? {};
    if (panel === undefined || track === undefined) return;
    const { segments } = track;
    const now = this.#spot?.segment.from ?? this.#view.from;
    const here =
      lanes === 0 && this.#spot !== undefined
        ? segments.indexOf(this.#spot.segment)
        : firstAfter(segments, now);
    const segment = segments[Math.min(segments.length - 1, Math.max(0, here + pieces))];
    if (segment === undefined) return;
    const spot = { panel, track, segment, near: 0 };
    if (segment.to < this.#view.from || segment.from > this.#view.to) {
      const half = (this.#view.to - this.#view.from) / 2;
      const middle = (segment.from + segment.to) / 2;
      this.show({ from: middle - half, to: middle + half });
    }
    const { x, y } = panel.placeOf(spot, this.#view, this.#width);
    this.#tell(spot, x, y);
    this.#spoken.textContent = this.#tooltip.textContent;
  }

  #redraw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const width = Math.min(...this.#panels.map((panel) => panel.width));
    if (!(width > 0)) return;
    this.#width = width;
    const { from, to } = this.#view;
    const marks = ticks(from, to, width / TICK_PX);
    this.#drawRuler(marks);
    this.#drawSteps();
    const shown = { view: this.#view, width, grid: marks.map(({ at }) => at), selected: this.#selected };
    for (const panel of this.#panels) panel.draw(shown);
  }

  #drawRuler(marks: ReturnType<typeof ticks>): void {
    const labels = marks.map(({ at, label }) => {
      const tick = element('span', { class: 'tick', 'data-at': String(at) }, label);
      tick.style.left = `${this.#x(at)}px`;
      return tick;
    });
    fill(this.#ruler, labels);
    // None is cut off at the right.
    for (const label of labels)
      if (label.offsetLeft + label.offsetWidth > this.#width) label.textContent = '';
  }

  #x(at: number): number {
    return ((at - this.#view.from) / (this.#view.to - this.#view.from)) * this.#width;
  }

  /** What the clients did, each text in the first row where it overlaps no other; without room, its number alone. */
  #drawSteps(): void {
    const inSight = this.#comparison.steps
      .map((step, i) => ({ ...step, number: String(i + 1), x: this.#x(step.at) }))
      .filter(({ x }) => x >= 0 && x <= this.#width);
    const labels = inSight.map(({ number, text }) =>
      element('span', { class: 'step', title: text }, element('b', number), ` ${text}`),
    );
    fill(this.#steps, labels);
    const ends = new Array<number>(ROWS_OF_STEPS).fill(Number.NEGATIVE_INFINITY);
    const numbers = [Number.NEGATIVE_INFINITY];
    for (const [i, label] of labels.entries()) {
      const { x } = inSight[i]!;
      if (this.#placeStep(label, x, ends, 0)) continue;
      label.lastChild?.remove(); // the text; its title still has it
      label.hidden = !this.#placeStep(label, x, numbers, ROWS_OF_STEPS);
    }
    // It never shrinks: the lanes must stay under the pointer that zooms.
    const used = [...ends, ...numbers].findLastIndex((end) => end >= 0) + 1;
    this.#rowsOfSteps = Math.max(this.#rowsOfSteps, used);
    this.#steps.style.height = `${this.#rowsOfSteps * STEP_EM}em`;
  }

  /** False where none of these rows, of which each is taken up to its end, has room. */
  #placeStep(label: HTMLElement, x: number, ends: number[], firstRow: number): boolean {
    const width = label.offsetWidth;
    const left = Math.max(0, Math.min(x, this.#width - width));
    const row = ends.findIndex((end) => end < left);
    if (row < 0) return false;
    ends[row] = left + width + 10;
    label.style.left = `${left}px`;
    label.style.top = `${(firstRow + row) * STEP_EM}em`;
    return true;
  }
}

function help({ pace }: Comparison): HTMLElement {
  const work =
    pace === undefined
      ? 'At work is awake: on a CPU, or waiting for one.'
      : 'At work or pausing: on a CPU, waiting for one, or in one of the pauses that slow it down.';
  const paragraphs = [
    'Above are the threads of each server, below them its connections. ' +
      `A colour and a number is a connection; #3 is the third that each server accepted. ${work} ` +
      'What is too short to be drawn to scale is a bar, the higher the more of that moment was work.',
    'The wheel zooms, dragging moves, a double click or 0 shows the whole. Click a connection to see only it. ' +
      'Keys: + - ← → 0; n and p go from piece to piece. With the timeline in focus ↑ and ↓ go from row to row, ' +
      'Enter selects, Escape shows all again.',
  ];
  return element('div', { class: 'note' }, ...paragraphs.map((text) => element('p', text)));
}
