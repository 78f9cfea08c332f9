// Errors that end the program: each says what is wrong and what to do.
// With the exit statuses of the program's contract.

export const FAILED = 1;
export const WRONG_USAGE = 2;

/** An error that is shown as its message; never a stack trace. */
export class CliError extends Error {
  readonly status: number;

  constructor(sentence: string, status: number = FAILED) {
    super(sentence);
    this.name = 'CliError';
    this.status = status;
  }
}
