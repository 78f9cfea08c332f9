// One server as the timeline needs it: its lanes, and what is known of its connections.

import type { LifecycleEvent } from '../../../lifecycle/events.js';
import type { FourTuple } from '../../../net/four-tuple.js';
import type { Comparison, ModelResult } from '../../comparison.js';
import { type Lane, lanesOf } from '../lanes.js';

export interface Model {
  readonly result: ModelResult;
  /** What the state `working` is called. */
  readonly atWork: string;
  readonly lanes: readonly Lane[];
  readonly fourTuples: ReadonlyMap<number, FourTuple>;
  /** The ids of the connections that are open just after a moment, in the order of accept. */
  readonly openAt: (at: number) => number[];
  readonly numberOpenAt: (at: number) => number;
  /** Events of one connection, in the order of time. */
  readonly eventsOf: (connection: number) => LifecycleEvent[];
  readonly firstAt: number;
  readonly lastAt: number;
}

/** No event tells of a pause: it lies in what the lanes take for work. */
export const atWork = ({ pace }: Comparison): string =>
  pace === undefined ? 'at work' : 'at work or pausing';

export function modelOf(result: ModelResult, comparison: Comparison): Model {
  const { durationUs } = comparison;
  const { events, failure, eventsMissing } = result;
  const lastEvent = events.reduce((last, { at }) => Math.max(last, at), 0);
  const told = failure === undefined && eventsMissing === 0;
  const lanes = lanesOf(events, told ? Math.max(durationUs, lastEvent) : lastEvent);
  const times = new Map<number, { from: number; to: number }>();
  const fourTuples = new Map<number, FourTuple>();
  for (const event of events) {
    if (event.event === 'accepted') {
      times.set(event.connection, { from: event.at, to: Number.POSITIVE_INFINITY });
      fourTuples.set(event.connection, event.fourTuple);
    } else if (event.event === 'closed') {
      const time = times.get(event.connection);
      if (time !== undefined) time.to = event.at;
    }
  }
  const opened = [...times.values()].map(({ from }) => from).sort((a, b) => a - b);
  const closed = [...times.values()].map(({ to }) => to).sort((a, b) => a - b);
  const ends = lanes.flatMap(({ segments }) => segments.slice(-1).map(({ to }) => to));
  return {
    result,
    atWork: atWork(comparison),
    lanes,
    fourTuples,
    openAt: (at) => [...times].filter(([, { from, to }]) => from <= at && at < to).map(([id]) => id),
    numberOpenAt: (at) => numberUpTo(opened, at) - numberUpTo(closed, at),
    eventsOf: (id) => events.filter((event) => 'connection' in event && event.connection === id),
    firstAt: events.reduce((first, { at }) => Math.min(first, at), 0),
    lastAt: Math.max(0, ...ends),
  };
}

/** How many of these sorted times are not after `at`. */
function numberUpTo(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
