// The flags of `serve`, as values.
// command.ts reads them, run.ts acts on them.

import type { Limits, Mode, PoolOptions, ServeOptions } from '../../models/options.js';

/** What is not given is absent. */
export interface ServeFlags
  extends Partial<PoolOptions>,
    Partial<Omit<Limits, 'maxHead'>>,
    Partial<Pick<ServeOptions, 'engine' | 'detail' | 'pace' | 'poller' | 'loops' | 'share' | 'workers'>>,
    Partial<Pick<ServeOptions, 'maxThreads' | 'spareThreads' | 'minSpareThreads'>> {
  readonly mode: Mode;
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly maxHead: number;
  readonly keepOpen?: true;
  readonly keepAlive?: true;
  readonly maxProcesses?: number;
  readonly prefork?: number;
  readonly edgeTriggered?: true;
  readonly timeout?: number;
  readonly format: 'pretty' | 'ndjson';
  readonly board?: true;
  readonly step?: true;
  /** The port of the live page. */
  readonly page?: number;
  readonly record?: string;
  readonly untilEof?: true;
  /** The process that started it changes its pace. */
  readonly steered?: true;
  /** Its number, and the group's seed. */
  readonly mystery?: number;
  readonly seed?: string;
}
