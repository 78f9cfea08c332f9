// A comparison as one still picture, in SVG: the threads of each server and what they did, on one axis of time.
// Data in, text out. docs/picture.mjs makes the pictures of the README with it.

import { duration } from '../../terminal/quantities.js';
import type { Comparison, ModelResult } from '../comparison.js';
import { modelColour } from '../model-colours.js';
import { type Lane, lanesOf, type Segment } from './lanes.js';
import { type Row, waterfallOf } from './waterfall.js';

export type Theme = 'light' | 'dark';

/** From and to, in microseconds on the comparison's axis. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const INK = { light: '#15202b', dark: '#e8edf2' };
const FAINT = { light: '#56616d', dark: '#9aa7b4' };
const PAPER = { light: '#ffffff', dark: '#10161d' };
const ASLEEP = { light: '#e9edf1', dark: '#1d2731' };

const WIDTH = 960;
const LEFT = 112;
const RIGHT = 940;
const LANE = 26;
const STEP_ROW = 18;
const ROW = 18;
/** A request takes less than a pixel's time: whatever was at work can be seen. */
const LEAST = 3;
/** The width of a character in the small text, and the room it needs at each side. */
const CHARACTER = 6.6;
const MARGIN = 8;

export function pictureOf(comparison: Comparison, title: string, span: Span, theme: Theme): string {
  const x = (at: number): number => LEFT + ((at - span.from) / (span.to - span.from)) * (RIGHT - LEFT);
  const pen = new Pen(theme, span, x);
  pen.text(20, 34, title, 'title');
  pen.text(
    20,
    57,
    `One run of evented-demo compare ${comparison.scenario.name}. Colour: at work. Grey: asleep.`,
    'faint',
  );
  const steps = comparison.steps.filter(({ at }) => at >= span.from && at <= span.to);
  for (const { at, text } of steps) pen.step(at, text, 92);
  let y = 98;
  for (const model of comparison.models) {
    const bottom = drawServer(pen, model, y, span);
    for (const { at } of steps) pen.line(at, y + 28, bottom);
    y = bottom + 16;
  }
  return pen.svg(title, y);
}

/** Gives where it ends. */
function drawServer(pen: Pen, model: ModelResult, top: number, { from, to }: Span): number {
  const { mode, events, clients, figures } = model;
  const colour = modelColour(mode)[pen.theme];
  const during = ({ segments }: Lane | Row): boolean =>
    segments.some((each) => each.to > from && each.from < to);
  const lanes = lanesOf(events, to).filter(during);
  let y = top + 28;
  pen.text(20, y - 7, mode, 'name', colour);
  pen.text(LEFT, y - 7, costOf(figures));
  for (const lane of lanes) {
    pen.text(20, y + 20, lane.thread, 'mono');
    for (const segment of lane.segments) drawActivity(pen, segment, y + 3, colour);
    y += LANE;
  }
  if (lanes.length > 1) return y;
  // One thread for all: what it would have on the stacks of others is a line for each connection.
  for (const row of waterfallOf(events, clients, to).filter(during)) {
    const open = row.segments.filter(({ state }) => state !== 'connecting' && state !== 'waiting');
    if (open.length === 0) continue;
    pen.text(34, y + 13, `#${row.connection}`, 'mono faint');
    pen.watched({ from: open[0]!.from, to: open.at(-1)!.to }, y + 9);
    y += ROW;
  }
  return y;
}

function costOf({ peakThreads, peakMemory, memoryAtStart, latency }: ModelResult['figures']): string {
  const threads = peakThreads === 1 ? '1 thread' : `${peakThreads} threads`;
  const megabytes = ((peakMemory ?? 0) - (memoryAtStart ?? 0)) / 1e6;
  const memory =
    peakMemory === undefined ? [] : [`${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB more memory`];
  const answer =
    latency === undefined
      ? 'the last client was not answered'
      : `the last client was answered in ${duration(latency.max)}`;
  return [threads, ...memory, answer].join(' · ');
}

function drawActivity(
  pen: Pen,
  { from, to, state, call, connection }: Segment,
  y: number,
  colour: string,
): void {
  if (state === 'working' || state === 'starting') return pen.work({ from, to }, y, colour);
  if (state === 'idle')
    return pen.asleep({ from, to }, y, `asleep in ${call} until it is given a client`, false);
  const waitsFor = connection === undefined ? '' : ` for client #${connection}`;
  pen.asleep({ from, to }, y, `asleep in ${call}${waitsFor}`, connection !== undefined);
}

class Pen {
  readonly theme: Theme;
  readonly #span: Span;
  readonly #x: (at: number) => number;
  readonly #back: string[] = [];
  readonly #front: string[] = [];
  #stepsEnd = 0;

  constructor(theme: Theme, span: Span, x: (at: number) => number) {
    this.theme = theme;
    this.#span = span;
    this.#x = x;
  }

  text(x: number, y: number, text: string, kind = '', fill?: string): void {
    const style = fill === undefined ? '' : ` style="fill:${fill}"`;
    this.#front.push(`<text class="${kind}" x="${round(x)}" y="${y}"${style}>${escapeXml(text)}</text>`);
  }

  /** What the clients did. A text that has no room before the right edge ends there; one that would lie on another is higher. */
  step(at: number, text: string, y: number): void {
    const x = this.#x(at);
    const room = RIGHT - x > text.length * CHARACTER;
    const begin = room ? x : RIGHT - text.length * CHARACTER;
    const top = begin < this.#stepsEnd ? y - STEP_ROW : y;
    this.#stepsEnd = begin + text.length * CHARACTER;
    const anchor = room ? '' : ' text-anchor="end"';
    this.#front.push(
      `<text class="faint" x="${round(room ? x : RIGHT)}" y="${top}"${anchor}>${escapeXml(text)}</text>`,
    );
  }

  line(at: number, top: number, bottom: number): void {
    this.#front.push(`<path class="step" d="M${round(this.#x(at))} ${top}V${bottom}"/>`);
  }

  asleep(span: Span, y: number, label: string, held: boolean): void {
    const piece = this.#place(span);
    if (piece === undefined) return;
    const { left, width } = piece;
    this.#back.push(
      `<rect class="${held ? 'held' : 'asleep'}" x="${round(left)}" y="${y}" width="${round(width)}" height="${LANE - 5}" rx="3"/>`,
    );
    this.#label(left, width, y + 15, label, held ? 'small' : 'small faint');
  }

  work(span: Span, y: number, fill: string): void {
    const piece = this.#place(span);
    if (piece === undefined) return;
    const { left, width } = piece;
    this.#front.push(
      `<rect fill="${fill}" x="${round(left)}" y="${y}" width="${round(Math.max(LEAST, width))}" height="${LANE - 5}"/>`,
    );
  }

  /** A connection that is no thread: its place in the interest list. */
  watched(span: Span, y: number): void {
    const piece = this.#place(span);
    if (piece === undefined) return;
    const { left, width } = piece;
    const label = 'in the interest list: no thread waits for it';
    if (!this.#label(left, width, y + 4, label, 'small faint')) {
      return this.text(left + MARGIN, y + 4, `open for ${duration(span.to - span.from)}`, 'small faint');
    }
    const labelled = label.length * CHARACTER + 2 * MARGIN;
    this.#back.push(`<path class="watched" d="M${round(left + labelled)} ${y}h${round(width - labelled)}"/>`);
  }

  /** Whether there was room for it. */
  #label(left: number, width: number, y: number, text: string, kind: string): boolean {
    const room = text.length * CHARACTER + 2 * MARGIN <= width;
    if (room) this.text(left + MARGIN, y, text, kind);
    return room;
  }

  #place({ from, to }: Span): { readonly left: number; readonly width: number } | undefined {
    if (to < this.#span.from || from > this.#span.to) return undefined;
    const left = this.#x(Math.max(from, this.#span.from));
    return { left, width: this.#x(Math.min(to, this.#span.to)) - left };
  }

  svg(title: string, height: number): string {
    const { theme } = this;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${escapeXml(title)}</title>
<style>
text{font:14px system-ui,-apple-system,"Segoe UI",sans-serif;fill:${INK[theme]}}
.title{font-size:20px;font-weight:600}
.name{font-size:17px;font-weight:600}
.mono,.small{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.small{font-size:11px}
.faint{fill:${FAINT[theme]}}
.asleep{fill:${ASLEEP[theme]}}
.held{fill:${ASLEEP[theme]};stroke:${FAINT[theme]}}
.watched{stroke:${FAINT[theme]};stroke-width:2;stroke-dasharray:2 4}
.step{stroke:${FAINT[theme]};stroke-dasharray:3 3}
</style>
<rect width="${WIDTH}" height="${height}" fill="${PAPER[theme]}"/>
${[...this.#back, ...this.#front].join('\n')}
</svg>
`;
  }
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
