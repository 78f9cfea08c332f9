// The flags of `connect`, as values.
// command.ts reads them, run.ts acts on them.

import type { ServerAddress } from '../../clients/client.js';
import type { ClientGroup, ClientScript } from '../../clients/client-run.js';

export interface ConnectFlags {
  readonly host: string;
  readonly port: number;
  readonly count: number;
  readonly every: number;
  readonly from?: NonNullable<ClientGroup['from']>;
  readonly path?: string;
  readonly requests?: number;
  readonly silent?: true;
  readonly slow?: number;
  readonly slowRead?: number;
  readonly hold?: true;
  readonly reset?: true;
  /** Seconds. */
  readonly timeout?: number;
  readonly format: 'pretty' | 'ndjson';
}

/** What the flags ask for. */
export interface ConnectPlan {
  /** Where to try, in this order: a name can have several addresses. */
  readonly candidates: readonly [ServerAddress, ...ServerAddress[]];
  readonly group: ClientGroup;
  readonly script: ClientScript;
}
