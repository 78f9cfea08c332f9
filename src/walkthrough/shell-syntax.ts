// Cuts a block of commands as bash would take them from a keyboard: one after the other, each as soon as it is whole.

import { spawnSync } from 'node:child_process';
import { shortageSentence } from '../posix/shortage.js';
import { type Commands, type Walkthrough, WalkthroughError } from './format.js';

/** Throws where bash can't read a block of the walkthrough. */
export function checkCommands(walkthrough: Walkthrough): void {
  const problems = walkthrough.steps.flatMap(({ items }) =>
    items.flatMap((item) => {
      const problem = item.kind === 'commands' ? syntaxProblem(item.text) : undefined;
      return problem === undefined
        ? []
        : [
            `${walkthrough.file}:${(item as Commands).line + problem.line}: expected commands that bash can read, found ${problem.text}; mend them.`,
          ];
    }),
  );
  if (problems.length > 0) throw new WalkthroughError(...problems);
}

/** `line`: from the start of the block, counted from 0. A comment belongs to the command after it. */
export function cutCommands(text: string): { line: number; command: string }[] {
  const cut: { line: number; command: string }[] = [];
  let begun: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (begun.length === 0 && line.trim() === '') continue;
    begun.push(line);
    const command = begun.join('\n');
    if (begun.every((each) => /^\s*(#|$)/.test(each)) || !isWhole(command)) continue;
    cut.push({ line: index - begun.length + 1, command });
    begun = [];
  }
  if (begun.length > 0 && cut.length > 0) cut.at(-1)!.command += `\n${begun.join('\n')}`;
  else if (begun.length > 0) cut.push({ line: 0, command: begun.join('\n') });
  return cut;
}

function isWhole(command: string): boolean {
  if (/(^|[^\\])(\\\\)*\\$/.test(command)) return false;
  const { status, stderr } = read(command);
  return status === 0 && stderr === ''; // of a here-document without its end bash only warns
}

function syntaxProblem(text: string): { line: number; text: string } | undefined {
  const { status, stderr } = read(text);
  if (status === 0) return undefined;
  const [, line, found] = /line (\d+): (.*)/.exec(stderr) ?? [];
  const lines = text.split('\n').length;
  return { line: Math.min(Number(line ?? 1), lines) - 1, text: `"${found ?? stderr.trim()}"` };
}

function read(command: string): { status: number | null; stderr: string } {
  const { status, stderr, error } = spawnSync('bash', ['--noprofile', '--norc', '-n', '-c', command], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  if (error !== undefined)
    throw new WalkthroughError(
      shortageSentence(error) ??
        `bash, which runs the commands, could not be started (${(error as NodeJS.ErrnoException).code}). Install bash.`,
    );
  return { status, stderr };
}
