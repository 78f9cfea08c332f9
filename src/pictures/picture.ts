// A run as one still picture: the threads of each server and what they did, on one axis of time. Data in, SVG out.
// docs/pictures/make.mjs makes the picture of the README with it.

import type { Interval } from '../compare/intervals.js';
import { modelColour } from '../compare/model-colours.js';
import { connectionColour } from '../compare/report/connection-colours.js';
import { type Lane, lanesOf, type TrackSegment } from '../compare/report/lanes.js';
import type { ConnectionRow } from '../compare/report/waterfall.js';
import { ServerState } from '../lifecycle/state.js';
import { ticks } from '../page/ticks.js';
import { count, countServants, duration, PLURALS, type Servant, servantIn } from '../terminal/quantities.js';
import { wrap } from '../terminal/width.js';
import { type Run, type RunServer, rowsOf } from './run.js';
import { ASLEEP, FAINT, INK, rectAt, round, type StyleRule, svgOf, textAt } from './svg.js';

const WIDTH = 960;
const LEFT = 112;
const RIGHT = 940;
const LANE = 26;
const STEP_ROW = 18;
const ROW = 18;
/** More are counted. */
const MOST_LANES = 14;
/** A request takes less than a pixel's time: whatever was at work can be seen. */
const LEAST = 3;
/** The width of a character in the small text, and the room it needs at each side. */
const CHARACTER = 6.6;
const MARGIN = 8;
/** Of a name, which is bold. */
const NAME_CHARACTER = 11.5;
/** Of a title's line. */
const TITLE_CHARACTERS = 76;
const MOST_TICKS = 8;

export function pictureOf(run: Run, span: Interval): string {
  const pen = new RunPen(span);
  let y = 34;
  for (const line of wrap(run.title, TITLE_CHARACTERS, 3)) {
    pen.text(20, y, line, 'title');
    y += 26;
  }
  pen.text(
    20,
    y - 3,
    'One run of evented-demo. Colour: at work, for a connection in its own. Grey: asleep.',
    'faint',
  );
  const steps = run.steps.filter(({ at }) => at >= span.from && at <= span.to);
  y = pen.steps(steps, y + 10);
  for (const server of run.servers) {
    const bottom = drawServer(pen, server, y, span);
    for (const { at } of steps) pen.line(at, y + 28, bottom);
    y = bottom + 12;
  }
  for (const { at, label } of ticks(span.from, span.to, MOST_TICKS)) pen.tick(at, label, y + 6);
  return pen.svg(run.title, y + 18);
}

/** Gives where it ends. */
function drawServer(pen: RunPen, server: RunServer, top: number, { from, to }: Interval): number {
  const { name, events } = server;
  const colour = pen.colourOf(name);
  const during = ({ segments }: Lane | ConnectionRow): boolean =>
    segments.some((each) => each.to > from && each.from < to);
  const lanes = lanesOf(events, to).filter(during);
  let y = top + 28;
  pen.text(20, y - 7, name, `name ${colour}`);
  pen.text(Math.max(LEFT, 36 + name.length * NAME_CHARACTER), y - 7, totalsOf(server));
  for (const lane of lanes.slice(0, MOST_LANES)) {
    pen.text(20, y + 20, lane.thread, 'mono');
    for (const segment of lane.segments) drawActivity(pen, segment, y + 3, colour);
    y += LANE;
  }
  y = pen.more(lanes.length - MOST_LANES, servantIn(name), y);
  // What would have a thread of its own elsewhere is a line here.
  const waits = rowsOf(server, to).filter(during).map(waitOf);
  const held = waits.filter((wait) => wait !== undefined);
  for (const { connection, label, span } of held.slice(0, MOST_LANES)) {
    pen.text(34, y + 13, `#${connection}`, `mono ${pen.colourOfConnection(connection)}`);
    pen.watched(span, y + 9, label, connection);
    y += ROW;
  }
  return pen.more(held.length - MOST_LANES, 'connection', y);
}

interface HeldConnection {
  readonly connection: number;
  readonly label: string;
  readonly span: Interval;
}

/** Of a connection for which no thread waits. */
function waitOf({ connection, segments, events }: ConnectionRow): HeldConnection | undefined {
  const open = segments.filter(({ state }) => !BEFORE_ACCEPT.has(state));
  const label = events.some(({ event }) => event === 'watching')
    ? 'in the interest list: no thread waits for it'
    : events.some(({ event }) => event === 'submitted')
      ? 'in flight: the kernel waits for it, and no thread'
      : undefined;
  if (connection === undefined || label === undefined || open.length === 0) return undefined;
  return { connection, label, span: { from: open[0]!.from, to: open.at(-1)!.to } };
}

const BEFORE_ACCEPT: ReadonlySet<string> = new Set(['connecting', 'waiting', 'abandoned']);

function totalsOf({ name, events }: RunServer): string {
  const state = new ServerState();
  for (const event of events) state.apply(event);
  const { stopped, counts } = state;
  return [
    countServants(name, stopped?.peakThreads ?? counts.peakThreads),
    `at most ${count(stopped?.peakConnections ?? counts.peakConnections, 'connection')} at once`,
    count(stopped?.requests ?? counts.requests, 'request'),
  ].join(' · ');
}

function drawActivity(
  pen: RunPen,
  { from, to, state, call, connection, starts }: TrackSegment,
  y: number,
  serverColour: string,
): void {
  const colour = connection === undefined ? serverColour : pen.colourOfConnection(connection);
  if (state === 'working') return pen.work({ from, to }, y, colour);
  if (state === 'starting')
    return pen.starting({ from, to }, y, starts === undefined ? 'starts' : `starts ${starts}`, colour);
  if (state === 'idle')
    return pen.asleep({ from, to }, y, `asleep in ${call} until it is given a client`, undefined);
  if (state === 'stopped') return pen.asleep({ from, to }, y, 'stopped before its next step', connection);
  const waitsFor = connection === undefined ? '' : ` for client #${connection}`;
  pen.asleep({ from, to }, y, `asleep in ${call}${waitsFor}`, connection);
}

class RunPen {
  readonly #span: Interval;
  readonly #rules = new Map<string, StyleRule[]>();
  readonly #back: string[] = [];
  readonly #lines: string[] = [];
  readonly #front: string[] = [];

  constructor(span: Interval) {
    this.#span = span;
  }

  /** A class for what is a server's own. */
  colourOf(name: string): string {
    const colour = modelColour(name);
    const known = `s${colour.light.slice(1)}`;
    this.#rules.set(known, [
      [`.${known}`, 'fill', colour],
      [`text.${known}`, 'fill', colour],
      [`rect.starting.${known}`, 'stroke', colour],
    ]);
    return known;
  }

  /** A class for what is a connection's; a program that does not know oklch() shows it in ink. */
  colourOfConnection(id: number): string {
    const known = `c${id}`;
    const colour = connectionColour(id);
    this.#rules.set(known, [
      [`.${known}`, 'fill', INK],
      [`.${known},text.${known}`, 'fill', colour],
      [`path.${known},rect.held.${known},rect.starting.${known}`, 'stroke', colour],
    ]);
    return known;
  }

  text(x: number, y: number, text: string, kind = ''): void {
    this.#front.push(textAt(x, y, text, { kind }));
  }

  /** How many are left out; gives where that ends. */
  more(number: number, what: Servant | 'connection', y: number): number {
    if (number <= 0) return y;
    const many = what === 'connection' ? 'connections' : PLURALS[what];
    this.text(20, y + 14, `and ${count(number, `${what} more`, `more ${many}`)}`, 'faint');
    return y + LANE;
  }

  /**
   * What the clients did. A text that has no room before the right edge ends there; one that would lie on another is lower.
   * Gives where they end.
   */
  steps(steps: readonly { readonly at: number; readonly text: string }[], y: number): number {
    const ends: number[] = [];
    for (const { at, text } of steps) {
      const x = this.#x(at);
      const width = text.length * CHARACTER;
      const isCut = RIGHT - x < width;
      const begin = isCut ? RIGHT - width : x;
      const free = ends.findIndex((end) => end < begin);
      const row = free < 0 ? ends.length : free;
      ends[row] = begin + width + MARGIN;
      const anchor = isCut ? 'end' : undefined;
      this.#front.push(textAt(isCut ? RIGHT : x, y + 12 + row * STEP_ROW, text, { kind: 'faint', anchor }));
    }
    return y + ends.length * STEP_ROW;
  }

  line(at: number, top: number, bottom: number): void {
    this.#lines.push(`<path class="step" d="M${round(this.#x(at))} ${top}V${bottom}"/>`);
  }

  tick(at: number, label: string, y: number): void {
    const x = this.#x(at);
    this.#front.push(`<path class="tick" d="M${round(x)} ${y - 12}v5"/>`);
    this.#front.push(textAt(x, y + 4, label, { kind: 'small faint', anchor: 'middle' }));
  }

  /** `held`: by a connection. */
  asleep(span: Interval, y: number, label: string, held: number | undefined): void {
    if (held === undefined) this.#box(span, y, label, 'asleep', 'small faint');
    else this.#box(span, y, label, `held ${this.colourOfConnection(held)}`, 'small');
  }

  work(span: Interval, y: number, colour: string): void {
    const piece = this.#place(span);
    if (piece === undefined) return;
    const { left, width } = piece;
    this.#front.push(rectAt(colour, left, y, Math.max(LEAST, width), LANE - 5));
  }

  /** It is asked for, and not running yet. */
  starting(span: Interval, y: number, label: string, colour: string): void {
    this.#box(span, y, label, `starting ${colour}`, 'small', LEAST);
  }

  /** A connection that is no thread. */
  watched(span: Interval, y: number, label: string, connection: number): void {
    const piece = this.#place(span);
    if (piece === undefined) return;
    const { left, width } = piece;
    if (!this.#label(left, width, y + 4, label, 'small faint')) {
      return this.text(left + MARGIN, y + 4, `open for ${duration(span.to - span.from)}`, 'small faint');
    }
    const labelled = label.length * CHARACTER + 2 * MARGIN;
    this.#back.push(
      `<path class="watched ${this.colourOfConnection(connection)}" d="M${round(left + labelled)} ${y}h${round(width - labelled)}"/>`,
    );
  }

  #box(span: Interval, y: number, label: string, kind: string, labelKind: string, least = 0): void {
    const piece = this.#place(span);
    if (piece === undefined) return;
    const { left, width } = piece;
    this.#back.push(rectAt(kind, left, y, Math.max(least, width), LANE - 5, 3));
    this.#label(left, width, y + 15, label, labelKind);
  }

  /** Whether there was room for it. */
  #label(left: number, width: number, y: number, text: string, kind: string): boolean {
    const room = text.length * CHARACTER + 2 * MARGIN <= width;
    if (room) this.text(left + MARGIN, y, text, kind);
    return room;
  }

  #x(at: number): number {
    const { from, to } = this.#span;
    return LEFT + ((at - from) / Math.max(1, to - from)) * (RIGHT - LEFT);
  }

  #place({ from, to }: Interval): { readonly left: number; readonly width: number } | undefined {
    if (to < this.#span.from || from > this.#span.to) return undefined;
    const left = this.#x(Math.max(from, this.#span.from));
    return { left, width: this.#x(Math.min(to, this.#span.to)) - left };
  }

  svg(title: string, height: number): string {
    return svgOf({
      title,
      width: WIDTH,
      height,
      rules: [
        ['.asleep,rect.held', 'fill', ASLEEP],
        ...[...this.#rules.values()].flat(),
        ['rect.held', 'fill', ASLEEP],
        ['rect.starting', 'fill', 'none'],
        ['.watched', 'stroke-width', '2'],
        ['.watched', 'stroke-dasharray', '2 4'],
        ['.step,.tick', 'stroke', FAINT],
        ['.step', 'stroke-dasharray', '3 3'],
      ],
      elements: [...this.#back, ...this.#lines, ...this.#front],
    });
  }
}
