// A column for each server, side by side; where the screen is too narrow for that, one below the other, each line with its
// server's name. Only the layout: folded-view.ts and every-line.ts make the text of the columns.

import type { ChalkInstance } from 'chalk';
import type { ServerName } from '../models/options.js';
import type { Paint } from '../terminal/connection-colours.js';
import { count } from '../terminal/quantities.js';
import type { Glyphs } from '../terminal/terminal.js';
import { padEnd, wrap } from '../terminal/width.js';
import type { Sample, ScenarioStep } from './comparison.js';
import { inModelColour } from './model-colours.js';
import { megabytes } from './verdict.js';

/** Of a name in front of each line, at least. */
const NAME_WIDTH = 10;
/** Is never broken over two lines. */
const FOUR_TUPLE = /:\d+ -> :\d+/g;
/** A no-break space (U+00A0). */
const UNBROKEN = '\u00a0';
/** Lines that one text may take. */
const MOST_LINES = 3;

/** A text, and what it looks like. */
export interface Cell {
  readonly text: string;
  /** Blanks before its first line, and before those after it. */
  readonly indent?: readonly [first: number, rest: number];
  readonly paint?: Paint;
  /** Of its first line, where that looks different. */
  readonly paintFirst?: Paint;
}

export class Columns {
  readonly chalk: ChalkInstance;
  readonly servers: readonly ServerName[];
  readonly #glyphs: Glyphs;
  /** The terminal's columns; undefined where lines are never cut. */
  readonly #screen: number | undefined;
  /** Characters of each column; 0 where they stand below each other. */
  readonly #width: number;

  /** @param least characters that a column needs to be one */
  constructor(
    chalk: ChalkInstance,
    servers: readonly ServerName[],
    screen: number | undefined,
    glyphs: Glyphs,
    least: number,
  ) {
    this.chalk = chalk;
    this.servers = servers;
    this.#screen = screen;
    this.#glyphs = glyphs;
    const width = Math.floor(((screen ?? 0) + this.#bar.length) / servers.length) - this.#bar.length;
    this.#width = width >= least ? width : 0;
  }

  get sideBySide(): boolean {
    return this.#width > 0;
  }

  /** `about`: where each server listens; nothing of one that does not. */
  heading(about: readonly string[]): string[] {
    const names = this.servers.map((mode) => ({ text: mode, paint: inModelColour(this.chalk, mode).bold }));
    const places = this.row(about.map((text) => ({ text, paint: this.chalk.dim })));
    return this.sideBySide ? [...this.row(names), ...places] : places;
  }

  step({ at, text }: ScenarioStep): string[] {
    const time = `${(at / 1e6).toFixed(2)} s `;
    const lines = wrap(`-> ${text}`, this.#room - time.length, MOST_LINES);
    return lines.map(
      (line, i) => (i === 0 ? this.chalk.dim(time) : ' '.repeat(time.length)) + this.chalk.bold.cyan(line),
    );
  }

  /** One text for all servers. */
  across(cell: Cell): string[] {
    if (this.sideBySide) return laidOut(cell, this.#room);
    return this.servers.length > 1 ? this.#named('all', this.chalk.dim, cell) : this.row([cell]);
  }

  /** A text for each server, in their order; as many lines as the longest takes. */
  row(cells: readonly (Cell | undefined)[]): string[] {
    if (!this.sideBySide)
      return cells.flatMap((cell, i) => {
        if (cell === undefined) return [];
        const name = this.servers[i]!;
        return this.#named(name, inModelColour(this.chalk, name), cell);
      });
    const columns = cells.map((cell) => (cell === undefined ? [] : laidOut(cell, this.#width)));
    const height = Math.max(...columns.map((lines) => lines.length));
    const bar = this.chalk.dim(this.#bar);
    return Array.from({ length: height }, (_, i) =>
      columns
        .map((lines) => padEnd(lines[i] ?? '', this.#width))
        .join(bar)
        .trimEnd(),
    );
  }

  /** What stays below the lines while the servers run: their figures of this moment. */
  status(samples: ReadonlyMap<ServerName, Sample>, failures: ReadonlyMap<ServerName, string>): string[] {
    const rule = this.chalk.dim(this.#glyphs.horizontal.repeat(this.#room));
    const cells = this.servers.map((mode) => ({ text: statusOf(samples.get(mode), failures.has(mode)) }));
    return [rule, ...this.row(cells)];
  }

  get #bar(): string {
    return ` ${this.#glyphs.vertical} `;
  }

  get #room(): number {
    return this.#screen ?? Number.POSITIVE_INFINITY;
  }

  #named(name: string, paint: Paint, cell: Cell): string[] {
    const width = Math.max(NAME_WIDTH, ...this.servers.map(({ length }) => length));
    return laidOut(cell, Math.max(20, this.#room - width - 1)).map((line, i) =>
      `${i === 0 ? paint(name.padEnd(width)) : ' '.repeat(width)} ${line}`.trimEnd(),
    );
  }
}

function laidOut(cell: Cell, width: number): string[] {
  const { text, indent: [first, rest] = [0, 2], paint = String, paintFirst = paint } = cell;
  const whole = ' '.repeat(first) + text.replace(FOUR_TUPLE, (ports) => ports.replaceAll(' ', UNBROKEN));
  const start = wrap(whole, width)[0]!;
  const further = whole.slice(start.length).trimStart();
  const lines = further === '' ? [] : wrap(further, width - rest, MOST_LINES - 1);
  const [begin, ...others] = [start, ...lines.map((line) => ' '.repeat(rest) + line)].map((line) =>
    line.replaceAll(UNBROKEN, ' '),
  );
  return [paintFirst(begin!), ...others.map((line) => paint(line))];
}

function statusOf(sample: Sample | undefined, failed: boolean): string {
  if (failed) return 'has failed';
  if (sample === undefined) return 'nothing measured yet';
  const { connections, threads, answered, memory, cpuSeconds } = sample;
  const now = `${count(connections, 'connection')}, ${count(threads, 'thread')}`;
  return `${now}, ${answered} answered, ${megabytes(memory)}, ${cpuSeconds.toFixed(2)} s CPU`;
}
