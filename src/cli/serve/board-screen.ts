// `serve --board` and `watch --board`: the server as a picture that stays in place, with the lines one key away.

import { LivePlayback } from '../../board/playback.js';
import { Board } from '../../board/show.js';
import { Stepping } from '../../board/stepping.js';
import { Timeline } from '../../board/timeline.js';
import { nowUs } from '../../lifecycle/clock.js';
import type { EventOf, LifecycleEvent, Listening } from '../../lifecycle/events.js';
import type { Steering } from '../../sources/steering.js';
import { colours } from '../../terminal/colours.js';
import { summary } from '../../terminal/frame.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { terminalSize } from '../../terminal/terminal.js';
import type { Screen } from './screen.js';

export interface BoardScreenOptions {
  readonly name: string;
  /** What stands below the board when it is left. */
  header(listening: Listening): string;
  /** Of a server that keys can steer; `byStep`: each thread stops before each step. */
  steering?(): { readonly steering: Steering; readonly byStep: boolean } | undefined;
  /** Called when the user leaves the board. */
  onLeave(): void;
}

export class BoardScreen implements Screen {
  readonly #chalk = colours();
  readonly #options: BoardScreenOptions;
  /** Once the server listens: one that cannot never takes the screen. */
  #shown:
    | { readonly listening: Listening; readonly board: Board; readonly playback: LivePlayback }
    | undefined;
  #stopped: EventOf<'stopped'> | undefined;

  constructor(options: BoardScreenOptions) {
    this.#options = options;
  }

  take(events: readonly LifecycleEvent[]): void {
    for (const event of events) {
      if (event.event === 'listening') this.#open(event);
      if (event.event === 'stopped') this.#stopped = event;
    }
    this.#shown?.playback.add(0, events);
  }

  #open(listening: Listening): void {
    const { stdout } = process;
    const timeline = new Timeline(1);
    const { name, onLeave } = this.#options;
    const { steering, byStep = false } = this.#options.steering?.() ?? {};
    const playback = new LivePlayback(timeline, 1, () => nowUs() - listening.monotonicUs, steering);
    const pretty = new PrettyLines(this.#chalk, undefined, undefined);
    const board = new Board({
      title: () => 'evented-demo',
      servers: [{ name, colour: String }],
      timeline,
      playback,
      stepping: steering !== undefined && byStep ? new Stepping(steering) : undefined,
      chalk: this.#chalk,
      printLines: (events) => {
        pretty.columns = terminalSize(stdout)?.columns;
        stdout.write(pretty.lines(events.map(({ event }) => event)).join(''));
      },
    });
    void board.left.then(onLeave);
    this.#shown = { listening, board, playback };
  }

  stopping(): void {}

  leaveAtOnce(): void {
    this.#shown?.board.close();
  }

  /** The terminal is as it was before; below it stands what ran here and what it did. */
  async finish(): Promise<boolean> {
    if (this.#shown === undefined) return true;
    const { board, listening } = this.#shown;
    board.close();
    process.stdout.write(this.#options.header(listening));
    if (this.#stopped !== undefined)
      process.stdout.write(summary(this.#chalk, this.#stopped, listening.mode));
    return true;
  }
}
