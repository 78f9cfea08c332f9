// The flags of `inspect`, as values.
// command.ts reads them, run.ts acts on them.

export interface InspectFlags {
  readonly port?: number;
  readonly pid?: number;
  /** Seconds. */
  readonly watch?: number;
  readonly format: 'pretty' | 'json';
}
