// What a sweep found: each model's curve over the number of idle connections, and the textbook's figures beside it.
// Plain data, as `--json` prints it and the report page embeds it.

import type { Latency } from '../../clients/tally.js';
import type { ModelName } from '../../models/options.js';
import type { Measurement } from '../comparison.js';

export interface Sweep extends Measurement {
  /** The numbers of connections that were asked for, both ends included. */
  readonly from: number;
  readonly to: number;
  /** In the order of --modes, in which they ran: one at a time. */
  readonly models: readonly SweptModel[];
  readonly textbook: Textbook;
  /** Where the sweep is not fair, and what the figures do not say. */
  readonly fairness: readonly string[];
}

export interface SweptModel {
  readonly mode: ModelName;
  readonly cap: Cap;
  /** Why this server could not start, or did not come to its cap, as a sentence. */
  readonly failure?: string;
  /** Resident memory of the process when it began to listen, bytes. */
  readonly memoryAtStart: number;
  /** From few connections to many; those that were measured to their end. */
  readonly points: readonly SweepPoint[];
}

/** How many connections a model is driven to. */
export interface Cap {
  readonly connections: number;
  /** What limits it, worded to follow `because`; undefined if it is the number that was asked for. */
  readonly reason?: string;
}

/** One server while so many idle connections are open. */
export interface SweepPoint {
  readonly connections: number;
  /** The connections since the point before, and the microseconds to answer them, 50 at a time. */
  readonly added: number;
  readonly addedUs: number;
  /** The server's own threads, Node's not counted, while nothing but the idle connections was there. */
  readonly threads: number;
  /** Resident memory of the whole process at the same moment, bytes. */
  readonly memory: number;
  /** Of quick requests one after the other, each on a connection of its own: from the connect to the last byte. */
  readonly probe: Latency;
  /** CPU of the server's own threads for each of them, microseconds. */
  readonly cpuUsPerProbe: number;
  /** At full speed for half a second, over a few connections more, which are kept. */
  readonly load: SweepLoad;
}

export interface SweepLoad {
  readonly connections: number;
  readonly answered: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
}

/** A table of a book: what the calls cost that wait for many descriptors. */
export interface Textbook {
  readonly title: string;
  readonly source: string;
  /** What the seconds are for. */
  readonly measured: string;
  readonly descriptors: readonly number[];
  readonly rows: readonly {
    readonly call: string;
    /** CPU seconds, in the order of the descriptors. */
    readonly seconds: readonly number[];
  }[];
}
