// A recording as lines: the same ones that the server or the comparison printed, at its own pace or another.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedLine } from '../../sources/recording.js';
import { timeOf } from '../../sources/recording-entry.js';
import { colours } from '../../terminal/colours.js';
import { escapeControls } from '../../terminal/escape.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { terminalSize } from '../../terminal/terminal.js';
import { WorthALine } from '../../terminal/worth-a-line.js';
import { leave } from '../leave.js';
import { stopOnSignals } from '../signals.js';
import { finish, lineOutput } from '../standard-output.js';
import type { ReplayFlags } from './flags.js';
import type { ReplayLines } from './in-columns.js';
import type { Recording } from './recording.js';
import type { Whom } from './whom.js';

/** What is so near to each other is shown together, in microseconds: as a server that runs shows it, or a comparison. */
const TOGETHER_US = 15_000;
const COMPARED_TOGETHER_US = 200_000;
/** How often a slow reader is looked for, in milliseconds. */
const READER_EVERY_MS = 10;

/** Whether everything was written. */
export async function playAsLines(recording: Recording, flags: ReplayFlags, whom: Whom): Promise<boolean> {
  const ending = new AbortController();
  const output = lineOutput(() => ending.abort());
  const release = stopOnSignals(() => ending.abort(), leave);
  const print = (lines: readonly string[]): void => output.write(lines.join(''), lines.length);
  let lines: ReplayLines | undefined;
  // A reader that is a program wants all of it; a person wants to see it happen.
  const timer = new PlaybackTimer(flags.speed ?? (process.stdout.isTTY ? 1 : Number.POSITIVE_INFINITY));
  try {
    for await (const together of groups(recording, whom)) {
      await timer.until(timeOf(together.at(-1)!), ending.signal);
      while (output.full && !ending.signal.aborted) await sleep(READER_EVERY_MS);
      if (ending.signal.aborted) break;
      lines ??= await linesFor(recording, flags);
      print(lines.take(together));
    }
    if (lines !== undefined) print(lines.end());
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
  await finish(output);
  release();
  return !output.lost;
}

async function* groups(recording: Recording, whom: Whom): AsyncGenerator<RecordedLine[]> {
  let group: RecordedLine[] = [];
  for await (const lines of recording.read()) {
    for (const each of lines) {
      if (!isWanted(each, recording.from, whom)) continue;
      const most = recording.comparison === undefined ? TOGETHER_US : COMPARED_TOGETHER_US;
      const begin = group.find(({ kind }) => kind !== 'comparison'); // which is about no moment
      if (begin !== undefined && timeOf(each) - timeOf(begin) > most) {
        yield group;
        group = [];
      }
      group.push(each);
    }
  }
  if (group.length > 0) yield group;
}

/** What a comparison is of, and its steps, belong to every connection. */
function isWanted(line: RecordedLine, from: number | undefined, { othersOf }: Whom): boolean {
  if (line.kind === 'comparison') return true;
  if (from !== undefined && line.event.at < from) return false;
  return line.kind === 'step' || !othersOf(line.server)((line.event as { connection?: number }).connection);
}

/** Waits as long as it took between two events, at another speed. */
class PlaybackTimer {
  readonly #speed: number;
  #begin: { readonly at: number; readonly now: number } | undefined;

  constructor(speed: number) {
    this.#speed = speed;
  }

  async until(at: number, signal: AbortSignal): Promise<void> {
    if (this.#speed === Number.POSITIVE_INFINITY) return;
    this.#begin ??= { at, now: performance.now() };
    const due = this.#begin.now + (at - this.#begin.at) / 1000 / this.#speed;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
  }
}

/** For a recording whose first lines have been read. */
async function linesFor(recording: Recording, { format, lines }: ReplayFlags): Promise<ReplayLines> {
  if (format === 'ndjson') return AS_READ;
  if (recording.comparison === undefined && lines !== 'folded') return prettyLines(recording);
  const { linesInColumns } = await import('./in-columns.js');
  return linesInColumns(recording, lines ?? 'all');
}

const AS_READ: ReplayLines = {
  take: (recorded) => recorded.map(({ line }) => `${escapeControls(line)}\n`),
  end: () => [],
};

function prettyLines(recording: Recording): ReplayLines {
  const chalk = colours();
  const pretty = new PrettyLines(chalk, undefined, undefined);
  const worth = new WorthALine(() => recording.listening[0]?.mode === 'watched');
  let begun = false;
  return {
    take: (recorded) => {
      pretty.columns = terminalSize(process.stdout)?.columns;
      const events = recorded.flatMap((each) => (each.kind === 'event' ? [each.event] : []));
      const lines = pretty.lines(worth.take(events));
      if (begun) return lines;
      begun = true;
      return [`${chalk.bold(recording.title)}\n\n${pretty.heading()}`, ...lines];
    },
    end: () => pretty.lines(worth.end()),
  };
}
