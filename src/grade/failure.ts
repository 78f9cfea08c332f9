// Why a check was not passed, in a form from which every output makes its sentences.

/** The server failed a check. */
export class Failure extends Error {
  /** What to look at next, as a sentence; undefined where the message says all. */
  readonly look: string | undefined;

  /** `sentence`: what the client did, what came back, and what was hoped for. */
  constructor(sentence: string, look?: string) {
    super(sentence);
    this.look = look;
  }
}

/** The check could not be made here, through no fault of the server: it gives no points, and does not pass. */
export class NotRun extends Error {}

/** The check does not belong to this assignment. */
export class Skipped extends Error {}
