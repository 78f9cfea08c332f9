// A recording as a whole, of one server or of several with their clients: what a picture, a trace or a page is made of.

import type { ClientsStep } from '../board/step-title.js';
import { ClientConnections } from '../compare/client-connections.js';
import { type ConnectionRow, waterfallOf } from '../compare/report/waterfall.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ClientMoment } from '../sources/recording-entry.js';

export interface RunServer {
  readonly name: string;
  /** In the order of time. */
  readonly events: readonly LifecycleEvent[];
  /** Of its clients, in the order of time; none where they were not recorded. */
  readonly moments: readonly ClientMoment[];
}

export interface Run {
  readonly title: string;
  readonly servers: readonly RunServer[];
  readonly steps: readonly ClientsStep[];
}

/** Its connections, each with what its client knows. */
export function rowsOf({ events, moments }: RunServer, until: number): ConnectionRow[] {
  const clients = new ClientConnections();
  for (const moment of moments) clients.take(moment);
  return waterfallOf(events, clients.all, until);
}

/** The time of the last event, in microseconds. */
export const endOf = ({ servers }: Run): number =>
  servers.reduce((end, { events }) => events.reduce((last, { at }) => Math.max(last, at), end), 0);
