// What `compare --pollers` found: what a wait costs with each poller, by how many descriptors it watches.
// Plain data, as `--json` prints it.

import type { PollerName } from '../../models/options.js';
import type { Measurement } from '../comparison.js';
import type { Textbook } from '../sweep/result.js';

export interface PollersResult extends Measurement {
  readonly descriptors: readonly number[];
  readonly cells: readonly PollerCell[];
  readonly textbook: Textbook;
}

/** One poller with so many descriptors, of which one is ready. */
export interface PollerCell {
  readonly poller: PollerName;
  readonly descriptors: number;
  /** How many waits were measured. Absent where this poller cannot watch so many. */
  readonly waits?: number;
  /** CPU time of the thread that waits, in the server and in the kernel, for each wait, microseconds. */
  readonly cpuUsPerWait?: number;
}

/** The same number of waits for all of them, as in the book. */
export const WAITS = 100_000;

/** CPU seconds for {@link WAITS} waits. */
export const cpuSeconds = ({ cpuUsPerWait }: PollerCell): number | undefined =>
  cpuUsPerWait === undefined ? undefined : (cpuUsPerWait * WAITS) / 1e6;
