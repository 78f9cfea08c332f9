// What `walkthrough` is told on the command line.
// command.ts reads it, run.ts does it.

export interface WalkthroughFlags {
  readonly yes?: true;
  readonly check?: true;
  readonly restart?: true;
  readonly port: number;
}
