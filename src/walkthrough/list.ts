// The list of the walkthroughs: each with its title, how long it takes, what is seen in it, and how far one has come.

import type { ChalkInstance } from 'chalk';
import { commandLine } from '../ui/command-line.js';
import type { Walkthrough } from './format.js';
import type { Entry } from './library.js';
import type { Progress } from './progress.js';
import { visibleLength, wrapWords } from './styled.js';

const WIDEST = 100;
const INDENT = '    ';

export interface Listed {
  readonly entry: Entry;
  readonly walkthrough: Walkthrough;
  readonly progress: Progress | undefined;
}

/** `columns`: undefined where lines are not to be cut. */
export function listLines(chalk: ChalkInstance, all: readonly Listed[], columns: number | undefined): string {
  const width = Math.min(columns ?? WIDEST, WIDEST);
  const lines = all.flatMap(({ entry, walkthrough, progress }) => {
    const { title, summary, minutes } = walkthrough;
    const head = `${(entry.number ?? '').padStart(2)}  ${chalk.bold(entry.name)}`;
    const facts = [minutes === undefined ? '' : `${minutes} min`, told(progress)].filter(Boolean).join(', ');
    const gap = ' '.repeat(Math.max(2, width - visibleLength(head) - facts.length));
    return [
      `${head}${gap}${chalk.dim(facts)}`,
      `${INDENT}${title}`,
      ...wrapWords(summary, width - INDENT.length).map((line) => INDENT + chalk.dim(line)),
      '',
    ];
  });
  const next = `${commandLine('walkthrough', 'NAME')} runs one. Press q to quit; the next run resumes there.`;
  return `${[...lines, ...wrapWords(next, width)].join('\n')}\n`;
}

function told(progress: Progress | undefined): string {
  if (progress === undefined) return '';
  return progress.next === undefined ? 'done' : `${progress.done} of ${progress.of} steps done`;
}
