// Plays a recording: on a board that the user steers, or as the lines that the server printed when it ran.

import type { Listening } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { DamagedRecording, type RecordedEvent, readRecording } from '../../sources/recording.js';
import { commandLine } from '../../terminal/command-line.js';
import { canMoveCursor } from '../../terminal/terminal.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import type { ReplayFlags } from './flags.js';

/** Gives the exit status. */
export async function replay(file: string, flags: ReplayFlags): Promise<number> {
  const onBoard = flags.format === 'pretty' && flags.lines === undefined && isSteered();
  if (flags.step && !onBoard)
    throw new CliError('--step needs a terminal and its keys. Leave it out, or use --speed.', WRONG_USAGE);
  const recording = new Recording(file, flags.at === undefined ? undefined : flags.at * 1e6);
  const written = await play(recording, flags, onBoard);
  if (recording.problem !== undefined) printError(recording.problem);
  return recording.problem === undefined && written ? 0 : FAILED;
}

/** Whether all was written that was to be. */
async function play(recording: Recording, flags: ReplayFlags, onBoard: boolean): Promise<boolean> {
  const { trace, html } = flags;
  if (trace !== undefined || html !== undefined) {
    const { writePage, writeTrace } = await import('./as-file.js');
    await (trace === undefined ? writePage(recording, html!) : writeTrace(recording, trace));
    return true;
  }
  if (onBoard) return (await import('./on-board.js')).playOnBoard(recording, flags);
  return (await import('./as-lines.js')).playAsLines(recording, flags);
}

const isSteered = (): boolean => canMoveCursor(process.stdout, process.env) && process.stdin.isTTY === true;

/** A file of events, and what turned out to be wrong with it when it was read. */
export class Recording {
  readonly file: string;
  /** Where to begin, in microseconds of the recording. */
  readonly from: number | undefined;
  problem: string | undefined;
  /** The first event of a whole recording. */
  listening: Listening | undefined;
  #events = 0;

  constructor(file: string, from: number | undefined) {
    this.file = file;
    this.from = from;
  }

  /** All events up to the end or the first damage. Throws where there is nothing to play. */
  async *read(): AsyncGenerator<readonly RecordedEvent[]> {
    try {
      for await (const events of readRecording(this.file)) {
        const first = events.find(({ event }) => event.event === 'listening')?.event;
        this.listening ??= first as Listening | undefined;
        this.#events += events.length;
        if (events.length > 0) yield events;
      }
    } catch (error) {
      this.problem = this.#problemOf(error);
    }
    if (this.problem === undefined && this.#events === 0)
      this.problem = `${this.file} has no events. ${HOW_TO_RECORD}`;
  }

  #problemOf(error: unknown): string {
    const { file } = this;
    if (!(error instanceof DamagedRecording)) {
      const { code, message } = error as NodeJS.ErrnoException;
      return `Cannot read ${file}: ${REASONS[code ?? ''] ?? (code === undefined ? message : inWords(code))}.`;
    }
    if (this.#events === 0)
      return `${file} is no recording of this program. Line ${error.lineNumber}: ${error.message} ${HOW_TO_RECORD}`;
    return `${file} is damaged at line ${error.lineNumber}. ${error.message} Everything before it was played.`;
  }
}

const HOW_TO_RECORD = `Make one with \`${commandLine('serve', '--record', 'FILE')}\`.`;

const REASONS: Record<string, string> = {
  EACCES: 'you have no permission',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
};
