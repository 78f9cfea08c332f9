// The flags of `serve`, as values.
// command.ts reads them, run.ts acts on them.

import type { Detail } from '../../lifecycle/reporter.js';
import type { Engine, Mode, Pace, PollerName, PoolOptions } from '../../models/options.js';

export interface ServeFlags {
  readonly mode: Mode;
  readonly engine?: Engine;
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly keepOpen?: true;
  readonly keepAlive?: true;
  readonly maxThreads?: number;
  readonly spareThreads?: number;
  readonly minSpareThreads?: number;
  readonly threads?: PoolOptions['threads'];
  readonly queueLimit?: PoolOptions['queueLimit'];
  readonly queueOrder?: PoolOptions['queueOrder'];
  readonly whenFull?: PoolOptions['whenFull'];
  readonly maxProcesses?: number;
  readonly prefork?: number;
  readonly poller?: PollerName;
  readonly loops?: number;
  readonly share?: 'listener';
  readonly workers?: number;
  readonly edgeTriggered?: true;
  readonly timeout?: number;
  readonly headTimeout?: number;
  readonly idleTimeout?: number;
  readonly sendTimeout?: number;
  readonly maxHead: number;
  readonly maxConnections?: number;
  readonly maxMs?: number;
  readonly maxBytes?: number;
  /** By default `lifecycle`, or with `step` `calls`. */
  readonly detail?: Detail;
  readonly pace?: Pace;
  readonly format: 'pretty' | 'ndjson';
  readonly board?: true;
  readonly step?: true;
  /** The port of the live page. */
  readonly page?: number;
  readonly record?: string;
  readonly untilEof?: true;
  /** The process that started it changes its pace. */
  readonly steered?: true;
}
