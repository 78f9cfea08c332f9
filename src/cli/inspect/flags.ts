// What `inspect` is told on the command line.
// command.ts reads it, run.ts does it.

export interface InspectFlags {
  readonly port?: number;
  readonly pid?: number;
  /** Seconds. */
  readonly watch?: number;
  readonly format: 'pretty' | 'json';
}
