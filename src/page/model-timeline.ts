// One server as the timeline needs it: its lanes, its connections, and its state at any moment.

import type { Comparison, ModelResult } from '../compare/comparison.js';
import { type Lane, lanesOf } from '../compare/report/lanes.js';
import { connectionsOver, valueAt } from '../compare/report/series.js';
import { type ConnectionRow, waterfallOf } from '../compare/report/waterfall.js';
import type { ServerState } from '../lifecycle/state.js';
import { StateHistory } from '../lifecycle/state-history.js';

export interface ModelTimeline {
  readonly result: ModelResult;
  /** What the state `working` is called. */
  readonly atWork: string;
  readonly lanes: readonly Lane[];
  readonly rows: readonly ConnectionRow[];
  readonly rowOf: (connection: number) => ConnectionRow | undefined;
  readonly stateAt: (at: number) => ServerState;
  readonly numberOpenAt: (at: number) => number;
  /** The first and the last moment of which it is known what went on. */
  readonly from: number;
  readonly to: number;
}

/** No event reports a pause, so the lanes show it as work. */
export const atWork = ({ pace }: Comparison): string =>
  pace === undefined ? 'at work' : 'at work or pausing';

export function timelineOf(result: ModelResult, comparison: Comparison): ModelTimeline {
  const { events, clients, failure, eventsMissing } = result;
  const lastEvent = events.reduce((last, { at }) => Math.max(last, at), 0);
  const told = failure === undefined && eventsMissing === 0;
  const to = told ? Math.max(comparison.durationUs, lastEvent) : lastEvent;
  const history = new StateHistory(Number.POSITIVE_INFINITY);
  for (const event of events) history.add(event);
  const open = connectionsOver(result);
  const rows = waterfallOf(events, clients, to);
  const byId = new Map(rows.map((row) => [row.connection, row]));
  return {
    result,
    atWork: atWork(comparison),
    lanes: lanesOf(events, to),
    rows,
    rowOf: (id) => byId.get(id),
    stateAt: (at) => history.at(at),
    numberOpenAt: (at) => valueAt(open, at),
    from: events.reduce((first, { at }) => Math.min(first, at), 0),
    to,
  };
}
