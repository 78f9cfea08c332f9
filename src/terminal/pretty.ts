// Events as lines for a person: time, connection, thread, and what happened, in steady columns.
// Each connection keeps its colour, so that the eye can follow it.

import type { ChalkInstance } from 'chalk';
import type { ServeOptions } from '../models/options.js';
import { ConnectionColours } from './connection-colours.js';
import { escapeControls } from './escape.js';
import { type ForOthers, header, summary } from './frame.js';
import { seconds } from './quantities.js';
import { textWidth, wrap } from './width.js';
import { type Folded, isQuiet, isTrouble, whatHappened, worthTelling } from './words.js';
import { wrapCall } from './wrap-call.js';

const TIME_WIDTH = 11;
const CONNECTION_WIDTH = 5;
const THREAD_WIDTH = 9;
const PREFIX_WIDTH = TIME_WIDTH + CONNECTION_WIDTH + THREAD_WIDTH + 3;
/** On a terminal, the rows of one line, and how far all but the first are indented. */
const MOST_ROWS = 3;
const MOST_CALL_ROWS = 4;
const MOST_ADVICE_ROWS = 12;
const HANGING_INDENT = 2;
const LEAST_ROOM = 30;

export class PrettyLines {
  /** The terminal's width. Undefined for a file or a pipe, whose lines are never cut. */
  columns: number | undefined;
  readonly #chalk: ChalkInstance;
  readonly #options: ServeOptions | undefined;
  readonly #forOthers: ForOthers;
  readonly #colours: ConnectionColours;
  /** The threads' names, as they can be printed. */
  readonly #names = new Map<string, string>();
  /** Unknown before the server listens. */
  #mode: string | undefined;

  constructor(
    chalk: ChalkInstance,
    columns: number | undefined,
    options: ServeOptions | undefined,
    forOthers: ForOthers = {},
  ) {
    this.#chalk = chalk;
    this.columns = columns;
    this.#options = options;
    this.#forOthers = forOthers;
    this.#colours = new ConnectionColours(chalk);
  }

  /** A line for each event that is worth one, with the header above the first and the summary below the last. */
  lines(events: readonly Folded[]): string[] {
    const listening = events.find((event) => event.event === 'listening');
    this.#mode = listening?.mode ?? this.#mode;
    const lines = worthTelling(events).map((event) => this.#line(event));
    if (listening !== undefined && this.#options !== undefined)
      lines.unshift(header(this.#chalk, listening, this.#options, this.#forOthers) + this.heading());
    return lines;
  }

  heading(): string {
    return this.#chalk.dim(`${timeColumn('seconds')}${otherColumns('conn', 'thread')}what happened\n`);
  }

  #line(event: Folded): string {
    if (event.event === 'stopped') return summary(this.#chalk, event, this.#mode);
    const id = 'connection' in event ? event.connection : undefined;
    // The clock starts when the server listens: what came before has no time here.
    const time = timeColumn(event.at < 0 ? '' : seconds(event.at));
    const rest = otherColumns(id === undefined ? '' : `#${id}`, this.#nameOf(event));
    const text = this.#wrap(event);
    const { bold, dim, red } = this.#chalk;
    const colour = this.#colours.of(id);
    if (isQuiet(event)) return `${dim(time + colour(rest) + text)}\n`;
    if (event.event === 'advice') return `${dim(time)}${colour(rest)}${bold(text)}\n`;
    return `${dim(time)}${colour(rest)}${isTrouble(event) ? red(text) : text}\n`;
  }

  #nameOf({ thread }: Folded): string {
    const known = this.#names.get(thread);
    if (known !== undefined) return known;
    const name = escapeControls(thread);
    this.#names.set(thread, name);
    return name;
  }

  /** A file gets the whole text; a terminal gets rows that fit its last column. */
  #wrap(event: Folded): string {
    const text = whatHappened(event);
    if (this.columns === undefined) return text;
    const room = Math.max(LEAST_ROOM, this.columns - PREFIX_WIDTH);
    if (textWidth(text) <= room) return text;
    const rows =
      event.event === 'call'
        ? wrapCall(text, room - HANGING_INDENT, MOST_CALL_ROWS)
        : wrap(text, room - HANGING_INDENT, event.event === 'advice' ? MOST_ADVICE_ROWS : MOST_ROWS);
    return rows.join(`\n${' '.repeat(PREFIX_WIDTH + HANGING_INDENT)}`);
  }
}

const timeColumn = (time: string): string => time.padStart(TIME_WIDTH);

const otherColumns = (connection: string, thread: string): string =>
  ` ${connection.padEnd(CONNECTION_WIDTH)} ${thread.padEnd(THREAD_WIDTH)} `;
