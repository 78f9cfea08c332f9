// The columns with a line for each event, for --lines all and for a server that is slowed down to be followed.
// Side by side, each column grows by itself, so that no space is lost. Below each other, all lines are in order of time.

import type { ServerName } from '../models/options.js';
import { ConnectionColours } from '../terminal/connection-colours.js';
import { type Folded, isQuiet, isTrouble, whatHappened, worthTelling } from '../terminal/words.js';
import type { Cell, Columns } from './columns.js';
import { groupBy } from './group-by.js';
import type { ModeEvent } from './in-order.js';
import type { ColumnsView } from './live-screen.js';

/** A column needs so many characters for a time, a connection, a thread and what happened. */
export const LEAST_LINE_COLUMN = 36;
/** After this time, in microseconds, the columns start again on the same row. */
const WINDOW_US = 50_000;
const TIME_WIDTH = 8;
const CONNECTION_WIDTH = 4;
const THREAD_WIDTH = 8;

export class EveryLine implements ColumnsView {
  readonly columns: Columns;
  /** Each server counts its own connections. */
  readonly #colours: ReadonlyMap<ServerName, ConnectionColours>;

  constructor(columns: Columns) {
    this.columns = columns;
    this.#colours = new Map(columns.servers.map((mode) => [mode, new ConnectionColours(columns.chalk)]));
  }

  take(told: readonly ModeEvent[]): string[] {
    const worth = this.columns.servers
      .flatMap((mode) => worthTelling(eventsOf(told, mode)).map((event) => ({ mode, event })))
      .filter(({ event }) => event.event !== 'listening' && event.event !== 'stopped')
      .sort((a, b) => a.event.at - b.event.at);
    if (!this.columns.sideBySide) return worth.flatMap((each) => this.#row([each]));
    const windows = groupBy(worth, ({ event }) => Math.floor(event.at / WINDOW_US));
    return [...windows.values()].flatMap((window) => {
      const columns = this.columns.servers.map((mode) => window.filter((each) => each.mode === mode));
      const height = Math.max(...columns.map(({ length }) => length));
      return Array.from({ length: height }, (_, i) => i).flatMap((i) =>
        this.#row(columns.flatMap((column) => column[i] ?? [])),
      );
    });
  }

  takeMoments(): void {}

  soFar(): string[] {
    return [];
  }

  stepEnds(): string[] {
    return [];
  }

  #row(told: readonly FoldedModeEvent[]): string[] {
    const { servers } = this.columns;
    return this.columns.row(
      servers.map((mode) => {
        const each = told.find((one) => one.mode === mode);
        return each && this.#cell(each);
      }),
    );
  }

  #cell({ mode, event }: FoldedModeEvent): Cell {
    const { chalk, sideBySide } = this.columns;
    const id = 'connection' in event ? event.connection : undefined;
    const time = (event.at / 1e6).toFixed(4).padStart(TIME_WIDTH);
    const connection = (id === undefined ? '' : `#${id}`).padEnd(CONNECTION_WIDTH);
    const who = ` ${connection} ${sideBySide ? event.thread : event.thread.padEnd(THREAD_WIDTH)} `;
    const start = time.length + who.length;
    const colour = this.#colours.get(mode)!.of(id);
    const quiet = isQuiet(event);
    const mood = quiet ? chalk.dim : isTrouble(event) ? chalk.red : String;
    const begin = (line: string): string => {
      const name = colour(line.slice(time.length, start));
      return chalk.dim(line.slice(0, time.length)) + (quiet ? chalk.dim(name) : name);
    };
    return {
      text: time + who + whatHappened(event, sideBySide),
      indent: [0, sideBySide ? TIME_WIDTH + 1 : start],
      paint: mood,
      paintFirst: (line) => begin(line) + mood(line.slice(start)),
    };
  }
}

interface FoldedModeEvent {
  readonly mode: ServerName;
  readonly event: Folded;
}

const eventsOf = (told: readonly ModeEvent[], mode: ServerName) =>
  told.filter((each) => each.mode === mode).map(({ event }) => event);
