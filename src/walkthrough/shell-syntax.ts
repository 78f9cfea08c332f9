// Cuts a block into its commands as bash would read them from a keyboard, one after the other, each as soon as it is whole.
// Bash itself says what is whole; a block that it can't read is reported with its line, before anything runs.

import { spawnSync } from 'node:child_process';
import { shortageSentence } from '../posix/shortage.js';
import { type Command, type Commands, type Item, type Walkthrough, WalkthroughError } from './format.js';

/** The walkthrough with each block cut. Throws where bash can't read one. */
export function cutBlocks(walkthrough: Walkthrough): Walkthrough {
  const problems: string[] = [];
  const cutBlock = (block: Commands): Commands => {
    try {
      return { ...block, commands: cutCommands(block.text) };
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      problems.push(
        `${walkthrough.file}:${block.line + error.line}: bash cannot read this command: ${error.message}.`,
      );
      return block;
    }
  };
  const cut = (item: Item): Item => (item.kind === 'commands' ? cutBlock(item) : item);
  const steps = walkthrough.steps.map((step) => ({ ...step, items: step.items.map(cut) }));
  if (problems.length > 0) throw new WalkthroughError(...problems);
  return { ...walkthrough, steps };
}

class SyntaxProblem extends Error {
  /** From the start of the block, counted from 0. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A comment belongs to the command after it. Throws where bash can't read the text. */
export function cutCommands(text: string): Command[] {
  const lines = text.split('\n');
  const commands: Command[] = [];
  let start = 0;
  while (start < lines.length) {
    if (lines[start]!.trim() === '') start++;
    else {
      const end = endOfCommand(lines, start);
      commands.push({ line: start, text: lines.slice(start, end).join('\n') });
      start = end;
    }
  }
  return withLastComment(commands);
}

/** The line after the command that begins at `start`. */
function endOfCommand(lines: readonly string[], start: number): number {
  let reading = WHOLE;
  for (let end = start + 1; end <= lines.length; end++) {
    const last = lines[end - 1]!;
    if (!reading.canEndWith(last)) continue;
    const begun = lines.slice(start, end);
    if (begun.every(isComment) || (end < lines.length && endsInBackslash(last))) continue;
    reading = read(begun.join('\n'));
    if (reading === WHOLE) return end;
    if (!reading.isIncomplete) break;
  }
  const rest = lines.slice(start);
  if (rest.every(isComment)) return lines.length;
  throw new SyntaxProblem(start, read(rest.join('\n')).problem);
}

const isComment = (line: string): boolean => /^\s*(#|$)/.test(line);
const endsInBackslash = (line: string): boolean => /(^|[^\\])(\\\\)*\\$/.test(line);

function withLastComment(commands: Command[]): Command[] {
  const last = commands.at(-1);
  const before = commands.at(-2);
  if (last === undefined || before === undefined || !last.text.split('\n').every(isComment)) return commands;
  return [...commands.slice(0, -2), { ...before, text: `${before.text}\n${last.text}` }];
}

/** What bash says of a text. */
interface Reading {
  readonly problem: string;
  /** More lines may make it whole. */
  readonly isIncomplete: boolean;
  /** Whether the text can become whole with this line: spares asking bash for each line of a long here-document. */
  canEndWith(line: string): boolean;
}

const WHOLE: Reading = { problem: '', isIncomplete: false, canEndWith: () => true };

function read(text: string): Reading {
  // By its standard input: an argument may have 128 KiB at most (execve(2)).
  const { status, stderr, error } = spawnSync('bash', ['--noprofile', '--norc', '-n'], {
    input: text,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  if (error !== undefined && status === null) throw new WalkthroughError(bashProblem(error)); // EPIPE: it knew enough
  if (status === 0 && stderr === '') return WHOLE; // of a here-document without its end bash only warns
  const problem = stderr.split('\n')[0]!.replace(/^bash: (line \d+: )?/, '');
  const isIncomplete = /unexpected (end of file|EOF)|here-document/.test(stderr);
  const delimiter = /here-document .* \(wanted `(.*)'\)/.exec(stderr)?.[1];
  const quote = /unexpected EOF while looking for matching `(["'])'/.exec(stderr)?.[1];
  const canEndWith = (line: string): boolean =>
    delimiter !== undefined ? line.trimStart() === delimiter : quote === undefined || line.includes(quote);
  return { problem, isIncomplete, canEndWith };
}

function bashProblem(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT'
    ? 'bash is not installed, and it runs the commands. Install bash.'
    : (shortageSentence(error) ?? `bash cannot be started: ${error.code}.`);
}
