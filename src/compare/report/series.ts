// How many connections and threads a server had, at every moment: from its events, so no short peak is missing.
// Where the events end before the server does, the samples go on.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import { firstLater } from '../../lifecycle/first-later.js';
import { ServerState } from '../../lifecycle/state.js';
import type { ModelResult, Sample } from '../comparison.js';

/** From each moment on, in microseconds, so many. */
export type Series = (readonly [at: number, count: number])[];

export function connectionsOver(result: ModelResult): Series {
  return over(
    result,
    ({ connections }) => connections.size,
    ({ connections }) => connections,
  );
}

/** The server's own threads, Node's not counted. */
export function threadsOver(result: ModelResult): Series {
  return over(
    result,
    ({ threads }) => threads.size,
    ({ threads }) => threads,
  );
}

/** The count at a moment; 0 before the first. */
export function valueAt(series: Series, at: number): number {
  return series[firstLater(series, at, ([since]) => since) - 1]?.[1] ?? 0;
}

function over(
  { events, samples, eventsMissing }: ModelResult,
  inState: (state: ServerState) => number,
  inSample: (sample: Sample) => number,
): Series {
  const series = changes(events, inState);
  const last = events.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const later = eventsMissing === 0 ? [] : samples.filter(({ at }) => at > last);
  return [...series, ...later.map((sample) => [sample.at, inSample(sample)] as const)];
}

function changes(events: readonly LifecycleEvent[], inState: (state: ServerState) => number): Series {
  const state = new ServerState();
  const series: [number, number][] = [];
  for (const event of events) {
    state.apply(event);
    if (event.event === 'stopped') break; // then the kernel closes what was left open
    const count = inState(state);
    const last = series.at(-1);
    if (last === undefined || last[1] !== count) series.push([state.at, count]);
  }
  return series;
}
