// A recording on the board: played, frozen, stepped, backwards too.

import type { ReadStream } from 'node:tty';
import { Chapters, type Reader, RecordedPlayback } from '../../board/playback.js';
import { Board } from '../../board/show.js';
import { type ServerEvent, Timeline } from '../../board/timeline.js';
import type { RecordedEvent } from '../../sources/recording.js';
import { colours } from '../../terminal/colours.js';
import { PrettyLines } from '../../terminal/pretty.js';
import { glyphsFor, terminalSize } from '../../terminal/terminal.js';
import type { ReplayFlags } from './flags.js';
import type { Recording } from './recording.js';
import { titleOf } from './title.js';

/** Events that are read ahead of the picture. */
const AHEAD = 10_000;

export async function playOnBoard(recording: Recording, flags: ReplayFlags): Promise<boolean> {
  const chalk = colours();
  const { stdout } = process;
  const reader = new ReadAhead(recording.read());
  await reader.ready; // the title says what is in the file, and a file that is none never takes the screen
  if (reader.peek() === undefined) return true;
  const timeline = new Timeline(1);
  const speed = Math.min(flags.speed ?? 1, 1000);
  const playback = new RecordedPlayback(timeline, new Chapters(1), reader, speed);
  if (recording.from !== undefined) playback.seek(recording.from);
  if (flags.step) playback.step(1);
  const pretty = new PrettyLines(chalk, undefined, undefined);
  const board = new Board({
    title: () => titleOf(recording),
    servers: [{ name: recording.listening?.mode ?? 'server', colour: String }],
    timeline,
    playback,
    chalk,
    glyphs: glyphsFor(process.env),
    input: process.stdin as ReadStream,
    size: () => terminalSize(stdout)!,
    followed: flags.follow,
    printLines: (events) => {
      pretty.columns = terminalSize(stdout)?.columns;
      stdout.write(pretty.lines(events.map(({ event }) => event)).join(''));
    },
  });
  try {
    await board.left;
  } finally {
    board.close();
    await reader.stop();
  }
  return true;
}

/** Reads on while there are few events left to show. */
class ReadAhead implements Reader {
  readonly #source: AsyncGenerator<readonly RecordedEvent[]>;
  #waiting: ServerEvent[] = [];
  #next = 0;
  #reading = false;
  #allRead = false;
  readonly ready: Promise<void>;

  constructor(source: AsyncGenerator<readonly RecordedEvent[]>) {
    this.#source = source;
    this.ready = this.#read();
  }

  peek(): ServerEvent | undefined {
    if (this.#waiting.length - this.#next < AHEAD) void this.#read();
    return this.#waiting[this.#next];
  }

  take(): ServerEvent | undefined {
    const event = this.peek();
    if (event !== undefined) this.#next++;
    return event;
  }

  get ended(): boolean {
    return this.#allRead && this.peek() === undefined;
  }

  async stop(): Promise<void> {
    await this.#source.return(undefined);
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#allRead) return;
    this.#reading = true;
    const { done, value } = await this.#source.next();
    this.#reading = false;
    if (done) {
      this.#allRead = true;
      return;
    }
    this.#waiting = [...this.#waiting.slice(this.#next), ...value.map(({ event }) => ({ server: 0, event }))];
    this.#next = 0;
  }
}
