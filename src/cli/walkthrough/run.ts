// Lists the walkthroughs, runs one, or checks them; and sees to it that whatever ends this leaves nothing behind.

import { writeFileSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { procUnavailable } from '../../posix/platform.js';
import { colours } from '../../terminal/colours.js';
import { commandLine } from '../../terminal/command-line.js';
import { canMoveCursor, terminalSize } from '../../terminal/terminal.js';
import { type Expectation, type Walkthrough, WalkthroughError } from '../../walkthrough/format.js';
import { Keyboard } from '../../walkthrough/keyboard.js';
import { type Entry, entries, find, read, UnknownName } from '../../walkthrough/library.js';
import { listLines } from '../../walkthrough/list.js';
import { staleOutputs, withOutputs } from '../../walkthrough/page-output.js';
import { parseWalkthrough } from '../../walkthrough/parse.js';
import { freePort, withPort } from '../../walkthrough/port.js';
import { ProgressFile } from '../../walkthrough/progress.js';
import { type RunOptions, runWalkthrough, StepLeft } from '../../walkthrough/runner.js';
import { cutBlocks } from '../../walkthrough/shell-syntax.js';
import { StudentView } from '../../walkthrough/student-view.js';
import { needDescriptors } from '../enough-descriptors.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { printError } from '../print-error.js';
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

async function run(entry: Entry, flags: WalkthroughFlags): Promise<number> {
  const { isTTY } = process.stdin;
  if (!isTTY && !flags.yes)
    throw new CliError(
      'Standard input is not a terminal, so your keys cannot be read. Use --yes to run the walkthrough without a pause.',
      WRONG_USAGE,
    );
  const port = await choosePort(flags.port);
  const lesson = load(entry, port);
  const ending = endOnSignals();
  const keyboard = flags.yes ? undefined : new Keyboard(process.stdin as ReadStream, ending.quit);
  const progress = flags.yes ? undefined : { file: new ProgressFile(printError), key: entry.key };
  const view = viewOf(lesson);
  try {
    progress?.file.trySaving();
    const from = flags.restart ? 0 : firstStep(lesson, progress, view);
    const { failures, finished } = await runWalkthrough(lesson, from, {
      view,
      keyboard,
      progress,
      port,
      checking: false,
      colours: chalk.level,
      signal: ending.signal,
    });
    if (!finished && keyboard !== undefined)
      view.note(
        progress?.file.isSaved
          ? `Stopped. \`${resume(entry, flags)}\` resumes at this step.`
          : 'Stopped. Progress is not saved: the next run begins with the first step.',
      );
    return failures.length > 0 ? FAILED : 0;
  } finally {
    keyboard?.close();
    ending.release();
  }
}

/** The command that goes on where a student has left. */
function resume({ name }: Entry, { port }: WalkthroughFlags): string {
  return commandLine('walkthrough', name, ...(port === 8080 ? [] : ['--port', String(port)]));
}

/** Where a student stopped: the step is known by its heading, for a text may have been changed meanwhile. */
function firstStep({ steps }: Walkthrough, progress: RunOptions['progress'], view: StudentView): number {
  const next = progress?.file.get(progress.key)?.next;
  const from = steps.findIndex(({ heading }) => heading === next);
  if (from <= 0) return 0;
  view.note(
    `Resuming at step ${from + 1} of ${steps.length}, where you stopped. --restart begins with the first.`,
  );
  return from;
}

/** A line for each step; of what fails the sentence, on standard error, and what the terminal printed. */
async function check(all: readonly Entry[], flags: WalkthroughFlags): Promise<number> {
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

async function checkOne(entry: Entry, flags: WalkthroughFlags, signal: AbortSignal): Promise<boolean> {
  const port = await choosePort(flags.port);
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  try {
    const lesson = load(entry, port);
    const stale = flags.write ? [] : staleOutputs(lesson);
    for (const sentence of stale) printError(sentence);
    const outputs = new Map<Expectation, readonly string[]>();
    const { failures, finished } = await runWalkthrough(lesson, 0, {
      view: undefined,
      keyboard: undefined,
      progress: undefined,
      checking: true,
      colours: 0,
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

function load(entry: Entry, port: number): Walkthrough {
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
  return new StudentView(chalk, canvas, lesson);
}

/** Signals, and a reader that is gone, end the step that runs; its terminals are closed on the way out. */
function endOnSignals(): { signal: AbortSignal; quit: () => void; release: () => void } {
  const controller = new AbortController();
  const quit = (): void => controller.abort(new StepLeft('quit'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, quit);
  process.stdout.on('error', quit);
  const release = (): void => {
    for (const signal of signals) process.off(signal, quit);
  };
  return { signal: controller.signal, quit, release };
}
