// Lists the walkthroughs, runs one, or checks them; and makes sure that nothing is left behind, however it ends.

import { writeFileSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { procUnavailable } from '../../posix/platform.js';
import { colours } from '../../terminal/colours.js';
import { commandLine } from '../../terminal/command-line.js';
import { canMoveCursor, glyphsFor, terminalSize } from '../../terminal/terminal.js';
import { StepLeft } from '../../walkthrough/dialogue.js';
import { type Expectation, type Walkthrough, WalkthroughError } from '../../walkthrough/format.js';
import { Keyboard } from '../../walkthrough/keyboard.js';
import {
  entries,
  entryAfter,
  find,
  type LibraryEntry,
  read,
  UnknownName,
} from '../../walkthrough/library.js';
import { listLines } from '../../walkthrough/list.js';
import { staleOutputs, withOutputs } from '../../walkthrough/page-output.js';
import { parseWalkthrough } from '../../walkthrough/parse.js';
import { freePort, withPort } from '../../walkthrough/port.js';
import { ProgressFile, progressOf, resumed } from '../../walkthrough/progress.js';
import { type RunResult, runWalkthrough } from '../../walkthrough/runner.js';
import { cutBlocks } from '../../walkthrough/shell-syntax.js';
import { StudentView } from '../../walkthrough/student-view.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
import { onSignals } from '../signals.js';
import type { WalkthroughFlags } from './flags.js';

/** Gives the exit status. */
export async function walkthrough(name: string | undefined, flags: WalkthroughFlags): Promise<number> {
  if (flags.write && !(flags.check && flags.port === 8080))
    throw new CliError(
      '--write needs --check, and port 8080, which is the one that the file names.',
      WRONG_USAGE,
    );
  try {
    if (flags.check) return await check(name === undefined ? entries() : [find(name)], flags);
    if (name === undefined) return list();
    return await run(find(name), flags);
  } catch (error) {
    if (error instanceof UnknownName) throw new CliError(error.message, WRONG_USAGE);
    if (!(error instanceof WalkthroughError)) throw error;
    for (const sentence of error.sentences) printError(sentence);
    return FAILED;
  }
}

/** The bash of a terminal keeps descriptors with high numbers for itself. */
const LEAST_DESCRIPTORS = 256;

const chalk = colours();

function list(): number {
  const progress = new ProgressFile(printError);
  const all = entries().map((entry) => ({
    entry,
    walkthrough: parseWalkthrough(entry.file, read(entry)),
    progress: progress.get(entry.key),
  }));
  process.stdout.write(listLines(chalk, all, terminalSize(process.stdout)?.columns, procUnavailable()));
  return 0;
}

/** One lesson, and then as many of the next as the student likes. */
async function run(first: LibraryEntry, flags: WalkthroughFlags): Promise<number> {
  const { isTTY } = process.stdin;
  if (!isTTY && !flags.yes)
    throw new CliError(
      'Standard input is not a terminal, so your keys cannot be read. Use --yes to run the walkthrough without a pause.',
      WRONG_USAGE,
    );
  const port = await choosePort(flags.port);
  load(first, port); // what is wrong with it is said before the terminal is in raw mode
  const ending = endOnSignals();
  const keyboard = flags.yes ? undefined : new Keyboard(process.stdin as ReadStream, ending.quit);
  const progress = flags.yes ? undefined : new ProgressFile(printError);
  try {
    progress?.trySaving();
    let status = 0;
    for (let entry: LibraryEntry | undefined = first; entry !== undefined; ) {
      const { failures, goesOn } = await lesson(entry, {
        flags,
        port,
        keyboard,
        progress,
        signal: ending.signal,
      });
      if (failures.length > 0) status = FAILED;
      entry = goesOn ? entryAfter(entry) : undefined;
    }
    return status;
  } finally {
    keyboard?.close();
    ending.release();
  }
}

interface Sitting {
  readonly flags: WalkthroughFlags;
  readonly port: number;
  /** Undefined with --yes, and so is `progress`. */
  readonly keyboard: Keyboard | undefined;
  readonly progress: ProgressFile | undefined;
  readonly signal: AbortSignal;
}

async function lesson(
  entry: LibraryEntry,
  { flags, port, keyboard, progress, signal }: Sitting,
): Promise<RunResult> {
  const walkthrough = load(entry, port);
  const { steps } = walkthrough;
  const view = viewOf(walkthrough);
  const from = flags.restart ? undefined : resumed(steps, progress?.get(entry.key));
  if (from !== undefined && from.at > 0)
    view.note(
      `Resuming at step ${from.at + 1} of ${steps.length}, where you stopped. --restart begins with the first.`,
    );
  const next = entryAfter(entry);
  const result = await runWalkthrough(walkthrough, {
    ...{ view, keyboard, port, signal, from },
    isTyping: flags.type ?? false,
    afterwards: keyboard && next && `Enter starts the next lesson, ${next.name}`,
    onState: (state) => progress?.set(entry.key, progressOf(steps, state)),
  });
  if (!result.finished && progress !== undefined)
    view.note(
      progress.isSaved
        ? `Stopped. \`${resume(entry, flags)}\` resumes at this step.`
        : 'Stopped. Progress is not saved: the next run begins with the first step.',
    );
  return result;
}

/** The command that goes on where a student has left. */
function resume({ name }: LibraryEntry, { port, type }: WalkthroughFlags): string {
  const more = [...(type ? ['--type'] : []), ...(port === 8080 ? [] : ['--port', String(port)])];
  return commandLine('walkthrough', name, ...more);
}

/** Prints a line for each step; for a failure also a sentence, on standard error, and what the terminal printed. */
async function check(all: readonly LibraryEntry[], flags: WalkthroughFlags): Promise<number> {
  if (all.length === 0)
    throw new CliError('There are no walkthroughs in docs/walkthroughs. Install evented-demo again.');
  let failed = false;
  const ending = endOnSignals();
  try {
    for (const entry of all) {
      failed = !(await checkOne(entry, flags, ending.signal)) || failed;
      if (ending.signal.aborted) break;
    }
  } finally {
    ending.release();
  }
  return failed ? FAILED : 0;
}

async function checkOne(entry: LibraryEntry, flags: WalkthroughFlags, signal: AbortSignal): Promise<boolean> {
  const port = await choosePort(flags.port);
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  try {
    const lesson = load(entry, port);
    const stale = flags.write ? [] : staleOutputs(lesson);
    for (const sentence of stale) printError(sentence);
    const outputs = new Map<Expectation, readonly string[]>();
    const { failures, finished } = await runWalkthrough(lesson, {
      port,
      signal,
      onStep: (index, { failures, commands, expectations, skipped, outputs: found }, seconds) => {
        for (const each of found) outputs.set(...each);
        const word = failures.length > 0 ? 'FAILED' : 'ok';
        const { heading, line } = lesson.steps[index]!;
        say(
          `${word.padEnd(6)} ${entry.file}:${line} ${heading}: ${commands} commands, ${expectations} expectations, ${seconds.toFixed(1)} s`,
        );
        for (const each of skipped) say(`       ${each}`);
        for (const { sentence, output } of failures) {
          printError(sentence);
          for (const each of output) say(`       | ${each}`);
        }
      },
    });
    if (!finished) printError(`A signal stopped the check of ${entry.file} before its end. Start it again.`);
    const passed = finished && failures.length === 0;
    if (passed && flags.write) writeFileSync(entry.path, withOutputs(read(entry), outputs));
    return passed && stale.length === 0;
  } catch (error) {
    if (!(error instanceof WalkthroughError)) throw error;
    say(`FAILED ${entry.file}`);
    for (const sentence of error.sentences) printError(sentence);
    return false;
  }
}

function load(entry: LibraryEntry, port: number): Walkthrough {
  const missing = procUnavailable();
  if (missing !== undefined)
    throw new CliError(`A walkthrough ${missing}. You can still read ${entry.file}, or run it on Linux.`);
  needDescriptors(LEAST_DESCRIPTORS, 'a walkthrough');
  return cutBlocks(parseWalkthrough(entry.file, withPort(read(entry), port)));
}

async function choosePort(port: number): Promise<number> {
  return port === 0 ? freePort() : port;
}

function viewOf(lesson: Walkthrough): StudentView {
  const { stdout } = process;
  const canvas = {
    get columns() {
      return terminalSize(stdout)?.columns;
    },
    get rows() {
      return terminalSize(stdout)?.rows;
    },
    canErase: canMoveCursor(stdout, process.env),
    write: (text: string) => void stdout.write(text),
  };
  return new StudentView(chalk, canvas, lesson, glyphsFor(process.env));
}

/** Signals, and a reader that is gone, end the step that runs; its terminals are closed on the way out. */
function endOnSignals(): { signal: AbortSignal; quit: () => void; release: () => void } {
  const controller = new AbortController();
  const quit = (): void => controller.abort(new StepLeft('quit'));
  process.stdout.on('error', quit);
  return { signal: controller.signal, quit, release: onSignals(quit) };
}
