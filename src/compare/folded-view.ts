// The columns as few lines: a block for each step of the scenario, folded by fold/.
// live-screen.ts updates the block of the step that still runs, and keeps it when the step is over.

import type { ServerName } from '../models/options.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import type { Cell, Columns } from './columns.js';
import { Fold, type FoldedRow, type RowKind } from './fold/fold.js';
import type { ModeEvent } from './in-order.js';
import type { ColumnsView } from './live-screen.js';
import { inModelColour } from './model-colours.js';

/** A column needs so many characters for its lines not to break too often. */
export const LEAST_FOLDED_COLUMN = 24;
const INDENT: Record<RowKind, NonNullable<Cell['indent']>> = {
  group: [0, 2],
  trouble: [0, 2],
  fact: [2, 4],
  'at once': [0, 2],
};

export class FoldedView implements ColumnsView {
  readonly columns: Columns;
  readonly #fold: Fold;

  constructor(columns: Columns) {
    this.columns = columns;
    this.#fold = new Fold(columns.servers.length);
  }

  take(events: readonly ModeEvent[]): string[] {
    for (const { mode, event } of events) this.#fold.take(this.#indexOf(mode), event);
    return [];
  }

  takeMoments(mode: ServerName, moments: readonly ClientMoment[]): void {
    this.#fold.takeMoments(this.#indexOf(mode), moments);
  }

  soFar(until: number): string[] {
    return this.#fold.rows(until).flatMap((row) => this.#lines(row));
  }

  stepEnds(at: number): string[] {
    const lines = this.soFar(at);
    this.#fold.next(at);
    return lines;
  }

  #indexOf(mode: ServerName): number {
    return this.columns.servers.indexOf(mode);
  }

  #lines({ kind, same, cells }: FoldedRow): string[] {
    const cell = (text: string, paint = this.#paintOf(kind)): Cell => ({ text, paint, indent: INDENT[kind] });
    if (same !== undefined) return this.columns.across(cell(same));
    return this.columns.row(
      cells.map((text, i) => (text === undefined ? undefined : cell(text, this.#paintOf(kind, i)))),
    );
  }

  /** What a step comes to is in the model's own colour. */
  #paintOf(kind: RowKind, server?: number): (text: string) => string {
    const { chalk, servers } = this.columns;
    if (kind === 'group') return chalk.bold;
    if (kind === 'trouble') return chalk.red;
    return kind === 'at once' && server !== undefined ? inModelColour(chalk, servers[server]!) : String;
  }
}
