// The board on a terminal: draws the picture again and again, and does what the keys say, until it is left.

import type { ChalkInstance } from 'chalk';
import { AlternateScreen } from '../inspect/alternate-screen.js';
import { seconds } from '../terminal/quantities.js';
import { glyphsFor, type TerminalSize, terminalSize } from '../terminal/terminal.js';
import { boardLines } from './board.js';
import { type Followed, nameFrom } from './followed.js';
import { keysOf } from './keys.js';
import type { Playback } from './playback.js';
import type { Stepping } from './stepping.js';
import type { ServerEvent, Timeline } from './timeline.js';

const DRAW_EVERY_MS = 50;
/** How long a change stands out. */
const FRESH_MS = 600;
/** Digits that follow each other this quickly are one number. */
const SAME_NUMBER_MS = 1000;
const PAGE = 20;
/** Of each server; more than these are never on a screen. */
const MOST_RECENT = 60;

export interface ShownServer {
  readonly name: string;
  readonly colour: (text: string) => string;
}

export interface BoardOptions {
  /** Given the moment that is shown, in microseconds. */
  readonly title: (now: number) => string;
  readonly servers: readonly ShownServer[];
  readonly timeline: Timeline;
  /** At first. */
  readonly playback: Playback;
  readonly chalk: ChalkInstance;
  /** Where the threads of the first server can be stopped before their steps. */
  readonly stepping?: Stepping | undefined;
  /** Who is followed at first. */
  readonly followed?: Followed;
  /** Prints events as lines, in their order; each with its server. */
  readonly printLines: (events: readonly ServerEvent[]) => void;
}

const size = (): TerminalSize => terminalSize(process.stdout)!;

/** On standard input and output, which are a terminal. */
export class Board {
  playback: Playback;
  readonly #options: BoardOptions;
  readonly #screen = new AlternateScreen();
  readonly #glyphs = glyphsFor(process.env);
  readonly #timer: NodeJS.Timeout;
  #followed: Followed;
  /** What was typed of a client's name; undefined where none is being typed. */
  #typed: string | undefined;
  #digitAt = 0;
  #help = false;
  /** In place of the picture: the point up to which lines are printed. */
  #printedTo: number | undefined;
  #leave: () => void = () => {};
  /** Resolves when the user leaves. */
  readonly left = new Promise<void>((resolve) => {
    this.#leave = resolve;
  });

  constructor(options: BoardOptions) {
    this.#options = options;
    this.playback = options.playback;
    this.#followed = options.followed;
    const { stdin } = process;
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', this.#onInput).on('end', this.#leave).on('error', this.#leave);
    this.#timer = setInterval(() => this.draw(), DRAW_EVERY_MS);
    this.draw();
  }

  /** The terminal is as it was before. */
  close(): void {
    const { stdin } = process;
    clearInterval(this.#timer);
    this.#screen.leave();
    stdin.off('data', this.#onInput).off('end', this.#leave).off('error', this.#leave);
    stdin.setRawMode(false);
    stdin.pause();
  }

  draw(): void {
    const { timeline } = this.#options;
    this.playback.tick(performance.now());
    if (this.#printedTo === undefined) return this.#screen.draw(this.#picture());
    const { at } = timeline;
    this.#options.printLines(timeline.between(this.#printedTo, at));
    this.#printedTo = Math.max(at, this.#printedTo);
  }

  #picture(): string[] {
    const { chalk, servers, timeline, title, stepping } = this.#options;
    const { playback } = this;
    const { last } = timeline;
    const panels = servers.map(({ name, colour }, i) => ({
      name,
      colour,
      state: timeline.stateOf(i),
      recent: timeline.recentOf(i, MOST_RECENT),
      isLast: last?.server === i && !playback.playing,
      selected: i === 0 ? stepping?.selectedIn(timeline.stateOf(0))?.tid : undefined,
    }));
    const { time } = playback;
    const at = time === undefined ? seconds(last?.event.at ?? 0) : (time / 1e6).toFixed(1);
    const now = Math.max(time ?? 0, last?.event.at ?? 0);
    const frame = {
      title: title(now),
      status: `${at} s, ${(playback.playing && stepping?.status(timeline.stateOf(0))) || playback.status}`,
      now,
      freshUs: playback.playing ? FRESH_MS * 1000 * playback.speed : 0,
      followed: this.#followed,
      typed: this.#typed,
      steps: stepping !== undefined,
    };
    return boardLines(chalk, this.#glyphs, size(), panels, frame, this.#help);
  }

  readonly #onInput = (text: string): void => {
    for (const key of keysOf(text)) this.#press(key);
    this.draw();
  };

  #press(key: string): void {
    if (this.#typed !== undefined && key !== 'ctrl-c') return this.#typeName(key, this.#typed);
    const { stepping, timeline } = this.#options;
    const { playback } = this;
    this.#help = key === '?' && !this.#help;
    if (stepping?.hasKey(key)) {
      if (playback.playing) return stepping.press(key, timeline.stateOf(0));
      return playback.toggle(); // nobody makes a step that is not on the screen
    }
    const keys: Record<string, () => void> = {
      ' ': () => playback.toggle(),
      left: () => playback.step(-1),
      right: () => playback.step(1),
      'page-left': () => playback.step(-PAGE),
      'page-right': () => playback.step(PAGE),
      p: () => playback.chapter(-1),
      n: () => playback.chapter(1),
      '+': () => playback.faster(),
      '-': () => playback.slower(),
      f: () => {
        this.#typed = '';
      },
      l: () => this.#toggleLines(),
      q: this.#leave,
      'ctrl-c': this.#leave,
      escape: () => {
        this.#followed = undefined;
      },
    };
    if (/^\d$/.test(key)) this.#follow(Number(key));
    else keys[key]?.();
  }

  /** Whose name begins with what was typed so far is followed at once. */
  #typeName(key: string, before: string): void {
    if (key === 'enter' || key === 'escape') {
      this.#typed = undefined;
      if (key === 'escape') this.#followed = undefined;
      else this.#followed ??= before.trim() || undefined; // she has not come yet
      return;
    }
    this.#typed = key === 'backspace' ? before.slice(0, -1) : key.length === 1 ? before + key : before;
    const { timeline, servers } = this.#options;
    const names = servers.flatMap((_, i) => timeline.stateOf(i).clients);
    this.#followed = nameFrom(this.#typed, names);
  }

  #follow(digit: number): void {
    const now = performance.now();
    const last = now - this.#digitAt < SAME_NUMBER_MS ? this.#followed : undefined;
    this.#digitAt = now;
    const id = typeof last === 'number' ? last * 10 + digit : digit;
    this.#followed = id === 0 ? undefined : id;
  }

  #toggleLines(): void {
    if (this.#printedTo !== undefined) {
      this.#printedTo = undefined;
      return;
    }
    this.#screen.leave();
    const { timeline, chalk } = this.#options;
    process.stdout.write(chalk.dim('Lines. l shows the picture again, q quits.\n'));
    this.#printedTo = Math.max(timeline.first, timeline.at - size().rows);
  }
}
