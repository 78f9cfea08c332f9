// A recording turned into a file of another kind.

import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { nameOfFollowed } from '../../board/followed.js';
import type { ClientsStep } from '../../board/step-title.js';
import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { EmbeddedRecording } from '../../live/recording-data.js';
import { endOf, type Run } from '../../pictures/run.js';
import { cannotWrite } from '../../posix/shortage.js';
import type { RecordedLine } from '../../sources/recording.js';
import type { ClientMoment } from '../../sources/recording-entry.js';
import { escapeControls } from '../../terminal/escape.js';
import { number } from '../../terminal/quantities.js';
import { CliError } from '../errors.js';
import { printError } from '../print-error.js';
import type { Recording } from './recording.js';
import type { Whom } from './whom.js';

/** All of them are held in memory, so there is a limit; a page can go back over so many (board/timeline.ts). */
const MOST_EVENTS = 1_000_000;
const MOST_ON_PAGE = 200_000;

type Make = (recording: Recording, file: string, whom: Whom) => Promise<void>;

/** What each flag that names a file makes. */
export const FILES: Readonly<Record<'html' | 'trace' | 'svg' | 'ladder', Make>> = {
  html: async (recording, file) => {
    const page = await onPage(recording);
    if (page === undefined) return;
    const { playerPage } = await import('../../compare/report/report.js');
    const html = playerPage(page.title, page.recording);
    write(file, html, 'The page', 'Open it in a browser; it needs no network.');
  },
  trace: async (recording, file) => {
    const run = await wholeOf(recording, MOST_EVENTS);
    if (run === undefined) return;
    const { traceOf } = await import('../../pictures/trace.js');
    const how = 'Open it in Perfetto (ui.perfetto.dev) or in chrome://tracing.';
    write(file, JSON.stringify(traceOf(run)), 'The trace', how);
  },
  svg: async (recording, file) => {
    const run = await wholeOf(recording, MOST_EVENTS);
    if (run === undefined) return;
    const { pictureOf } = await import('../../pictures/picture.js');
    const { from = 0, to = endOf(run) } = recording;
    write(file, pictureOf(run, { from, to }), 'The picture', OPEN_PICTURE);
  },
  ladder: async (recording, file, { followed, othersOf }) => {
    const run = await wholeOf(recording, MOST_EVENTS);
    if (run === undefined) return;
    const { ladderPicture } = await import('../../pictures/ladder-picture.js');
    const picture = ladderPicture(run, followed, othersOf);
    if (picture === undefined)
      throw new CliError(
        followed === undefined
          ? `No connection was accepted in ${recording.file}, so there is no ladder to draw.`
          : `There is no connection ${typeof followed === 'number' ? '' : 'of '}${nameOfFollowed(followed)} in ${recording.file}. Choose another with --follow.`,
      );
    write(file, picture, 'The ladder', OPEN_PICTURE);
  },
};

const OPEN_PICTURE = 'Open it in a browser.';

/** What a page plays, and its title; undefined where there is nothing to play. */
export async function onPage(
  recording: Recording,
): Promise<{ readonly title: string; readonly recording: EmbeddedRecording } | undefined> {
  const run = await wholeOf(recording, MOST_ON_PAGE);
  if (run === undefined) return undefined;
  const servers = run.servers.map(({ name, events }) => ({ name, mode: name, events }));
  return { title: run.title, recording: { servers, marks: run.steps } };
}

/** Undefined where there is nothing to play. */
async function wholeOf(recording: Recording, most: number): Promise<Run | undefined> {
  const whole = new Whole();
  for await (const lines of recording.read()) {
    for (const line of lines.slice(0, most - whole.length)) whole.take(line);
    if (whole.length < most) continue;
    printError(`Only the first ${number(most)} events of ${recording.file} are used.`);
    break;
  }
  return whole.length === 0 ? undefined : whole.runOf(recording); // why is said elsewhere
}

/** Others see it without the file: the question of a comparison. */
function titleOf({ title, comparison }: Recording): string {
  const { scenario, question = '' } = comparison ?? {};
  return question === '' ? title : escapeControls(`${scenario}: ${question}`);
}

/** What was read of one server. */
interface RecordedServer {
  readonly events: LifecycleEvent[];
  readonly moments: ClientMoment[];
}

class Whole {
  length = 0;
  readonly #servers: RecordedServer[] = [];
  readonly #steps: ClientsStep[] = [];

  take(line: RecordedLine): void {
    this.length++;
    if (line.kind === 'event') this.#of(line.server).events.push(line.event);
    if (line.kind === 'client') this.#of(line.server).moments.push(line.event);
    if (line.kind === 'step') this.#steps.push({ at: line.event.at, text: line.event.text });
  }

  #of(server: number): RecordedServer {
    const told = this.#servers[server] ?? { events: [], moments: [] };
    this.#servers[server] = told;
    return told;
  }

  runOf(recording: Recording): Run {
    const servers = recording.names.map((name, i) => ({ name, ...this.#of(i) }));
    // What was late was written late.
    for (const { events } of servers) events.sort((a, b) => a.at - b.at);
    return { title: titleOf(recording), servers, steps: this.#steps };
  }
}

/** What is there already is never overwritten. */
function write(file: string, text: string, what: string, how: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'wx');
    writeFileSync(fd, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CliError(`Cannot write to ${file}. It exists already. Move it away, or name another file.`);
    if (fd !== undefined) unlinkSync(file); // only a part of it was written
    throw new CliError(cannotWrite(file, error));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  printError(`${what} is in ${file}. ${how}`);
}
