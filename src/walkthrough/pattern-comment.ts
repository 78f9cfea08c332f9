// The comment after a `text` block, `<!-- pattern: ... -->`: a page shows the block, and not the comment.
// So the block can be the output of a real run, and the comment says what every other run has in common with it.

const OPENS = '<!-- pattern:';
const CLOSES = '-->';

export interface PatternComment {
  /** Of its first pattern. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** Undefined where it is something else. `line`: of the first line of `raw`. */
export function readPatternComment(raw: string, line: number): PatternComment | undefined {
  const comment = raw.trim();
  if (!comment.startsWith(OPENS) || !comment.endsWith(CLOSES)) return undefined;
  const inside = comment.slice(OPENS.length, -CLOSES.length);
  const lines = inside.trim().split('\n');
  return { line: line + (/^\s*\n/.test(inside) ? 1 : 0), lines };
}

/** As lines of a Markdown file. */
export function writePatternComment(patterns: readonly string[]): string[] {
  const [only, ...more] = patterns;
  return more.length === 0 ? [`${OPENS} ${only} ${CLOSES}`] : [OPENS, ...patterns, CLOSES];
}
