// The flags of `grade`, as values.

export interface GradeFlags {
  readonly assignment?: string;
  readonly printAssignment?: true;
  /** The name of one check. */
  readonly only?: string;
  /** A file, or - for standard output. */
  readonly json?: string;
  readonly junit?: string;
  readonly record?: string;
}
