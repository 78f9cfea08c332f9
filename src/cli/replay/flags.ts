// The flags of `replay`, as values.

import type { Followed } from '../../board/followed.js';

export interface ReplayFlags {
  /** Seconds of the recording in one second; undefined where it was not given, Infinity for as fast as possible. */
  readonly speed?: number;
  /** Where to begin, in seconds of the recording. */
  readonly at?: number;
  /** Where to end, in the same. */
  readonly to?: number;
  /** A connection's id, or how a client's name begins. */
  readonly follow?: Followed;
  readonly step?: true;
  readonly lines?: 'folded' | 'all';
  /** The port of a page. */
  readonly page?: number;
  readonly html?: string;
  readonly trace?: string;
  readonly svg?: string;
  readonly ladder?: string;
  readonly format: 'pretty' | 'ndjson';
}
