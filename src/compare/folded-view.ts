// The columns as few lines: a block for each step of the scenario, folded by fold/.
// live-screen.ts shows the block of the step that still runs, and lets it stand when the step is over.

import type { Mode } from '../models/options.js';
import type { Cell, Columns } from './columns.js';
import type { ClientConnection } from './comparison.js';
import { Fold, type Kind, type Row } from './fold/fold.js';
import type { ServerEvent, View } from './live-screen.js';

/** A column needs so many characters for its lines not to break too often. */
export const LEAST_FOLDED_COLUMN = 24;
const INDENT: Record<Kind, NonNullable<Cell['indent']>> = {
  group: [0, 2],
  trouble: [0, 2],
  fact: [2, 4],
  'at once': [0, 2],
};

export class FoldedView implements View {
  readonly columns: Columns;
  readonly #fold: Fold;

  constructor(columns: Columns) {
    this.columns = columns;
    this.#fold = new Fold(columns.servers.length);
  }

  take(events: readonly ServerEvent[]): string[] {
    for (const { mode, event } of events) this.#fold.take(this.#indexOf(mode), event);
    return [];
  }

  takeClients(mode: Mode, clients: Iterable<ClientConnection>): void {
    this.#fold.takeClients(this.#indexOf(mode), clients);
  }

  soFar(until: number): string[] {
    return this.#fold.rows(until).flatMap((row) => this.#lines(row));
  }

  stepEnds(at: number): string[] {
    const lines = this.soFar(at);
    this.#fold.next(at);
    return lines;
  }

  #indexOf(mode: Mode): number {
    return this.columns.servers.indexOf(mode);
  }

  #lines(row: Row): string[] {
    const cell = (text: string): Cell => ({
      text,
      paint: this.#paintOf(row.kind),
      indent: INDENT[row.kind],
    });
    if (row.same !== undefined) return this.columns.across(cell(row.same));
    return this.columns.row(row.cells.map((text) => (text === undefined ? undefined : cell(text))));
  }

  #paintOf(kind: Kind): (text: string) => string {
    const { bold, red } = this.columns.chalk;
    if (kind === 'group') return bold;
    return kind === 'trouble' ? red : String;
  }
}
