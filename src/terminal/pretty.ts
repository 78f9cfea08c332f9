// Events as lines for a person: time, connection, thread, and what happened, in steady columns.
// Each connection keeps its colour in all of them, so that one can be followed with the eye.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServeOptions } from '../models/options.js';
import { ConnectionColours } from './connection-colours.js';
import { escapeControls } from './escape.js';
import { type DrawUrl, header, summary } from './frame.js';
import { seconds } from './quantities.js';
import { wrap } from './width.js';
import { type Folded, isQuiet, isTrouble, whatHappened, worthTelling } from './words.js';

const TIME_WIDTH = 11;
const CONNECTION_WIDTH = 5;
const THREAD_WIDTH = 9;
const PREFIX_WIDTH = TIME_WIDTH + CONNECTION_WIDTH + THREAD_WIDTH + 3;

export class PrettyLines {
  /** The terminal's width; undefined where the lines go to a file or a pipe, and are never cut. */
  columns: number | undefined;
  readonly #chalk: ChalkInstance;
  readonly #options: ServeOptions | undefined;
  readonly #drawUrl: DrawUrl | undefined;
  readonly #colours: ConnectionColours;

  /** @param drawUrl for the header of a server that others may reach */
  constructor(
    chalk: ChalkInstance,
    columns: number | undefined,
    options: ServeOptions | undefined,
    drawUrl?: DrawUrl,
  ) {
    this.#chalk = chalk;
    this.columns = columns;
    this.#options = options;
    this.#drawUrl = drawUrl;
    this.#colours = new ConnectionColours(chalk);
  }

  /** A line for each event but those that tell of a sleep too short to see; around them what frame.ts has to say. */
  lines(events: readonly LifecycleEvent[]): string[] {
    const lines = worthTelling(events).map((event) => this.#line(event));
    const listening = events.find((event) => event.event === 'listening');
    if (listening !== undefined && this.#options !== undefined)
      lines.unshift(header(this.#chalk, listening, this.#options, this.#drawUrl) + this.heading());
    return lines;
  }

  heading(): string {
    return this.#chalk.dim(`${columns('seconds', 'conn', 'thread')}what happened\n`);
  }

  #line(event: Folded): string {
    if (event.event === 'stopped') return summary(this.#chalk, event);
    const id = 'connection' in event ? event.connection : undefined;
    const prefix = columns(seconds(event.at), id === undefined ? '' : `#${id}`, escapeControls(event.thread));
    const text = this.#wrap(whatHappened(event));
    const { dim, red } = this.#chalk;
    const colour = this.#colours.of(id);
    const [time, rest] = [prefix.slice(0, TIME_WIDTH), prefix.slice(TIME_WIDTH)];
    if (isQuiet(event)) return `${dim(time + colour(rest) + text)}\n`;
    return `${dim(time)}${colour(rest)}${isTrouble(event) ? red(text) : text}\n`;
  }

  /** On a terminal, what is too long for the last column goes on below it, and no more than fits on three lines. */
  #wrap(text: string): string {
    if (this.columns === undefined) return text;
    const room = Math.max(30, this.columns - PREFIX_WIDTH);
    return wrap(text, room, 3).join(`\n${' '.repeat(PREFIX_WIDTH)}`);
  }
}

function columns(time: string, connection: string, thread: string): string {
  return [
    time.padStart(TIME_WIDTH),
    connection.padEnd(CONNECTION_WIDTH),
    thread.padEnd(THREAD_WIDTH),
    '',
  ].join(' ');
}
