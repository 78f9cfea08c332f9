// Stretches of time that overlap: how many go on at once.

/** From and to, in microseconds on the axis of the events. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** How many go on, from each change on. */
export function countOver(intervals: readonly Interval[]): (readonly [at: number, count: number])[] {
  const changes = intervals
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by); // where one ends and another begins there are not two
  let count = 0;
  return changes.map(({ at, by }) => {
    count += by;
    return [at, count] as const;
  });
}

export const mostAtOnce = (intervals: readonly Interval[]): number =>
  countOver(intervals).reduce((most, [, count]) => Math.max(most, count), 0);
