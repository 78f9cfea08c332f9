// Lists the walkthroughs, runs one, or checks them; and sees to it that whatever ends this leaves nothing behind.

import { existsSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { colours } from '../ui/colours.js';
import { commandLine } from '../ui/command-line.js';
import { canMoveCursor, terminalSize } from '../ui/terminal.js';
import { type Walkthrough, WalkthroughError } from '../walkthrough/format.js';
import { Keyboard } from '../walkthrough/keyboard.js';
import { type Entry, entries, find, read, UnknownName } from '../walkthrough/library.js';
import { listLines } from '../walkthrough/list.js';
import { parseWalkthrough } from '../walkthrough/parse.js';
import { freePort, withPort } from '../walkthrough/port.js';
import { ProgressFile } from '../walkthrough/progress.js';
import { Left, type RunOptions, runWalkthrough } from '../walkthrough/runner.js';
import { Screen } from '../walkthrough/screen.js';
import { checkCommands } from '../walkthrough/shell-syntax.js';
import { CliError, FAILED, WRONG_USAGE } from './errors.js';
import { tell } from './tell.js';
import type { WalkthroughFlags } from './walkthrough-command.js';

/** Gives the exit status. */
export async function walkthrough(name: string | undefined, flags: WalkthroughFlags): Promise<number> {
  try {
    if (flags.check) return await check(name === undefined ? entries() : [find(name)], flags);
    if (name === undefined) return list();
    return await run(find(name), flags);
  } catch (error) {
    if (error instanceof UnknownName) throw new CliError(error.message, WRONG_USAGE);
    if (!(error instanceof WalkthroughError)) throw error;
    for (const sentence of error.sentences) tell(sentence);
    return FAILED;
  }
}

const chalk = colours();

function list(): number {
  const progress = new ProgressFile(tell);
  const all = entries().map((entry) => ({
    entry,
    walkthrough: parseWalkthrough(entry.file, read(entry)),
    progress: progress.get(entry.key),
  }));
  process.stdout.write(listLines(chalk, all, terminalSize(process.stdout)?.columns));
  return 0;
}

async function run(entry: Entry, flags: WalkthroughFlags): Promise<number> {
  const { isTTY } = process.stdin;
  if (!isTTY && !flags.yes)
    throw new CliError(
      'a walkthrough expects a terminal to read your keys from, found none on standard input; use --yes to run it without a pause.',
      WRONG_USAGE,
    );
  const port = await choosePort(flags.port);
  const lesson = load(entry, port);
  const ending = endOnSignals();
  const keyboard = flags.yes ? undefined : new Keyboard(process.stdin as ReadStream, ending.leave);
  const progress = flags.yes ? undefined : { file: new ProgressFile(tell), key: entry.key };
  const screen = screenFor(lesson);
  try {
    const from = flags.restart ? 0 : firstStep(lesson, progress, screen);
    const { failures, finished } = await runWalkthrough(lesson, from, {
      screen,
      keyboard,
      progress,
      port,
      checking: false,
      colours: chalk.level,
      signal: ending.signal,
    });
    if (!finished && keyboard !== undefined)
      screen.note(`Left. \`${resume(entry, flags)}\` goes on with this step.`);
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
function firstStep({ steps }: Walkthrough, progress: RunOptions['progress'], screen: Screen): number {
  const next = progress?.file.get(progress.key)?.next;
  const from = steps.findIndex(({ heading }) => heading === next);
  if (from <= 0) return 0;
  screen.note(`Going on with step ${from + 1} of ${steps.length}, where you stopped; --restart begins anew.`);
  return from;
}

/** A line for each step; of what fails the sentence, on standard error, and what the terminal printed. */
async function check(all: readonly Entry[], flags: WalkthroughFlags): Promise<number> {
  if (all.length === 0)
    throw new CliError('expected walkthroughs to check, found none in docs/walkthroughs.');
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
    const { failures, finished } = await runWalkthrough(lesson, 0, {
      screen: undefined,
      keyboard: undefined,
      progress: undefined,
      checking: true,
      colours: 0,
      port,
      signal,
      onStep: (index, { failures, commands, expectations, skipped }, seconds) => {
        const word = failures.length > 0 ? 'FAILED' : 'ok';
        const { heading, line } = lesson.steps[index]!;
        say(
          `${word.padEnd(6)} ${entry.file}:${line} ${heading}: ${commands} commands, ${expectations} expectations, ${seconds.toFixed(1)} s`,
        );
        for (const each of skipped) say(`       ${each}`);
        for (const { sentence, output } of failures) {
          tell(sentence);
          for (const each of output) say(`       | ${each}`);
        }
      },
    });
    if (!finished)
      tell(`expected to check ${entry.file} to its end, found a signal to stop; start it again.`);
    return finished && failures.length === 0;
  } catch (error) {
    if (!(error instanceof WalkthroughError)) throw error;
    say(`FAILED ${entry.file}`);
    for (const sentence of error.sentences) tell(sentence);
    return false;
  }
}

function load(entry: Entry, port: number): Walkthrough {
  if (!existsSync('/proc/self/environ'))
    throw new CliError(
      `a walkthrough expects Linux, whose /proc tells which processes are to be ended, found ${process.platform}; read ${entry.file} there.`,
    );
  const lesson = parseWalkthrough(entry.file, withPort(read(entry), port));
  checkCommands(lesson);
  return lesson;
}

async function choosePort(port: number): Promise<number> {
  return port === 0 ? freePort() : port;
}

function screenFor(lesson: Walkthrough): Screen {
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
  return new Screen(chalk, canvas, lesson);
}

/** Signals, and a reader that is gone, end the step that runs; the room is closed on the way out. */
function endOnSignals(): { signal: AbortSignal; leave: () => void; release: () => void } {
  const controller = new AbortController();
  const leave = (): void => controller.abort(new Left('leave'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, leave);
  process.stdout.on('error', leave);
  const release = (): void => {
    for (const signal of signals) process.off(signal, leave);
  };
  return { signal: controller.signal, leave, release };
}
