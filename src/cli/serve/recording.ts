// `--record FILE`: every event as NDJSON, in a new file, compressed where its name ends in .gz. An earlier recording is never
// overwritten.

import { closeSync, constants as files, openSync, statSync, unlinkSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import { cannotWrite, inWords, shortageSentence } from '../../posix/shortage.js';
import { ndjsonSink } from '../../terminal/ndjson.js';
import type { Patience } from '../../terminal/output.js';
import type { AnyEvent } from '../../terminal/sink.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';

/** Events of so long are compressed together, in milliseconds: a server that is killed loses at most these. */
const TOGETHER_MS = 250;
const MOST_WAITING = 64 * 1024 * 1024;
/** How long the disk, or the reader of a pipe, may take for the last events. */
const PATIENCE: Patience = { stalledMs: 5000, mostMs: 10_000 };

export interface RecordingFile {
  take(events: readonly AnyEvent[]): void;
  /** Without `keep` a file that was made for this run is removed. Resolves with whether every event was written. */
  close(keep: boolean): Promise<boolean>;
}

/**
 * For what fails before anything is recorded: a file that was made for it goes, so that the next attempt may use its name.
 */
export const givingUp =
  (recording: Pick<RecordingFile, 'close'> | undefined) =>
  async (error: unknown): Promise<never> => {
    await recording?.close(false);
    throw error;
  };

/** `who` continues where the file can take no more. */
export function openRecording(file: string, who = 'server'): RecordingFile {
  const { fd, isNew } = open(file);
  const whenClosed = (code: string): void =>
    printError(
      `Cannot write to ${file} any longer (${inWords(code)}). The ${who} continues without recording.`,
    );
  const isCompressed = file.endsWith('.gz');
  const sink = ndjsonSink<AnyEvent>(fd, MOST_WAITING, whenClosed, isCompressed ? gzipMember : undefined);
  const { output } = sink;
  const { take, flush } = isCompressed
    ? gathered((events) => sink.take(events))
    : { take: (events: readonly AnyEvent[]) => sink.take(events), flush: () => {} };
  return {
    take,
    close: async (keep) => {
      flush();
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

/** Members one after the other are a gzip file too (RFC 1952, 2.2). Fast, because the thread that reads the events does it. */
const gzipMember = (text: string): Buffer => gzipSync(text, { level: constants.Z_BEST_SPEED });

/** Hands on what came in TOGETHER_MS. */
function gathered(handOn: (events: readonly AnyEvent[]) => void): {
  take: (events: readonly AnyEvent[]) => void;
  flush: () => void;
} {
  let waiting: AnyEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const events = waiting;
    waiting = [];
    handOn(events);
  };
  return {
    take: (events) => {
      for (const event of events) waiting.push(event);
      timer ??= setTimeout(flush, TOGETHER_MS);
    },
    flush,
  };
}

function open(file: string): { fd: number; isNew: boolean } {
  try {
    return { fd: openSync(file, 'wx'), isNew: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new CliError(cannotWrite(file, error));
  }
  try {
    // A pipe or a device. Opening one that nobody reads must not block the start.
    if (!statSync(file).isFile())
      return { fd: openSync(file, files.O_WRONLY | files.O_NONBLOCK), isNew: false };
  } catch (error) {
    throw new CliError(cannotWrite(file, error)); // or a link that leads nowhere
  }
  throw new CliError(
    `${file} exists already, and --record never overwrites a file. Choose another name, or move it away.`,
  );
}

const reason = (code: string | undefined): string =>
  shortageSentence({ code }) ?? `The system says ${code}. Name another file.`;
