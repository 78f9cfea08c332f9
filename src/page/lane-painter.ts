// Paints lanes and connections on a canvas: only what is in sight, and never less of it than the eye can find.
// What is narrower than three pixels becomes a bar whose height says how much of its moment was work.

import type { IsOther } from '../board/followed.js';
import type { Interval } from '../compare/intervals.js';
import { connectionColour } from '../compare/report/connection-colours.js';
import type { Track, TrackSegment } from '../compare/report/lanes.js';
import { waitsForAll } from '../lifecycle/events.js';
import { firstLater } from '../lifecycle/first-later.js';
import { colourOf, palette } from './colours.js';

/** Where a lane lies, in CSS pixels from the top of its panel. */
export interface LaneBox {
  readonly track: Track;
  readonly top: number;
  readonly height: number;
}

export interface Scene {
  readonly boxes: readonly LaneBox[];
  readonly view: Interval;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly fontPx: number;
  /** Of the time axis, and of what the clients did, in microseconds. */
  readonly grid: readonly number[];
  readonly marks: readonly number[];
  /** Whose stretches fade. */
  readonly isOther: IsOther;
  readonly openAt: (at: number) => number;
}

/**
 * How each state looks. `solid`: a server is at work. `hatched`: asleep. `pale`: nothing goes on. `waiting`: no server
 * does anything about it.
 */
const LOOKS: Readonly<Record<TrackSegment['state'], 'solid' | 'hatched' | 'upright' | 'pale' | 'waiting'>> = {
  working: 'solid',
  asleep: 'hatched',
  idle: 'pale',
  stopped: 'waiting',
  starting: 'upright',
  connecting: 'pale',
  waiting: 'waiting',
  abandoned: 'waiting',
  queued: 'upright',
  receiving: 'pale',
  answering: 'solid',
  computing: 'hatched',
  sleeping: 'hatched',
  sending: 'solid',
  answered: 'pale',
  lingering: 'pale',
  'left-open': 'pale',
};

export const isWork = ({ state }: TrackSegment): boolean => LOOKS[state] === 'solid';

/** Narrower than this, in CSS pixels, a segment has no inside; so wide is the bar that stands for it. */
const NARROW = 3;
/** The least height of a bar, as a share of its lane. */
const LEAST_BAR = 0.55;
const FADED = 0.16;
/** Lanes lower than this have no gap between them and no text. */
const THIN = 12;

export function paint(canvas: HTMLCanvasElement, scene: Scene): void {
  const { width, height } = scene;
  const { paper, grid, mark } = palette();
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  context.fillStyle = paper;
  context.fillRect(0, 0, width, height);
  vertical(context, scene, scene.grid, grid, []);
  for (const box of scene.boxes) {
    const top = box.top - scene.scrollTop;
    if (top < height && top + box.height > 0) new LanePainter(context, scene, box).paint();
  }
  vertical(context, scene, scene.marks, mark, [5, 4]);
}

function vertical(
  context: CanvasRenderingContext2D,
  { view, width, height }: Scene,
  times: readonly number[],
  colour: string,
  dash: number[],
): void {
  context.save();
  context.strokeStyle = colour;
  context.setLineDash(dash);
  for (const at of times) {
    const x = Math.round(((at - view.from) / (view.to - view.from)) * width) + 0.5;
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
  }
  context.restore();
}

/** The first segment that ends after `at`, by its index. */
export function firstAfter(segments: readonly TrackSegment[], at: number): number {
  return firstLater(segments, at, ({ to }) => to);
}

/** What was done in one column of pixels by segments that are too narrow for it. */
interface PixelColumn {
  x: number;
  workedUs: number;
  longest: TrackSegment | undefined;
}

class LanePainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #scene: Scene;
  readonly #palette = palette();
  readonly #segments: readonly TrackSegment[];
  readonly #top: number;
  readonly #height: number;
  readonly #scale: number;
  readonly #texts: (() => void)[] = [];

  constructor(context: CanvasRenderingContext2D, scene: Scene, { track, top, height }: LaneBox) {
    const gap = height >= THIN ? 3 : height >= 5 ? 1 : 0;
    // On whole pixels, so that thin lanes are not blurred into stripes.
    const from = Math.round(top);
    const to = Math.max(from + 1, Math.round(top + height));
    this.#context = context;
    this.#scene = scene;
    this.#segments = track.segments;
    this.#top = from - Math.round(scene.scrollTop) + gap;
    this.#height = to - from - gap * 2;
    this.#scale = scene.width / (scene.view.to - scene.view.from);
  }

  paint(): void {
    const { view } = this.#scene;
    const [first, last] = [this.#segments[0], this.#segments.at(-1)];
    if (first === undefined || last === undefined) return;
    const begin = this.#x(first.from);
    this.#rectangle(begin, Math.max(1, this.#x(last.to) - begin), this.#palette.ground);
    let column: PixelColumn = { x: -1, workedUs: 0, longest: undefined };
    const columns: PixelColumn[] = [];
    for (let i = firstAfter(this.#segments, view.from); i < this.#segments.length; i++) {
      const segment = this.#segments[i]!;
      if (segment.from > view.to) break;
      const x = this.#x(segment.from);
      const width = this.#x(segment.to) - x;
      if (width >= NARROW) {
        this.#wide(segment, x, width);
      } else if (isWork(segment)) {
        if (Math.floor(x) !== column.x) {
          column = { x: Math.floor(x), workedUs: 0, longest: undefined };
          columns.push(column);
        }
        add(column, segment, this.#scene.isOther);
      }
    }
    for (const each of columns) this.#bar(each);
    for (const write of this.#texts) write();
    this.#context.globalAlpha = 1;
  }

  #x(at: number): number {
    return (at - this.#scene.view.from) * this.#scale;
  }

  #colour({ connection }: TrackSegment): string {
    return connection === undefined ? this.#palette.nobody : colourOf(connectionColour(connection));
  }

  #fade({ connection }: TrackSegment): void {
    this.#context.globalAlpha = this.#scene.isOther(connection) ? FADED : 1;
  }

  #rectangle(x: number, width: number, fill: string | CanvasPattern): void {
    const left = Math.max(x, -10);
    this.#context.fillStyle = fill;
    this.#context.fillRect(left, this.#top, Math.min(x + width, this.#scene.width + 10) - left, this.#height);
  }

  #wide(segment: TrackSegment, x: number, width: number): void {
    const look = LOOKS[segment.state];
    const colour = look === 'waiting' ? this.#palette.waiting : this.#colour(segment);
    this.#fade(segment);
    const alpha = this.#context.globalAlpha;
    if (look === 'solid') {
      this.#rectangle(x, width, colour);
      this.#text(segment, x, width, this.#palette.onSolid, colour);
      return;
    }
    this.#context.globalAlpha = alpha * this.#tint(segment, look);
    this.#rectangle(x, width, colour);
    this.#context.globalAlpha = alpha * 0.5;
    if (this.#height >= 3 && (look === 'hatched' || look === 'upright'))
      this.#rectangle(x, width, hatch(this.#context, colour, look));
    this.#context.globalAlpha = alpha;
    if (segment.connection !== undefined && this.#height >= 3) this.#rectangle(x, Math.min(3, width), colour);
    this.#text(segment, x, width, segment.state === 'idle' ? this.#palette.faint : this.#palette.ink);
  }

  /** How much of its colour a stretch without work has; where a lane is thin, enough to be seen. */
  #tint({ state, connection }: TrackSegment, look: string): number {
    if (look === 'waiting') return state === 'abandoned' ? 0.35 : 0.8;
    if (look !== 'pale') return this.#height < THIN ? 0.3 : 0.16;
    if (connection === undefined) return 0.07;
    return this.#height < THIN ? 0.4 : 0.2;
  }

  /** Much work in a moment is a high bar, a little a low one: a busy column never looks like a full one. */
  #bar({ x, workedUs, longest }: PixelColumn): void {
    if (longest === undefined) return;
    this.#fade(longest);
    const share = Math.min(1, workedUs * this.#scale);
    const height = this.#height * (LEAST_BAR + (1 - LEAST_BAR) * share);
    this.#context.fillStyle = this.#colour(longest);
    this.#context.fillRect(x, this.#top + this.#height - height, NARROW, height);
  }

  /** As much of what can be said as there is room for. */
  #text(segment: TrackSegment, x: number, width: number, colour: string, ground?: string): void {
    const { fontPx, width: most } = this.#scene;
    if (this.#height < fontPx) return;
    const left = Math.max(x, 0) + 7;
    const room = Math.min(x + width, most) - left - 5;
    if (room < fontPx) return;
    const context = this.#context;
    const font = `${isWork(segment) ? '600 ' : ''}${fontPx}px system-ui, sans-serif`;
    context.font = font;
    const text = this.#wordings(segment).find((each) => context.measureText(each).width <= room);
    if (text === undefined || text === '') return;
    const [alpha, length] = [context.globalAlpha, context.measureText(text).width];
    this.#texts.push(() => {
      context.globalAlpha = alpha;
      context.font = font;
      context.textBaseline = 'middle';
      if (ground === undefined && segment.state !== 'idle') {
        context.fillStyle = this.#palette.paper;
        context.globalAlpha = alpha * 0.8;
        context.fillRect(left - 3, this.#top + (this.#height - fontPx * 1.25) / 2, length + 6, fontPx * 1.25);
        context.globalAlpha = alpha;
      }
      context.fillStyle = colour;
      context.fillText(text, left, this.#top + this.#height / 2 + 1);
    });
  }

  /** The longest first. */
  #wordings({ state, call, connection, from, starts }: TrackSegment): string[] {
    const id = connection === undefined ? '' : `#${connection}`;
    const said = (text: string): string => `${id} ${text}`.trimStart();
    switch (state) {
      case 'working':
        return [id];
      case 'idle':
        return ['idle'];
      case 'starting':
        return starts === undefined
          ? [said('this thread starts'), said('starts'), id]
          : [said(`starts ${starts}`), id];
      case 'waiting':
        return [said('waits in the accept queue'), said('waits'), id];
      case 'abandoned':
        return [said('its client has left'), id];
      case 'queued':
        return [said('waits for a thread'), id];
      case 'left-open':
        return [said('left open'), id];
      case 'asleep': {
        if (!waitsForAll(call)) return [said(`${call}`), id];
        const open = this.#scene.openAt(from);
        if (open === 0) return [call];
        return [
          `${call}, ${open} ${open === 1 ? 'connection' : 'connections'} open`,
          `${call}, ${open} open`,
          call,
        ];
      }
      default:
        return [said(state), id];
    }
  }
}

/** The colour of a bar is that of the connection it did most for; what was done for nobody gives way to any. */
function add(column: PixelColumn, segment: TrackSegment, isOther: IsOther): void {
  column.workedUs += segment.to - segment.from;
  const rank = (each: TrackSegment): number =>
    each.connection === undefined ? 0 : isOther(each.connection) ? 1 : 2;
  const { longest } = column;
  const more = longest === undefined ? 1 : rank(segment) - rank(longest);
  if (more > 0 || (more === 0 && segment.to - segment.from > longest!.to - longest!.from))
    column.longest = segment;
}

const patterns = new Map<string, CanvasPattern>();

/** Slanting lines for sleep, upright ones for a start. */
function hatch(
  context: CanvasRenderingContext2D,
  colour: string,
  look: 'hatched' | 'upright',
): CanvasPattern {
  const key = `${colour} ${look} ${devicePixelRatio}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const size = 8;
  const tile = document.createElement('canvas');
  tile.width = tile.height = size * devicePixelRatio;
  const pen = tile.getContext('2d')!;
  pen.scale(devicePixelRatio, devicePixelRatio);
  pen.strokeStyle = colour;
  pen.lineWidth = look === 'hatched' ? 1.2 : 2;
  pen.beginPath();
  for (const shift of look === 'hatched' ? [-size, 0, size] : []) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  if (look === 'upright') {
    pen.moveTo(size / 2, 0);
    pen.lineTo(size / 2, size);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, 'repeat')!;
  pattern.setTransform(new DOMMatrix().scale(1 / devicePixelRatio));
  patterns.set(key, pattern);
  return pattern;
}
