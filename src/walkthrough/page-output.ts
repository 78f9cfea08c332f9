// What a lesson shows as a page where something is printed: lines of a real run, put into the file by `--check --write`.
// Where runs differ the pattern goes into a comment beside them, pattern-comment.ts; what is shown must match it.

import type { Expectation, Item, LessonStep, Walkthrough } from './format.js';
import type { Bindings } from './pattern.js';
import { writePatternComment } from './pattern-comment.js';
import { type Found, SearchInAnyOrder, SearchInOrder } from './search.js';

/** Says that lines are left out. */
const LEFT_OUT = '...';

/** The lines that were found, in the order in which they were printed. */
export function pageLines({ at }: Found, output: readonly string[], anyOrder: boolean): string[] {
  const found = at.filter((line) => line !== undefined).toSorted((a, b) => a - b);
  const shown = found.flatMap((line, index) => {
    const between = index === 0 ? 0 : line - found[index - 1]! - 1;
    // One line takes no more room than the dots. In a table it is a row that the text does not mention.
    const gap = between === 0 ? [] : [between === 1 && !anyOrder ? output[line - 1]! : LEFT_OUT];
    return [...gap, output[line]!];
  });
  const goesOn = at.at(-1) === undefined ? [LEFT_OUT] : [];
  return [...outdented(shown.map((line) => line.trimEnd())), ...goesOn];
}

/** A sentence for each block whose output its pattern does not match: the pattern or the program has changed since. */
export function staleOutputs({ file, steps }: Walkthrough): string[] {
  return steps.flatMap((step) => {
    let bindings: Bindings = new Map();
    return expectationsOf(step).flatMap((expectation) => {
      const { patterns, anyOrder, page } = expectation;
      const search = new (anyOrder ? SearchInAnyOrder : SearchInOrder)(patterns, 0, bindings);
      let found: Found | undefined;
      do found = search.scan(page.lines, page.lines.length);
      while (found === undefined && search.isBehind);
      bindings = found?.bindings ?? bindings;
      if (!page.isOutput || found !== undefined) return [];
      return [
        `${file}:${page.line}: The output that the page shows does not match "${patterns[search.missing.index]!.text}". Write it again with --check --write.`,
      ];
    });
  });
}

/** The source with the output of a run in it. What was skipped in that run, or would end its block, stays as it is. */
export function withOutputs(source: string, outputs: ReadonlyMap<Expectation, readonly string[]>): string {
  const lines = source.split(/\r\n?|\n/);
  const fromTheEnd = [...outputs].toSorted(([a], [b]) => b.page.line - a.page.line);
  for (const [{ page, patterns }, output] of fromTheEnd) {
    const texts = patterns.map(({ text }) => text);
    if (output.some(isFence) || texts.some((text) => text.includes('-->'))) continue;
    const isNew = !page.isOutput && output.join('\n') !== texts.join('\n');
    const fence = lines[page.line - 1 + page.lines.length]!;
    lines.splice(
      page.line - 1,
      page.lines.length + 1,
      ...output,
      fence,
      ...(isNew ? writePatternComment(texts) : []),
    );
  }
  return lines.join(source.includes('\r\n') ? '\r\n' : '\n');
}

export function expectationsOf({ items }: LessonStep): Expectation[] {
  return items
    .flatMap((item): readonly Item[] => (item.kind === 'answer' ? item.items : [item]))
    .filter((item) => item.kind === 'expectation');
}

const isFence = (line: string): boolean => /^\s*(`{3}|~{3})/.test(line);

/** Without the blanks that all lines begin with. */
function outdented(lines: readonly string[]): string[] {
  const blanks = lines.filter((line) => line !== '' && line !== LEFT_OUT).map((line) => line.search(/\S/));
  const common = Math.min(...blanks);
  return lines.map((line) => (line === LEFT_OUT ? line : line.slice(common)));
}
