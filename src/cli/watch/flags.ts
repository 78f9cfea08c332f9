// The flags of `watch`, as values.

export interface WatchFlags {
  /** A process that runs already. */
  readonly pid?: number;
  readonly format: 'pretty' | 'ndjson';
  readonly board?: true;
  /** The port of the live page. */
  readonly page?: number;
  readonly record?: string;
  readonly untilEof?: true;
}
