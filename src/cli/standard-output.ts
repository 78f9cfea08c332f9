// Standard output of the commands that run for long. They never wait for its reader, which may be too slow.

import type { ChalkInstance } from 'chalk';
import { inWords } from '../posix/shortage.js';
import { ndjsonSink } from '../terminal/ndjson.js';
import { Output, type Patience } from '../terminal/output.js';
import { type AnyEvent, Sink } from '../terminal/sink.js';
import { terminalSize } from '../terminal/terminal.js';
import { printError } from './print-error.js';

const STDOUT = 1;
/** Characters that may wait for a reader: as many as a terminal shows in a moment, and more for a program. */
const TERMINAL_WAITING = 256 * 1024;
const PROGRAM_WAITING = 16 * 1024 * 1024;
/** How long the last lines may take to be read. */
export const PATIENCE: Patience = { stalledMs: 2000, mostMs: 5000 };

export type OnClosed = (code: string) => void;

/**
 * Says that nobody reads any longer. `continues`: what goes on without a reader, unless it is stopping. Nothing is said where
 * one Ctrl-C ended the reader too: its end may be seen just before the signal comes.
 */
export function onReaderGone(continues: string, stopping: () => boolean): OnClosed {
  const say = (code: string): void =>
    printError(
      stopping()
        ? `The last lines could not be written to standard output (${inWords(code)}).`
        : `Cannot write to standard output any longer (${inWords(code)}); ${continues}.`,
    );
  return (code) => {
    if (code !== 'EPIPE') say(code);
    else setImmediate(() => stopping() || say(code));
  };
}

/** Turns events into lines for a person. */
interface LineFormatter<E> {
  columns: number | undefined;
  lines(events: readonly E[]): string[];
}

export function ndjsonOutput<E extends AnyEvent>(onClosed: OnClosed): Sink<E> {
  return ndjsonSink<E>(STDOUT, PROGRAM_WAITING, onClosed);
}

/** As wide as the terminal, and follows its size. */
export function prettyOutput<E extends AnyEvent>(
  chalk: ChalkInstance,
  pretty: LineFormatter<E>,
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

/** `waiting`: characters that may wait for a reader. `style`: of the line that stands for skipped ones. */
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

/** Resolves when the last lines are written, or nobody reads them, and says how many were skipped. */
export async function finish(output: Output): Promise<void> {
  await output.end(PATIENCE);
  if (output.skipped > 0 && output.failure === undefined)
    printError(`${output.skipped} lines were not shown: standard output was read too slowly.`);
}
