// What a comparison and a sweep have in common at the keyboard: where they write, what ends them early, how they end.

import type { Paper } from '../../compare/summary.js';
import type { ServerName } from '../../models/options.js';
import { colours } from '../../terminal/colours.js';
import type { Output } from '../../terminal/output.js';
import { glyphsFor, terminalSize } from '../../terminal/terminal.js';
import { FAILED } from '../errors.js';
import { leave } from '../leave.js';
import { printError } from '../print-error.js';
import { stopOnSignals } from '../signals.js';
import { lineOutput, onReaderGone, PATIENCE } from '../standard-output.js';

/** Who looks on where only the result is printed. */
export const FAILURES_ALONE = {
  onFailure: (mode: ServerName, sentence: string): void => printError(`${mode}: ${sentence}`),
};

/** As wide as lines are in a pipe. */
export const PIPE_COLUMNS = 100;

/** The terminal as it is now, or a pipe. */
export const paperNow = (): Paper => ({
  chalk: colours(),
  glyphs: glyphsFor(process.env),
  columns: terminalSize(process.stdout)?.columns ?? PIPE_COLUMNS,
});

/** What --json prints. */
export const asJson = (result: object): string => `${JSON.stringify(result, undefined, 2)}\n`;

export interface CommandRun {
  readonly output: Output;
  /** Aborted by the first Ctrl-C; a second one leaves at once. */
  readonly until: AbortSignal;
  /** Ends it early, as Ctrl-C does. */
  stop(): void;
  /** Waits for what is still to be written, and gives the exit status. */
  end(failed: boolean): Promise<number>;
}

/** `what`: what continues though no one reads any longer. */
export function beginRun(what: string): CommandRun {
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
