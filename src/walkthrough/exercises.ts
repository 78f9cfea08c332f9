// Exercises, where the student works in the lesson's terminals: any command, in any of them, as long as the student likes.

import type { BlockRun } from './block-run.js';
import type { Dialogue } from './dialogue.js';
import type { Walkthrough } from './format.js';
import { CTRL_C_KEY, HELP_KEY } from './keyboard.js';
import type { StudentView } from './student-view.js';
import type { Terminal } from './terminal.js';

const IDLE =
  'Try it here: type a command. The up arrow shows the commands of the lesson. Enter alone ends, ? help';
const BUSY = 'A program runs in this terminal and reads what you type. Ctrl-C ends it, ? help';
const HELP = [
  'client:        go to the terminal with this name; a new name opens a new terminal',
  'client: curl   run curl there',
  'up arrow       the commands of the lesson, and yours',
  'Ctrl-C         end the program that runs here; where none runs, quit',
  'Enter alone    leave the exercises, where no program runs here',
  'q, then Enter  quit',
];
/** A terminal's name and a colon, and then a command or nothing. */
const ADDRESSED = /^\s*([a-z][a-z0-9-]*):(?:\s+(.*))?$/;
/** What ends within this time is shown before the next prompt, in milliseconds. */
const SHORT_MS = 700;

/** The lesson's terminals, each with its commands, the latest first. */
export type LessonCommands = ReadonlyMap<string, readonly string[]>;

export function commandsOf({ steps }: Walkthrough): LessonCommands {
  const commands = new Map<string, string[]>();
  for (const item of steps.flatMap(({ items }) => items)) {
    if (item.kind !== 'commands') continue;
    const before = commands.get(item.terminal) ?? [];
    const own = item.commands.map(({ text }) => text).toReversed();
    commands.set(item.terminal, [...own, ...before.filter((each) => !own.includes(each))]);
  }
  return commands;
}

/** Resolves when the student has done enough. */
export async function tryOut(
  blocks: BlockRun,
  dialogue: Dialogue,
  commands: LessonCommands,
  signal: AbortSignal,
): Promise<void> {
  const { view } = dialogue;
  const histories = new Map(commands);
  let [name] = commands.keys();
  if (name === undefined) return;
  for (;;) {
    const terminal = blocks.terminal(name);
    const isBusy = terminal.command !== undefined;
    const history = histories.get(name) ?? [];
    const prompt = { how: isBusy ? BUSY : IDLE, terminal: name, mark: isBusy ? '<' : '$', history };
    const line = await dialogue.line(prompt, signal);
    if (line === CTRL_C_KEY) {
      if (!terminal.interrupt()) dialogue.quit();
      await terminal.idleWithin(SHORT_MS);
      continue;
    }
    if (line === HELP_KEY) {
      view.list(HELP);
      continue;
    }
    if (line === '' && !isBusy) return;
    const [, other, rest] = ADDRESSED.exec(line) ?? [];
    name = other ?? name;
    const text = other === undefined ? line : (rest ?? '');
    if (other !== undefined && text === '') continue;
    histories.set(name, [text, ...(histories.get(name) ?? []).filter((each) => each !== text)]);
    await enter(blocks.terminal(name), text, view);
  }
}

/** At a program that runs it is a line of input, otherwise a command. */
async function enter(terminal: Terminal, text: string, view: StudentView): Promise<void> {
  if (terminal.command === undefined) {
    view.command(terminal.name, text);
    terminal.run(text);
  } else {
    view.key(terminal.name, text);
    terminal.type(text);
  }
  await terminal.idleWithin(SHORT_MS);
}
