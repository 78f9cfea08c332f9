// A recording as a whole, of one server or of several with their clients: what a picture, a trace or a page is made of.

import type { ClientsStep } from '../board/step-title.js';
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

/** The time of the last event, in microseconds. */
export const endOf = ({ servers }: Run): number =>
  servers.reduce((end, { events }) => events.reduce((last, { at }) => Math.max(last, at), end), 0);
