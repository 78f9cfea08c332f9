// The list of the walkthroughs: each with its title, how long it takes, what is seen in it, and how far one has come.

import type { ChalkInstance } from 'chalk';
import { commandLine } from '../terminal/command-line.js';
import { padEnd, textWidth, wrap } from '../terminal/width.js';
import type { Walkthrough } from './format.js';
import type { LibraryEntry } from './library.js';
import type { Progress } from './progress.js';

const WIDEST = 100;
const INDENT = '    ';

export interface Listed {
  readonly entry: LibraryEntry;
  readonly walkthrough: Walkthrough;
  readonly progress: Progress | undefined;
}

/** `columns`: undefined where lines are not to be cut. `missing`: why none can run here, where that is so. */
export function listLines(
  chalk: ChalkInstance,
  all: readonly Listed[],
  columns: number | undefined,
  missing?: string,
): string {
  const width = Math.min(columns ?? WIDEST, WIDEST);
  const lines = all.flatMap(({ entry, walkthrough, progress }) => {
    const { title, summary, minutes } = walkthrough;
    const head = `${(entry.number ?? '').padStart(2)}  ${chalk.bold(entry.name)}`;
    const facts = [minutes === undefined ? '' : `${minutes} min`, progressText(progress)]
      .filter(Boolean)
      .join(', ');
    return [
      padEnd(`${head}  `, width - textWidth(facts)) + chalk.dim(facts),
      ...wrap(title, width - INDENT.length).map((line) => INDENT + line),
      ...wrap(summary, width - INDENT.length).map((line) => INDENT + chalk.dim(line)),
      '',
    ];
  });
  const next =
    missing !== undefined
      ? `None of them can run here: a walkthrough ${missing}. You can still read them in docs/walkthroughs.`
      : `${commandLine('walkthrough', 'NAME')} runs one. Press q to quit; the next run resumes there.`;
  return `${[...lines, ...wrap(next, width)].join('\n')}\n`;
}

function progressText(progress: Progress | undefined): string {
  if (progress === undefined) return '';
  return progress.done === progress.of ? 'done' : `${progress.done} of ${progress.of} steps done`;
}
