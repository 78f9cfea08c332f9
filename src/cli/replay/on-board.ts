// A recording on the board: played, frozen, stepped, backwards too.

import type { Followed } from '../../board/followed.js';
import { Chapters, type EventReader, RecordedPlayback } from '../../board/playback.js';
import { Board } from '../../board/show.js';
import { type ClientsStep, type NumberedStep, titleAt } from '../../board/step-title.js';
import { type ServerEvent, Timeline } from '../../board/timeline.js';
import { inModelColour } from '../../compare/model-colours.js';
import type { ServerName } from '../../models/options.js';
import type { RecordedLine } from '../../sources/recording.js';
import { colours } from '../../terminal/colours.js';
import { escapeControls } from '../../terminal/escape.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { terminalSize } from '../../terminal/terminal.js';
import { columnsFor } from '../compare/watched.js';
import type { ReplayFlags } from './flags.js';
import { serverNames } from './in-columns.js';
import type { Recording } from './recording.js';

/** Events that are read ahead of the picture: as many as it can skip from one picture to the next. */
const AHEAD = 50_000;

export async function playOnBoard(
  recording: Recording,
  flags: ReplayFlags,
  followed: Followed,
): Promise<boolean> {
  const chalk = colours();
  const steps: NumberedStep[] = [];
  const reader = new ReadAhead(recording.read(), (step) => {
    steps.push({ ...step, number: steps.length + 1 });
    chapters.mark(timeline.length + 1, `step ${steps.length}`);
  });
  await reader.ready; // the title says what is in the file, and a file that is none never takes the screen
  if (reader.peek() === undefined) return true;
  const names = serverNames(recording);
  const timeline = new Timeline(names.length);
  const chapters = new Chapters(names.length);
  const speed = Math.min(flags.speed ?? 1, 1000);
  const playback = new RecordedPlayback(timeline, chapters, reader, speed);
  if (recording.from !== undefined) playback.seek(recording.from);
  if (flags.step) playback.step(1);
  const { comparison } = recording;
  const isCompared = comparison !== undefined;
  const title = isCompared ? escapeControls(comparison.scenario) : recording.title;
  const board = new Board({
    title: (now) => titleAt(title, steps, now),
    servers: names.map((name) => ({ name, colour: isCompared ? inModelColour(chalk, name) : String })),
    timeline,
    playback,
    chalk,
    followed,
    printLines: isCompared ? printInColumns(names) : printPretty(),
  });
  try {
    await board.left;
  } finally {
    board.close();
    await reader.stop();
  }
  return true;
}

type Print = (events: readonly ServerEvent[]) => void;

function printPretty(): Print {
  const pretty = new PrettyLines(colours(), undefined, undefined);
  return (events) => {
    pretty.columns = terminalSize(process.stdout)?.columns;
    process.stdout.write(pretty.lines(events.map(({ event }) => event)).join(''));
  };
}

function printInColumns(names: readonly ServerName[]): Print {
  const view = columnsFor(names, 'all');
  return (events) => {
    const lines = view.take(events.map(({ server, event }) => ({ mode: names[server]!, event })));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
}

/** An event, and the step of the clients that came before it. */
interface Ahead extends ServerEvent {
  readonly after: readonly ClientsStep[];
}

const NO_STEPS: readonly ClientsStep[] = [];

/** Reads on while there are few events left to show. */
class ReadAhead implements EventReader {
  readonly #source: AsyncGenerator<readonly RecordedLine[]>;
  readonly #onStep: (step: ClientsStep) => void;
  #waiting: Ahead[] = [];
  #next = 0;
  #steps: readonly ClientsStep[] = NO_STEPS;
  #reading = false;
  #allRead = false;
  readonly ready: Promise<void>;

  /** `onStep` is called just before the event that follows the step is taken. */
  constructor(source: AsyncGenerator<readonly RecordedLine[]>, onStep: (step: ClientsStep) => void) {
    this.#source = source;
    this.#onStep = onStep;
    this.ready = this.#begin();
  }

  peek(): ServerEvent | undefined {
    if (!this.#reading && !this.#isFull) void this.#readAhead();
    return this.#waiting[this.#next];
  }

  take(): ServerEvent | undefined {
    this.peek(); // reads on
    const event = this.#waiting[this.#next];
    if (event === undefined) return undefined;
    this.#next++;
    for (const step of event.after) this.#onStep(step);
    return event;
  }

  get #isFull(): boolean {
    return this.#allRead || this.#waiting.length - this.#next >= AHEAD;
  }

  get ended(): boolean {
    return this.#allRead && this.peek() === undefined;
  }

  async stop(): Promise<void> {
    await this.#source.return(undefined);
  }

  /** Up to the first event: what a comparison is of may come alone. */
  async #begin(): Promise<void> {
    while (this.#waiting.length === 0 && !this.#allRead) await this.#readOn();
  }

  async #readAhead(): Promise<void> {
    this.#reading = true;
    while (!this.#isFull) await this.#readOn();
    this.#reading = false;
  }

  async #readOn(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) {
      this.#allRead = true;
      return;
    }
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
    for (const line of value) {
      if (line.kind === 'step')
        this.#steps = [...this.#steps, { ...line.event, text: escapeControls(line.event.text) }];
      if (line.kind !== 'event') continue;
      this.#waiting.push({ server: line.server, event: line.event, after: this.#steps });
      this.#steps = NO_STEPS;
    }
  }
}
