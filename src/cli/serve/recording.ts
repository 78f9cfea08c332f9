// `--record FILE`: every event as NDJSON, in a new file. An earlier recording is never overwritten.

import { closeSync, constants, openSync, statSync, unlinkSync } from 'node:fs';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import { inWords, shortageSentence } from '../../posix/shortage.js';
import { ndjsonSink } from '../../terminal/ndjson.js';
import type { Patience } from '../../terminal/output.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';

const MOST_WAITING = 64 * 1024 * 1024;
/** How long the disk, or the reader of a pipe, may take for the last events. */
const PATIENCE: Patience = { stalledMs: 5000, mostMs: 10_000 };

export interface Recording {
  take(events: readonly LifecycleEvent[]): void;
  /** Without `keep` a file that was made for this run is removed. Resolves with whether every event was written. */
  close(keep: boolean): Promise<boolean>;
}

export function openRecording(file: string): Recording {
  const { fd, isNew } = open(file);
  const sink = ndjsonSink(fd, MOST_WAITING, (code) => {
    printError(
      `Cannot write to ${file} any longer (${inWords(code)}). The server continues without recording.`,
    );
  });
  const { output } = sink;
  return {
    take: (events) => sink.take(events),
    close: async (keep) => {
      await output.end(PATIENCE);
      const { failure, skipped } = output;
      if (output.lost) printError(`${file} is not complete. ${reason(failure)}`);
      else if (skipped > 0) printError(`${skipped} events are missing in ${file}: the disk was too slow.`);
      if (!output.stuck) {
        closeSync(fd);
        if (isNew && !keep) unlinkSync(file);
      }
      return !output.lost && (skipped === 0 || failure === 'EPIPE');
    },
  };
}

function open(file: string): { fd: number; isNew: boolean } {
  try {
    return { fd: openSync(file, 'wx'), isNew: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw notWritable(file, code);
  }
  try {
    // A pipe or a device. Opening one that nobody reads must not block the start.
    if (!statSync(file).isFile())
      return { fd: openSync(file, constants.O_WRONLY | constants.O_NONBLOCK), isNew: false };
  } catch (error) {
    throw notWritable(file, (error as NodeJS.ErrnoException).code); // or a link that leads nowhere
  }
  throw new CliError(
    `${file} exists already, and --record never overwrites a file. Choose another name, or move it away.`,
  );
}

function notWritable(file: string, code: string | undefined): CliError {
  return new CliError(`Cannot write to ${file}. ${reason(code)}`);
}

const reason = (code: string | undefined): string =>
  shortageSentence({ code }) ?? `The system says ${code}. Name another file.`;
