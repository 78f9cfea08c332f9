// Standard output, as the commands that run for long write to it: it is never waited for, and may be read too slowly.

import type { ChalkInstance } from 'chalk';
import { inWords } from '../posix/shortage.js';
import { ndjsonSink } from '../terminal/ndjson.js';
import { Output, type Patience } from '../terminal/output.js';
import { type AnyEvent, Sink } from '../terminal/sink.js';
import { terminalSize } from '../terminal/terminal.js';
import { printError } from './print-error.js';

const STDOUT = 1;
/** Characters that may wait for a reader: what a terminal can show in a moment, and what a program may take longer for. */
const TERMINAL_WAITING = 256 * 1024;
const PROGRAM_WAITING = 16 * 1024 * 1024;
/** How long the last lines may take to be read. */
export const PATIENCE: Patience = { stalledMs: 2000, mostMs: 5000 };

export type OnClosed = (code: string) => void;

/** Says what it means that nobody reads any more. `continues`: what goes on all the same, unless it is being stopped. */
export function onReaderGone(continues: string, stopping: () => boolean): OnClosed {
  return (code) =>
    printError(
      stopping()
        ? `The last lines could not be written to standard output (${inWords(code)}).`
        : `standard output can no longer be written (${inWords(code)}); ${continues}.`,
    );
}

/** Makes the lines of events for a person. */
interface Lines<E> {
  columns: number | undefined;
  lines(events: readonly E[]): string[];
}

export function ndjsonOutput<E extends AnyEvent>(onClosed: OnClosed): Sink<E> {
  return ndjsonSink<E>(STDOUT, PROGRAM_WAITING, onClosed);
}

/** As wide as the terminal, also when that is made narrower. */
export function prettyOutput<E extends AnyEvent>(
  chalk: ChalkInstance,
  pretty: Lines<E>,
  onClosed: OnClosed,
): Sink<E> {
  const { stdout } = process;
  const measure = (): void => {
    pretty.columns = terminalSize(stdout)?.columns;
  };
  measure();
  stdout.on('resize', measure);
  const output = lineOutput(onClosed, stdout.isTTY ? TERMINAL_WAITING : PROGRAM_WAITING, chalk.dim);
  return new Sink<E>(output, (events) => pretty.lines(events));
}

/** `waiting`: characters that may wait for a reader; `style`: of the line that stands where others were skipped. */
export function lineOutput(
  onClosed: OnClosed,
  waiting = PROGRAM_WAITING,
  style: (text: string) => string = String,
): Output {
  return new Output(STDOUT, waiting, (skipped) => style(`... ${skipped} lines not shown ...\n`), onClosed);
}

/** The terminal has echoed `^C` where the next line begins: that line overwrites it. */
export function overwriteEcho(output: Output): void {
  if (process.stdout.isTTY) output.write('\r', 0);
}

/** Resolves when the last lines are read, or nobody takes them; what was skipped is said. */
export async function finish(output: Output): Promise<void> {
  await output.end(PATIENCE);
  if (output.skipped > 0 && output.failure === undefined)
    printError(`${output.skipped} lines were not shown: standard output was not read fast enough.`);
}
