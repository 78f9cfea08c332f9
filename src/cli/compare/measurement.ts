// What a comparison and a sweep have in common at the keyboard: where they write, what ends them early, how they end.

import type { Output } from '../../terminal/output.js';
import { FAILED } from '../errors.js';
import { leave } from '../leave.js';
import { stopOnSignals } from '../signals.js';
import { lineOutput, onReaderGone, PATIENCE } from '../standard-output.js';

export interface Measurement {
  readonly output: Output;
  /** Aborted by the first Ctrl-C; a second one leaves at once. */
  readonly until: AbortSignal;
  /** Ends it early, as Ctrl-C does. */
  stop(): void;
  /** Waits for what is still to be written, and gives the exit status. */
  end(failed: boolean): Promise<number>;
}

/** `what`: what continues though no one reads any longer. */
export function beginMeasurement(what: string): Measurement {
  const ending = new AbortController();
  const output = lineOutput(onReaderGone(`the ${what} continues without it`, () => ending.signal.aborted));
  const release = stopOnSignals(() => ending.abort(), leave);
  return {
    output,
    until: ending.signal,
    stop: () => ending.abort(),
    end: async (failed) => {
      await output.end(PATIENCE);
      release();
      const status = failed || output.lost ? FAILED : 0;
      if (output.stuck) await leave(status);
      return status;
    },
  };
}
