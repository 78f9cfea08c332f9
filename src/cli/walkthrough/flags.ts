// The flags of `walkthrough`, as values.
// command.ts reads them, run.ts acts on them.

export interface WalkthroughFlags {
  readonly yes?: true;
  readonly check?: true;
  readonly write?: true;
  readonly restart?: true;
  readonly type?: true;
  readonly port: number;
}
