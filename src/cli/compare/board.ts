// `compare --board`: all servers as one picture that stays in place, with the lines one key away. When the servers have
// stopped it stays, and what happened can be played again.

import { LivePlayback, type PaceControl } from '../../board/playback.js';
import { Board } from '../../board/show.js';
import { type NumberedStep, titleAt } from '../../board/step-title.js';
import { Timeline } from '../../board/timeline.js';
import { aborted } from '../../compare/aborted.js';
import type { Sample, ScenarioStep } from '../../compare/comparison.js';
import { knownTo } from '../../compare/in-order.js';
import { type ColumnsView, type LineOutput, LiveScreen } from '../../compare/live-screen.js';
import { inModelColour } from '../../compare/model-colours.js';
import type { Observer } from '../../compare/observer.js';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerName } from '../../models/options.js';
import type { ClientMoment } from '../../sources/recording-entry.js';

/** `compare open` may run for days. */
const MOST_STEPS = 1000;
/** Characters of the lines that are kept for the moment when somebody wants to see them. */
const MOST_KEPT = 1_000_000;

export class CompareBoard implements Observer {
  readonly #name: string;
  readonly #view: ColumnsView;
  readonly #modes: readonly ServerName[];
  readonly #onLeave: () => void;
  readonly #timeline: Timeline;
  readonly #playback: LivePlayback;
  readonly #kept = new KeptLines();
  /** What the lines of the comparison are, step by step; nothing is drawn over. */
  readonly #lines: LiveScreen;
  /** The newest ones, each with its number. */
  readonly #steps: NumberedStep[] = [];
  #stepped = 0;
  /** Said in place of the step: what runs after the last one, or which server failed. */
  #load: string | undefined;
  #failure: string | undefined;
  #anyListens = false;
  /** The common clock at 0 of the time axis. */
  #zeroUs = Number.POSITIVE_INFINITY;
  #ended = false;
  #board: Board | undefined;

  /** `name` stands in the title; `onLeave` is called when the user leaves the board. `pace`: where keys can change it. */
  constructor(name: string, view: ColumnsView, onLeave: () => void, pace: PaceControl | undefined) {
    this.#name = name;
    this.#view = view;
    this.#modes = view.columns.servers;
    this.#onLeave = onLeave;
    this.#timeline = new Timeline(this.#modes.length);
    const now = (): number => knownTo(this.#zeroUs);
    this.#playback = new LivePlayback(this.#timeline, this.#modes.length, now, pace);
    this.#lines = new LiveScreen(this.#kept, view, 0);
  }

  onListening(mode: ServerName, port: number, pid: number): void {
    this.#lines.onListening(mode, port, pid);
    this.#anyListens = true;
  }

  /** The board opens now: servers that cannot start never take the screen. */
  onBegin(zeroUs: number): void {
    this.#lines.onBegin(zeroUs);
    this.#zeroUs = zeroUs;
    if (this.#ended || !this.#anyListens) return;
    const { chalk } = this.#view.columns;
    this.#board = new Board({
      title: (now) => this.#title(now),
      servers: this.#modes.map((mode) => ({ name: mode, colour: inModelColour(chalk, mode) })),
      timeline: this.#timeline,
      playback: this.#playback,
      chalk,
      printLines: () => this.#kept.print(),
    });
    void this.#board.left.then(this.#onLeave);
  }

  onStep(step: ScenarioStep): void {
    this.#lines.onStep(step);
    if (this.#ended) return;
    this.#steps.push({ ...step, number: ++this.#stepped });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
    this.#playback.mark(`step ${this.#stepped}`);
  }

  onEvent(mode: ServerName, event: LifecycleEvent): void {
    this.#lines.onEvent(mode, event);
    if (!this.#ended) this.#playback.add(this.#modes.indexOf(mode), [event]);
  }

  onMoments(mode: ServerName, moments: readonly ClientMoment[]): void {
    this.#lines.onMoments(mode, moments);
  }

  onSample(mode: ServerName, sample: Sample): void {
    this.#lines.onSample(mode, sample);
  }

  onFailure(mode: ServerName, sentence: string): void {
    this.#lines.onFailure(mode, sentence);
    this.#failure = `${mode}: ${sentence}`;
  }

  onLoad(mode: ServerName, seconds: number): void {
    this.#lines.onLoad(mode, seconds);
    this.#end();
    this.#load = `now ${mode} alone, at full speed for ${seconds} s`;
  }

  /** The servers have stopped, and all their events have come. Resolves when the user leaves the board. */
  async left(until: AbortSignal): Promise<void> {
    this.#end();
    this.#load = undefined;
    await Promise.race([this.#board?.left, aborted(until)]);
  }

  /** The terminal is as it was. */
  close(): void {
    this.#end();
    this.#board?.close();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lines.close();
    if (this.#board !== undefined) this.#board.playback = this.#playback.ended();
  }

  /** The step that the clients were at, at the moment that is shown. */
  #title(now: number): string {
    const what = this.#load ?? this.#failure;
    return what === undefined ? titleAt(this.#name, this.#steps, now) : `${this.#name}: ${what}`;
  }
}

/** Lines that nobody has asked for yet. */
class KeptLines implements LineOutput {
  readonly full = false;
  #text = '';

  write(lines: string): void {
    this.#text = (this.#text + lines).slice(-MOST_KEPT);
  }

  skip(): void {}

  print(): void {
    if (this.#text !== '') process.stdout.write(this.#text);
    this.#text = '';
  }
}
