// The file that is played, and what turns out to be wrong with it, in words.

import { basename } from 'node:path';
import type { Listening } from '../../lifecycle/events.js';
import { inWords } from '../../posix/shortage.js';
import { DamagedRecording, type RecordedLine, readRecording } from '../../sources/recording.js';
import { type RecordedComparison, timeOf } from '../../sources/recording-entry.js';
import { commandLine } from '../../terminal/command-line.js';
import { escapeControls } from '../../terminal/escape.js';

/** Its message is a sentence: the recording cannot be played as a whole. */
export class Unplayable extends Error {}

/** A file of one server's events or of a comparison, and what turned out to be wrong with it when it was read. */
export class Recording {
  readonly files: readonly string[];
  /** Where to begin and to end, in microseconds of the recording. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  problem: string | undefined;
  /** Undefined where it is a recording of one server. */
  comparison: RecordedComparison | undefined;
  /** How each server began, as far as it has been read. */
  readonly listening: Listening[] = [];
  #lines = 0;

  constructor(files: readonly string[], from?: number, to?: number) {
    this.files = files;
    this.from = from;
    this.to = to;
  }

  get file(): string {
    return this.files.join(' and ');
  }

  /** Of the servers: known when the first lines have been read. */
  get names(): readonly string[] {
    const [{ mode, variant } = { mode: 'server' }] = this.listening;
    return this.comparison?.servers ?? [variant === undefined ? mode : `${mode}:${variant}`];
  }

  /** Such as `a.ndjson: evented server, recorded 2026-11-26 04:03` and `b.ndjson: silent, recorded 2026-11-26 04:05`. */
  get title(): string {
    const [first] = this.listening;
    const what = this.comparison?.scenario ?? (first && `${first.mode} server`);
    const startedAt = this.comparison?.startedAt ?? first?.startedAt;
    const about =
      what === undefined || startedAt === undefined
        ? 'its beginning is missing'
        : `${what}, recorded ${startedAt.slice(0, 16).replace('T', ' ')}`;
    return escapeControls(`${basename(this.file)}: ${about}`);
  }

  /** All lines up to `to`, the end or the first damage. Gives nothing where there is nothing to play. */
  async *read(): AsyncGenerator<readonly RecordedLine[]> {
    try {
      for await (const lines of this.source()) {
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

  protected source(): AsyncGenerator<readonly RecordedLine[]> {
    return readRecording(this.file);
  }

  #note(line: RecordedLine): void {
    if (line.kind === 'comparison') this.comparison = line.comparison;
    if (line.kind === 'event' && line.event.event === 'listening') this.listening[line.server] ??= line.event;
  }

  #problemOf(error: unknown): string {
    const { file } = this;
    if (error instanceof Unplayable) return error.message;
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
