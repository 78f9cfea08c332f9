// The file that is played, and what turns out to be wrong with it, in words.

import type { Listening } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { DamagedRecording, type RecordedLine, readRecording } from '../../sources/recording.js';
import { type RecordedComparison, timeOf } from '../../sources/recording-entry.js';
import { commandLine } from '../../terminal/command-line.js';

/** A file of one server's events or of a comparison, and what turned out to be wrong with it when it was read. */
export class Recording {
  readonly file: string;
  /** Where to begin and to end, in microseconds of the recording. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  problem: string | undefined;
  /** Undefined where it is a recording of one server. */
  comparison: RecordedComparison | undefined;
  /** How each server began, as far as it has been read. */
  readonly listening: Listening[] = [];
  #lines = 0;

  constructor(file: string, from?: number, to?: number) {
    this.file = file;
    this.from = from;
    this.to = to;
  }

  /** Of the servers: known when the first lines have been read. */
  get names(): readonly string[] {
    return this.comparison?.servers ?? [this.listening[0]?.mode ?? 'server'];
  }

  /** All lines up to `to`, the end or the first damage. Gives nothing where there is nothing to play. */
  async *read(): AsyncGenerator<readonly RecordedLine[]> {
    try {
      for await (const lines of readRecording(this.file)) {
        for (const line of lines) this.#note(line);
        const wanted = lines.filter((line) => timeOf(line) <= (this.to ?? Number.POSITIVE_INFINITY));
        this.#lines += lines.length;
        if (wanted.length > 0) yield wanted;
        if (lines.length > 0 && wanted.length === 0) return;
      }
    } catch (error) {
      this.problem = this.#problemOf(error);
    }
    if (this.problem === undefined && this.#lines === 0)
      this.problem = `${this.file} has no events. ${HOW_TO_RECORD}`;
  }

  #note(line: RecordedLine): void {
    if (line.kind === 'comparison') this.comparison = line.comparison;
    if (line.kind === 'event' && line.event.event === 'listening') this.listening[line.server] ??= line.event;
  }

  #problemOf(error: unknown): string {
    const { file } = this;
    if (!(error instanceof DamagedRecording)) {
      const { code, message } = error as NodeJS.ErrnoException;
      return `Cannot read ${file}: ${REASONS[code ?? ''] ?? (code === undefined ? message : inWords(code))}.`;
    }
    if (this.#lines === 0)
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
