// What moves the point that the board shows: a server that runs, or a recording that is played.
// Both can be frozen, and go event by event in both directions.

import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Steering } from '../sources/steering.js';
import { number } from '../terminal/quantities.js';
import { Markers } from './markers.js';
import type { ServerEvent, Timeline } from './timeline.js';

export interface Playback {
  readonly playing: boolean;
  /** How many seconds of the servers' time go by in one second. */
  readonly speed: number;
  /** The servers' time now, in microseconds; undefined where the picture stands still. */
  readonly time: number | undefined;
  /** Where we are and how it goes on, such as `frozen, 12 events behind`. */
  readonly status: string;
  /** Freezes the picture, or lets it go on. */
  toggle(): void;
  /** So many events forwards, or backwards where it is negative. The picture is frozen. */
  step(events: number): void;
  /** To the next marker, or to the last one before this point. The picture is frozen. */
  chapter(direction: 1 | -1): void;
  faster(): void;
  slower(): void;
  /** Called for each picture; `now` in milliseconds. */
  tick(now: number): void;
}

/** More would be of no use to anybody. */
const MOST_CHAPTERS = 10_000;

/**
 * The points just after each marker, and those that were marked by whoever steers the servers, in order: the newest ones.
 * A server may run for days.
 */
export class Chapters {
  readonly #markers: Markers[];
  readonly #points: { readonly point: number; readonly text: string }[] = [];
  #forgotten = 0;

  constructor(servers: number) {
    this.#markers = Array.from({ length: servers }, () => new Markers());
  }

  add(server: number, event: LifecycleEvent, point: number): void {
    const text = this.#markers[server]!.take(event);
    if (text !== undefined) this.mark(point, text);
  }

  mark(point: number, text: string): void {
    this.#points.push({ point, text });
    if (this.#points.length <= MOST_CHAPTERS) return;
    this.#points.shift();
    this.#forgotten++;
  }

  /** Events before this point are forgotten, and so are the chapters that they began. */
  forgetBefore(point: number): void {
    const kept = this.#points.findIndex((each) => each.point >= point);
    if (kept === 0) return;
    this.#forgotten += this.#points.splice(0, kept < 0 ? this.#points.length : kept).length;
  }

  /** The last point so far. */
  get last(): number | undefined {
    return this.#points.at(-1)?.point;
  }

  from(point: number, direction: 1 | -1): number | undefined {
    if (direction > 0) return this.#points.find((each) => each.point > point)?.point;
    return this.#points.findLast((each) => each.point < point)?.point;
  }

  at(point: number): string | undefined {
    const found = this.#points.filter((each) => each.point === point);
    if (found.length === 0) return undefined;
    const texts = found.map(({ text }) => text);
    if (found[0] === this.#points[0] && this.#forgotten > 0)
      texts.push(`${number(this.#forgotten)} chapters before it are forgotten`);
    return texts.join('; ');
  }
}

/** The pace of servers that run, which their user can change. */
export type PaceControl = Pick<Steering, 'stepping' | 'pauseMs' | 'faster' | 'slower'>;

/** Running servers: their events come by themselves, and going on means to show the present. */
export class LivePlayback implements Playback {
  playing = true;
  readonly speed = 1;
  readonly #timeline: Timeline;
  readonly #chapters: Chapters;
  readonly #clock: () => number;
  readonly #pace: PaceControl | undefined;

  /** `clock` gives the time on the axis of the events, in microseconds; without `pace` it stays as it is. */
  constructor(timeline: Timeline, servers: number, clock: () => number, pace?: PaceControl) {
    this.#pace = pace;
    this.#timeline = timeline;
    this.#chapters = new Chapters(servers);
    this.#clock = clock;
  }

  get time(): number | undefined {
    return this.playing ? this.#clock() : undefined;
  }

  add(server: number, events: readonly LifecycleEvent[]): void {
    for (const event of events) {
      this.#timeline.add(server, event);
      this.#chapters.add(server, event, this.#timeline.length);
    }
    this.#chapters.forgetBefore(this.#timeline.first);
  }

  /** A chapter begins with the next event. */
  mark(text: string): void {
    this.#chapters.mark(this.#timeline.length + 1, text);
  }

  /** The servers have stopped: what they did can be played again. */
  ended(): RecordedPlayback {
    const playback = new RecordedPlayback(this.#timeline, this.#chapters, NOTHING_MORE, 1);
    if (this.playing) this.#timeline.goTo(this.#timeline.length);
    else playback.step(0);
    return playback;
  }

  get status(): string {
    const behind = this.#timeline.length - this.#timeline.at;
    if (this.playing) return `live${this.#paceInWords}`;
    const chapter = this.#chapters.at(this.#timeline.at);
    const what = chapter === undefined ? '' : ` (${chapter})`;
    return `frozen${what}, ${behind} ${behind === 1 ? 'event' : 'events'} behind`;
  }

  get #paceInWords(): string {
    if (this.#pace === undefined) return '';
    if (this.#pace.stepping) return ', step by step';
    return this.#pace.pauseMs > 0 ? `, ${this.#pace.pauseMs} ms before each step` : '';
  }

  toggle(): void {
    this.playing = !this.playing;
  }

  step(events: number): void {
    this.playing = false;
    this.#timeline.goTo(this.#timeline.at + events);
  }

  chapter(direction: 1 | -1): void {
    this.playing = false;
    const point = this.#chapters.from(this.#timeline.at, direction);
    if (point !== undefined) this.#timeline.goTo(point);
  }

  faster(): void {
    this.#pace?.faster();
  }

  slower(): void {
    this.#pace?.slower();
  }

  tick(): void {
    if (this.playing) this.#timeline.goTo(this.#timeline.length);
  }
}

/** Where the events of a recording come from: as many as are asked for, when they have been read. */
export interface EventReader {
  /** The next event that has been read; undefined where none has, or none is left. */
  peek(): ServerEvent | undefined;
  take(): ServerEvent | undefined;
  /** Whether nothing more will come. */
  readonly ended: boolean;
}

const NOTHING_MORE: EventReader = { peek: () => undefined, take: () => undefined, ended: true };

const SPEEDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000];

/** Servers that were recorded. Their time goes on at `speed`. */
export class RecordedPlayback implements Playback {
  playing = true;
  speed: number;
  readonly #timeline: Timeline;
  readonly #reader: EventReader;
  readonly #chapters: Chapters;
  /** The moment of the recording that is shown, in microseconds; undefined before its first event. */
  #time: number | undefined;
  #lastTick: number | undefined;
  /** Reads on, without a pause, to the event for which this is true. */
  #until: ((event: LifecycleEvent, isMarker: boolean) => boolean) | undefined;

  constructor(timeline: Timeline, chapters: Chapters, reader: EventReader, speed: number) {
    this.#timeline = timeline;
    this.#chapters = chapters;
    this.#reader = reader;
    this.speed = speed;
  }

  get time(): number | undefined {
    return this.playing && !this.ended ? this.#time : undefined;
  }

  get status(): string {
    const chapter = this.#chapters.at(this.#timeline.at);
    const what = chapter === undefined ? '' : ` · ${chapter}`;
    if (this.#until !== undefined) return 'reading on';
    if (this.ended) return `the end${what}`;
    return `${this.playing ? `playing at ${this.speed}x` : 'frozen'}${what}`;
  }

  get ended(): boolean {
    return this.#reader.ended && this.#timeline.at === this.#timeline.length;
  }

  /** Goes to a moment, in microseconds. */
  seek(time: number): void {
    this.#until = (event) => event.at >= time;
  }

  /** Goes on where it is; at the end, from the beginning. */
  toggle(): void {
    this.playing = this.ended || !this.playing;
    if (this.ended) this.#timeline.goTo(this.#timeline.first);
    this.#time = this.#timeline.last?.event.at;
  }

  step(events: number): void {
    this.playing = false;
    const missing = this.#timeline.at + events - this.#timeline.length;
    for (let i = 0; i < missing; i++) this.#read();
    this.#timeline.goTo(this.#timeline.at + events);
  }

  chapter(direction: 1 | -1): void {
    this.playing = false;
    const point = this.#chapters.from(this.#timeline.at, direction);
    if (point !== undefined) this.#timeline.goTo(point);
    else if (direction > 0) this.#until = (_, isMarker) => isMarker;
  }

  faster(): void {
    this.speed = SPEEDS.find((each) => each > this.speed) ?? this.speed;
  }

  slower(): void {
    this.speed = SPEEDS.findLast((each) => each < this.speed) ?? this.speed;
  }

  tick(now: number): void {
    const passed = (now - (this.#lastTick ?? now)) * 1000 * this.speed;
    this.#lastTick = now;
    if (this.#until !== undefined) return this.#readOn();
    if (!this.playing) return;
    this.#time = (this.#time ?? this.#timeline.span?.from ?? this.#reader.peek()?.event.at ?? 0) + passed;
    this.#timeline.goTo(Math.max(this.#timeline.at, this.#timeline.pointAt(this.#time)));
    if (this.#timeline.at < this.#timeline.length) return;
    for (
      let next = this.#reader.peek();
      next !== undefined && next.event.at <= this.#time;
      next = this.#reader.peek()
    )
      this.#read();
    this.#timeline.goTo(this.#timeline.length);
  }

  #readOn(): void {
    for (let next = this.#reader.peek(); next !== undefined; next = this.#reader.peek()) {
      const isMarker = this.#read();
      if (!this.#until!(next.event, isMarker)) continue;
      this.#until = undefined;
      this.#time = next.event.at;
      break;
    }
    if (this.#reader.ended) this.#until = undefined;
    this.#timeline.goTo(this.#timeline.length);
  }

  /** Whether a chapter begins with the event that was read. */
  #read(): boolean {
    const next = this.#reader.take();
    if (next === undefined) return false;
    this.#timeline.add(next.server, next.event);
    this.#chapters.forgetBefore(this.#timeline.first);
    this.#chapters.add(next.server, next.event, this.#timeline.length);
    return this.#chapters.last === this.#timeline.length;
  }
}
