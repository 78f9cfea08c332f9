// Example commands, as --help and the introduction list them. Each can be typed as it stands.

import { commandLine } from '../terminal/command-line.js';

/** A command line, word by word, and what it does. */
export type Example = readonly [words: readonly string[], purpose: string];

export const examples = (all: readonly Example[]): string =>
  twoColumns(all.map(([words, purpose]) => [commandLine(...words), purpose]));

/** The end of a --help. */
export const examplesHelp = (all: readonly Example[]): string => `\nExamples:\n${examples(all)}`;

export function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
