// What is new, changed or gone since the last snapshot.

import type { KeyedRow, Mark, Section } from './table.js';

/** The sections as they are now, with marks. A row that has gone is shown once more at its old place. */
export function marked(
  before: readonly Section<KeyedRow>[],
  now: readonly Section<KeyedRow>[],
): Section<KeyedRow>[] {
  return now.map((section) => {
    const earlier = before.find(({ title }) => title === section.title);
    return earlier === undefined ? section : { ...section, rows: markedRows(earlier.rows, section.rows) };
  });
}

function markedRows(before: readonly KeyedRow[], now: readonly KeyedRow[]): KeyedRow[] {
  const earlier = new Map(before.map((row) => [row.key, row]));
  const gone = goneAfter(before, new Set(now.map(({ key }) => key)));
  return [
    ...(gone.get(undefined) ?? []),
    ...now.flatMap((row) => [
      { ...row, mark: markOf(row, earlier.get(row.key)) },
      ...(gone.get(row.key) ?? []),
    ]),
  ];
}

function markOf(row: KeyedRow, earlier: KeyedRow | undefined): Mark | undefined {
  if (earlier === undefined) return 'new';
  return earlier.facts === row.facts ? undefined : 'changed';
}

/** The rows that are gone, by the key of the row above them; undefined for those above all others. */
function goneAfter(
  before: readonly KeyedRow[],
  keys: ReadonlySet<string>,
): Map<string | undefined, KeyedRow[]> {
  const gone = new Map<string | undefined, KeyedRow[]>();
  let above: string | undefined;
  for (const row of before) {
    if (keys.has(row.key)) above = row.key;
    else if (gone.has(above)) gone.get(above)!.push({ ...row, mark: 'gone' });
    else gone.set(above, [{ ...row, mark: 'gone' }]);
  }
  return gone;
}
