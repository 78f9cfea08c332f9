// Where a moment falls in a list that is in order of time, by halves: lists of a report can be long.

/** The index of the first item whose time, by `timeOf`, is later than `at`; the list's length where none is. */
export function firstLater<T>(items: readonly T[], at: number, timeOf: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(items[middle]!) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
