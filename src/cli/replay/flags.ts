// The flags of `replay`, as values.

export interface ReplayFlags {
  /** Seconds of the recording in one second; undefined where it was not given, Infinity for as fast as possible. */
  readonly speed?: number;
  /** Where to begin, in seconds of the recording. */
  readonly at?: number;
  /** A connection's id. */
  readonly follow?: number;
  readonly step?: true;
  readonly lines?: true;
  readonly html?: string;
  readonly trace?: string;
  readonly format: 'pretty' | 'ndjson';
}
