// The events of several servers side by side: a column for each model, one order of time for all of them.
// On a narrow screen, and in a pipe, one column, and each line says whose it is.

import type { ChalkInstance } from 'chalk';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ModelName } from '../models/options.js';
import { ConnectionColours } from '../terminal/connection-colours.js';
import { count, seconds } from '../terminal/quantities.js';
import type { Glyphs } from '../terminal/terminal.js';
import { cut, padEnd, wrap } from '../terminal/width.js';
import { type Folded, isQuiet, isTrouble, whatHappened, worthTelling } from '../terminal/words.js';
import type { Sample, ScenarioStep } from './comparison.js';
import { megabytes } from './verdict.js';

const TIME_WIDTH = 10;
const MODE_WIDTH = 10;
/** As wide as a screen has to be for columns, and a column for its text. */
const LEAST_SCREEN = 100;
const LEAST_COLUMN = 26;
/** Events of two servers that lie no further apart than this stand in one row, in microseconds. */
const SAME_ROW_US = 1000;
/** Lines that a column's text may take: a 4-tuple needs two in the narrowest. */
const MOST_LINES = 3;

export interface ModelEvent {
  readonly mode: ModelName;
  readonly event: LifecycleEvent;
}

export class Columns {
  readonly #chalk: ChalkInstance;
  readonly #glyphs: Glyphs;
  readonly #modes: readonly ModelName[];
  /** Characters of each column; 0 where there is one for all. */
  readonly #width: number;
  /** The terminal's; undefined in a pipe, where lines are never cut. */
  readonly #screen: number | undefined;
  /** Each server counts its own connections. */
  readonly #colours: ReadonlyMap<ModelName, ConnectionColours>;

  constructor(chalk: ChalkInstance, modes: readonly ModelName[], screen: number | undefined, glyphs: Glyphs) {
    this.#chalk = chalk;
    this.#glyphs = glyphs;
    this.#modes = modes;
    this.#screen = screen;
    this.#colours = new Map(modes.map((mode) => [mode, new ConnectionColours(chalk)]));
    const width = Math.floor(((screen ?? 0) - TIME_WIDTH) / modes.length) - 3;
    this.#width = (screen ?? 0) >= LEAST_SCREEN && width >= LEAST_COLUMN && modes.length > 1 ? width : 0;
  }

  heading(): string {
    const { bold, dim } = this.#chalk;
    if (this.#width === 0)
      return dim(`${'seconds'.padStart(TIME_WIDTH)} ${'model'.padEnd(MODE_WIDTH)} what happened`);
    return this.#row(dim('seconds'.padStart(TIME_WIDTH)), (mode) => bold(mode.padEnd(this.#width)));
  }

  step({ at, text }: ScenarioStep): string {
    return `${seconds(at).padStart(TIME_WIDTH)} ${this.#chalk.bold.cyan(`-> ${text}`)}`;
  }

  /** Events in the order of time, as lines. */
  lines(told: readonly ModelEvent[]): string[] {
    const worth = this.#modes
      .flatMap((mode) =>
        worthTelling(told.filter((each) => each.mode === mode).map(({ event }) => event)).map((event) => ({
          mode,
          event,
        })),
      )
      .filter(({ event }) => event.event !== 'listening' && event.event !== 'stopped')
      .sort((a, b) => a.event.at - b.event.at);
    return this.#width === 0 ? worth.map((each) => this.#single(each)) : this.#rows(worth);
  }

  /** One model's figures of this moment; in columns they go below each other. */
  status(samples: ReadonlyMap<ModelName, Sample>, failures: ReadonlyMap<ModelName, string>): string[] {
    const texts = (mode: ModelName): [string, string] => {
      if (failures.has(mode)) return ['has failed', ''];
      const sample = samples.get(mode);
      if (sample === undefined) return ['nothing measured yet', ''];
      const { connections, threads, answered, memory, cpuSeconds } = sample;
      return [
        `${count(connections, 'connection')} open, ${count(threads, 'thread')}`,
        `${answered} answered, ${megabytes(memory)}, ${cpuSeconds.toFixed(2)} s CPU`,
      ];
    };
    const rule = this.#chalk.dim(this.#glyphs.horizontal.repeat(this.#screen ?? 0));
    if (this.#width === 0) {
      const line = (mode: ModelName): string =>
        ` ${mode.padEnd(MODE_WIDTH)} ${texts(mode).filter(Boolean).join(', ')}`;
      return [rule, ...this.#modes.map((mode) => cut(line(mode), this.#screen ?? Number.POSITIVE_INFINITY))];
    }
    const cell = (text: string): string => padEnd(cut(text, this.#width), this.#width);
    return [
      rule,
      ...[0, 1].map((i) =>
        this.#row((i === 0 ? 'now' : '').padStart(TIME_WIDTH), (mode) => cell(texts(mode)[i]!)),
      ),
    ];
  }

  #single({ mode, event }: { mode: ModelName; event: Folded }): string {
    const { dim } = this.#chalk;
    const id = connectionOf(event);
    const start = `${seconds(event.at).padStart(TIME_WIDTH)} `;
    const who = `${mode.padEnd(MODE_WIDTH)} ${whose(id, event.thread)}`;
    const room =
      this.#screen === undefined ? Number.POSITIVE_INFINITY : this.#screen - start.length - who.length;
    const text = wrap(whatHappened(event), Math.max(room, 20), MOST_LINES).join(
      `\n${' '.repeat(start.length + who.length)}`,
    );
    const colour = this.#colours.get(mode)!.of(id);
    if (isQuiet(event)) return dim(start + colour(who) + text);
    return dim(start) + colour(who) + this.#mood(event)(text);
  }

  #rows(worth: readonly { mode: ModelName; event: Folded }[]): string[] {
    const lines: string[] = [];
    let row = new Map<ModelName, string[]>();
    let at = 0;
    const finish = (): void => {
      lines.push(...this.#height(at, row));
      row = new Map();
    };
    for (const { mode, event } of worth) {
      if (row.size > 0 && (row.has(mode) || event.at - at > SAME_ROW_US)) finish();
      if (row.size === 0) at = event.at;
      row.set(mode, this.#cell(mode, event));
    }
    if (row.size > 0) finish();
    return lines;
  }

  /** The lines of one row, as many as its highest cell has. */
  #height(at: number, row: ReadonlyMap<ModelName, readonly string[]>): string[] {
    const height = Math.max(...[...row.values()].map((cell) => cell.length));
    const empty = ' '.repeat(this.#width);
    return Array.from({ length: height }, (_, i) =>
      this.#row(
        this.#chalk.dim((i === 0 ? seconds(at) : '').padStart(TIME_WIDTH)),
        (mode) => row.get(mode)?.[i] ?? empty,
      ),
    );
  }

  #row(time: string, cell: (mode: ModelName) => string): string {
    const bar = this.#chalk.dim(` ${this.#glyphs.vertical} `);
    return `${time}${bar}${this.#modes.map(cell).join(bar)}`.trimEnd();
  }

  #cell(mode: ModelName, event: Folded): string[] {
    const id = connectionOf(event);
    const who = whose(id, event.thread);
    const colour = this.#colours.get(mode)!.of(id);
    const lines = wrap(whatHappened(event, true), this.#width - who.length, MOST_LINES);
    return lines.map((line, i) => {
      const start = i === 0 ? who : ' '.repeat(who.length);
      const text = padEnd(line, this.#width - who.length);
      if (isQuiet(event)) return this.#chalk.dim(colour(start) + text);
      return colour(start) + this.#mood(event)(text);
    });
  }

  #mood(event: Folded): (text: string) => string {
    return isTrouble(event) ? this.#chalk.red : (text) => text;
  }
}

const connectionOf = (event: Folded): number | undefined =>
  'connection' in event ? event.connection : undefined;

const whose = (id: number | undefined, thread: string): string =>
  `${(id === undefined ? '' : `#${id}`).padEnd(3)} ${thread.padEnd(8)} `;
