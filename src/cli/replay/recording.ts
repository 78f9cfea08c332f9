// The file that is played, and what turns out to be wrong with it, in words.

import type { Listening } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { DamagedRecording, type RecordedEvent, readRecording } from '../../sources/recording.js';
import { commandLine } from '../../terminal/command-line.js';

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
