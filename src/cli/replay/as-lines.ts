// A recording as lines: the same ones that the server printed, at its own pace or another.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { RecordedEvent } from '../../sources/recording.js';
import { colours } from '../../terminal/colours.js';
import { escapeControls } from '../../terminal/escape.js';
import type { Output } from '../../terminal/output.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { terminalSize } from '../../terminal/terminal.js';
import { leave } from '../leave.js';
import { stopOnSignals } from '../signals.js';
import { finish, lineOutput } from '../standard-output.js';
import type { ReplayFlags } from './flags.js';
import type { Recording } from './recording.js';
import { titleOf } from './title.js';

/** Events so near to each other are shown together, in microseconds: as a server that runs shows them. */
const TOGETHER_US = 15_000;
/** How often a slow reader is looked for, in milliseconds. */
const READER_EVERY_MS = 10;

/** Whether everything was written. */
export async function playAsLines(recording: Recording, flags: ReplayFlags): Promise<boolean> {
  const ending = new AbortController();
  const output = lineOutput(() => ending.abort());
  const release = stopOnSignals(() => ending.abort(), leave);
  const print = flags.format === 'ndjson' ? printer(output, asRead) : printer(output, prettyLines(recording));
  // A reader that is a program wants all of it; a person wants to see it happen.
  const pace = new Pace(flags.speed ?? (process.stdout.isTTY ? 1 : Number.POSITIVE_INFINITY));
  try {
    for await (const together of groups(recording, flags)) {
      await pace.until(together[0]!.event.at, ending.signal);
      while (output.full && !ending.signal.aborted) await sleep(READER_EVERY_MS);
      if (ending.signal.aborted) break;
      print(together);
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
  await finish(output);
  release();
  return !output.lost;
}

async function* groups(recording: Recording, { follow }: ReplayFlags): AsyncGenerator<RecordedEvent[]> {
  let group: RecordedEvent[] = [];
  for await (const events of recording.read()) {
    for (const each of events) {
      const { event } = each;
      if (recording.from !== undefined && event.at < recording.from) continue;
      if (follow !== undefined && !('connection' in event && event.connection === follow)) continue;
      if (group.length > 0 && event.at - group[0]!.event.at > TOGETHER_US) {
        yield group;
        group = [];
      }
      group.push(each);
    }
  }
  if (group.length > 0) yield group;
}

/** Waits as long as it took between two events, at another speed. */
class Pace {
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

type Lines = (events: readonly RecordedEvent[]) => string[];

const printer =
  (output: Output, linesOf: Lines) =>
  (events: readonly RecordedEvent[]): void => {
    const lines = linesOf(events);
    output.write(lines.join(''), lines.length);
  };

const asRead: Lines = (events) => events.map(({ line }) => `${escapeControls(line)}\n`);

function prettyLines(recording: Recording): Lines {
  const chalk = colours();
  const pretty = new PrettyLines(chalk, undefined, undefined);
  let begun = false;
  return (events) => {
    pretty.columns = terminalSize(process.stdout)?.columns;
    const lines = pretty.lines(events.map(({ event }): LifecycleEvent => event));
    if (begun) return lines;
    begun = true;
    return [`${chalk.bold(titleOf(recording))}\n\n${pretty.heading()}`, ...lines];
  };
}
