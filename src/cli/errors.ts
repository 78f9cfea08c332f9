// Every error that a user can meet is one sentence: what was expected, what was found, what to do next.
// The exit statuses of the program's contract.

export const FAILED = 1;
export const WRONG_USAGE = 2;

/** An end that is told in one sentence; never a stack trace. */
export class CliError extends Error {
  readonly status: number;

  constructor(sentence: string, status: number = FAILED) {
    super(sentence);
    this.name = 'CliError';
    this.status = status;
  }
}
