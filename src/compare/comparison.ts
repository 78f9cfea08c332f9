// What a comparison found: plain data, as `--json` prints it and the report page embeds it.
// Every time is in microseconds on one axis for all servers; 0 is when all of them listened, a moment before the clients begin.

import type { Latency, TallyFigures } from '../clients/tally.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { ServerName } from '../models/options.js';
import type { FourTuple } from '../net/four-tuple.js';

/** What every measurement says of itself: a comparison, a sweep, the pollers. */
export interface Measurement {
  /** The program's own version. */
  readonly version: string;
  readonly machine: MachineFacts;
  /** The wall clock when it began, in ISO 8601. */
  readonly startedAt: string;
  readonly durationUs: number;
  /** Ended by Ctrl-C before its end. */
  readonly cutShort: boolean;
  readonly verdict: readonly Claim[];
}

export interface Comparison extends Measurement {
  readonly scenario: {
    readonly name: string;
    readonly teaches: string;
    readonly question: string;
    /** Of the servers that it is about, those that did not run. */
    readonly missing?: readonly ServerName[];
    /** What the latencies are of, such as `quick requests`. */
    readonly measured: string;
  };
  /** As --pace was given: then every duration is the pace's, and none the server's own. */
  readonly pace?: string;
  readonly steps: readonly ScenarioStep[];
  /** In the order of --modes, and then of --with. */
  readonly models: readonly ModelResult[];
  /** Where the comparison is not fair, and what the figures do not say. */
  readonly fairness: readonly string[];
}

export interface MachineFacts {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
}

/** One thing that the clients did, to all servers at the same moment. */
export interface ScenarioStep {
  readonly at: number;
  readonly text: string;
}

/** A sentence that reads the figures; two runs that agree give the same ids, whatever the numbers. */
export interface Claim {
  readonly id: string;
  readonly text: string;
}

export interface ModelResult {
  readonly mode: ServerName;
  /** Of a server that is not ours, as --with gave it: it ran under strace. */
  readonly command?: string;
  readonly pid: number;
  readonly port: number;
  /** Why this server could not start, or ended before its time, as a sentence. */
  readonly failure?: string;
  readonly figures: Figures;
  /** At full speed, the models one after the other; only where the scenario asks for it. */
  readonly load?: LoadFigures;
  readonly samples: readonly Sample[];
  /** In the order of time, `at` on the common axis. */
  readonly events: readonly LifecycleEvent[];
  /** Events that are not in `events`: too many to keep, or lost on the way. */
  readonly eventsMissing: number;
  /** The clients' side of its connections, in the order of their start. */
  readonly clients: readonly ClientConnection[];
}

/** One connection as its client saw it. `fourTuple` is the same as the server's, so the two can be joined. */
export interface ClientConnection {
  /** Undefined where the kernel gave it no source port. */
  readonly fourTuple?: FourTuple;
  /** Just before connect(2), where latencies begin too; and when the client learned that it was connected. */
  readonly startedAt: number;
  readonly connectedAt?: number;
  readonly closedAt?: number;
}

/** Of one server, over the whole scenario: what the clients counted, and what the server and the kernel say. */
export interface Figures extends TallyFigures {
  readonly peakConnections: number;
  /** The server's own threads, Node's not counted; all of a server that is not ours. */
  readonly peakThreads: number;
  /** Resident memory of the whole process, bytes: at its most, and when it began to listen. Absent without /proc. */
  readonly peakMemory?: number;
  readonly memoryAtStart?: number;
  /**
   * CPU seconds and context switches of the server's own threads since it began to listen, without the one that prints.
   * Absent without /proc.
   */
  readonly cpuSeconds?: number;
  readonly voluntarySwitches?: number;
  readonly involuntarySwitches?: number;
  /** Connection threads. */
  readonly threadsStarted: number;
  /** The median time to start one, microseconds. */
  readonly threadStartUs?: number;
  /** In a pool's queue at once, and the longest time that one was in it, microseconds. Absent where none waited. */
  readonly mostQueued?: number;
  readonly longestQueuedUs?: number;
  /** From the end of a child process until another serves in its place, microseconds. Absent where none was killed. */
  readonly replacedUs?: number;
}

export interface LoadFigures extends TallyFigures {
  readonly connections: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly latency: Latency;
  /** CPU of the server's own threads for each request, microseconds. Absent without /proc. */
  readonly cpuUsPerRequest?: number;
}

/** What the kernel said of the server at one moment. */
export interface Sample {
  readonly at: number;
  readonly connections: number;
  readonly threads: number;
  readonly answered: number;
  readonly memory: number;
  readonly cpuSeconds: number;
}
