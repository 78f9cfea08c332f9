// What a comparison and a sweep have in common at the keyboard: where they write, what ends them early, how they end.

import { inWords } from '../posix/shortage.js';
import type { Output } from '../ui/output.js';
import { FAILED } from './errors.js';
import { leave } from './leave.js';
import { stopOnSignals } from './signals.js';
import { lineOutput } from './standard-output.js';
import { tell } from './tell.js';

/** How long the last lines may take to be read, in milliseconds. */
const FLUSH_MS = 5000;

export interface Measurement {
  readonly output: Output;
  /** Aborted by the first Ctrl-C; a second one leaves at once. */
  readonly until: AbortSignal;
  /** Waits for what is still to be written, and gives the exit status. */
  end(failed: boolean): Promise<number>;
}

/** `what`: what goes on though nobody reads any more. */
export function beginMeasurement(what: string): Measurement {
  const output = lineOutput((code) =>
    tell(`standard output can no longer be written (${inWords(code)}); the ${what} goes on without it.`),
  );
  const ending = new AbortController();
  const release = stopOnSignals(() => ending.abort(), leave);
  return {
    output,
    until: ending.signal,
    end: async (failed) => {
      await output.flush(FLUSH_MS);
      release();
      const status = failed || output.lost ? FAILED : 0;
      if (output.stuck) await leave(status);
      return status;
    },
  };
}
