// A table of a moving page: filled anew for each picture, with a row that counts what there is no room for.

import { type Child, element, update } from './dom.js';

/** Rows of a table; what more there is, is counted. */
const MOST_ROWS = 12;

/** A row, and whether it is about another connection than the one that is followed. */
export interface LiveRow {
  readonly cells: readonly Child[];
  readonly other: boolean;
}

export class LiveTable {
  readonly root: HTMLElement;
  readonly #columns: string;
  readonly #head: HTMLElement;
  readonly #body = element('tbody');

  constructor(title: string, headings: readonly string[]) {
    this.#columns = String(headings.length);
    const cells = headings.map((heading) => element('th', { scope: 'col' }, heading));
    this.#head = element('thead', element('tr', ...cells));
    this.root = element(
      'div',
      { class: 'wide' },
      element('h3', title),
      element('table', this.#head, this.#body),
    );
  }

  show(all: readonly LiveRow[]): void {
    // Who is followed is never among those that there is no room for.
    const rows = all.length > MOST_ROWS ? [...all].sort((a, b) => Number(a.other) - Number(b.other)) : all;
    const more = rows.length - MOST_ROWS;
    const rest =
      more > 0 ? [element('tr', element('td', { colspan: this.#columns }, `and ${more} more`))] : [];
    this.#head.hidden = rows.length === 0;
    if (rows.length === 0) return update(this.#body, [element('tr', element('td', 'none'))]);
    update(this.#body, [
      ...rows
        .slice(0, MOST_ROWS)
        .map(({ cells, other }) =>
          element('tr', other ? { class: 'other' } : {}, ...cells.map((cell) => element('td', cell))),
        ),
      ...rest,
    ]);
  }

  /** Not there at all where it has no row. */
  showIfAny(rows: readonly LiveRow[]): void {
    this.root.hidden = rows.length === 0;
    this.show(rows);
  }
}
