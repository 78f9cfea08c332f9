// What the documents quote of the code and name in it, looked up in the code: a document fails when the code moves on.
// An excerpt's fence names its file, ```ts src/net/connection.ts; a line `// ...` in it says that lines are left out.
// A diff's fence may name two files: the lines it takes away are in the first, those it adds are in the second.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url)); // this file is run from build/test/docs
const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'));

/** Code in these languages is ours, so it has a file. A diff with one file is a change to try: its added lines are nowhere. */
const OURS = ['ts', 'js', 'mjs', 'diff'];
const LINES_OF_A_SCREEN = 60;
const LEFT_OUT = /^\s*\/\/ \.\.\.\s*$/;

interface Block {
  readonly line: number;
  readonly language: string;
  readonly files: readonly string[];
  readonly code: readonly string[];
}

/** A document's fenced blocks, and the rest of it, its prose. */
function parse(text: string): { blocks: Block[]; prose: string } {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { line: number; language: string; files: string[]; code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```\s*(\S*)\s*(.*?)\s*$/.exec(line);
    if (fence === null) (open?.code ?? prose).push(line);
    else if (open === undefined) {
      const files = fence[2]!.split(/\s+/).filter((file) => file !== '');
      open = { line: index + 1, language: fence[1]!, files, code: [] };
    } else {
      blocks.push(open);
      open = undefined;
    }
  }
  assert.equal(open, undefined, 'the last fence is closed');
  return { blocks, prose: prose.join('\n') };
}

const squeeze = (text: string): string => text.replace(/\s+/g, '');

/** The parts of a block that are to be found in a file, in this order; of a diff without the lines that begin so. */
function partsOf({ language, code }: Block, without: '+' | '-'): string[] {
  const present = language === 'diff' ? code.filter((line) => !line.startsWith(without)) : code;
  const parts = [''];
  for (const line of present) {
    if (LEFT_OUT.test(line)) parts.push('');
    else parts.push(parts.pop() + squeeze(language === 'diff' ? line.slice(1) : line));
  }
  return parts;
}

function missingIn(file: string, parts: readonly string[]): string | undefined {
  if (!existsSync(join(root, file))) return `its fence names a file that does not exist: "${file}"`;
  const source = squeeze(readFileSync(join(root, file), 'utf8'));
  let from = 0;
  for (const part of parts) {
    if (part === '') return 'a part of it is empty';
    const at = source.indexOf(part, from);
    if (at < 0) return `${file} has no ${part}`;
    from = at + part.length;
  }
  return undefined;
}

/** What of a block is not in its files; undefined where all is there. */
function missingPart(block: Block): string | undefined {
  const [before, after, ...others] = block.files;
  if (before === undefined) return 'its fence names no file';
  if (others.length > 0 || (after !== undefined && block.language !== 'diff'))
    return 'its fence names too many files';
  return (
    missingIn(before, partsOf(block, '+')) ??
    (after === undefined ? undefined : missingIn(after, partsOf(block, '-')))
  );
}

/** The words of `code spans`, each with the line break that a long one may have. */
const wordsOf = (prose: string): string[] =>
  [...prose.matchAll(/`([^`]+)`/g)].flatMap((span) => span[1]!.split(/\s+/));

/** `src/net/listener.ts`, `build/test/witness/`; a word with a blank to fill in, like src/models/NAME, is no path. */
function isMissingPath(word: string): boolean {
  if (!/^(?:build\/)?(?:src|test|docs|bin)\/[\w./-]*$/.test(word) || /[A-Z]{2}/.test(word)) return false;
  const source = word.startsWith('build/') ? word.slice(6).replace(/\.js$/, '.ts') : word;
  return !existsSync(join(root, source));
}

/** `serve()`, `#send()` and `RequestReader.next()` are functions of ours; a system call is written without brackets. */
function isMissingFunction(word: string): boolean {
  const named = /^(?:([A-Z]\w*)\.)?(#?[A-Za-z]\w*)\(\)$/.exec(word);
  if (named === null) return false;
  const [, owner, name] = named;
  const declared = new RegExp(`(?:^|[^\\w.#])${name}(?:<[^(]*>)?(?:\\(| = \\(|: )`, 'm');
  return !sources.some(
    (source) => declared.test(source) && (owner === undefined || source.includes(`class ${owner}`)),
  );
}

const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s/g, '-');

/** [text](file.md#heading), to another of our documents or to a heading of the same one. */
function isBrokenLink(document: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return false;
  const [file, heading] = target.split('#') as [string, string?];
  const path = file === '' ? document : join(dirname(document), file);
  if (!existsSync(path)) return true;
  if (heading === undefined) return false;
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) => slugOf(match[1]!));
  return !headings.includes(heading);
}

for (const name of documents) {
  describe(`docs/${name}`, () => {
    const path = join(root, 'docs', name);
    const { blocks, prose } = parse(readFileSync(path, 'utf8'));

    it('quotes code as it stands in the file that it names', () => {
      const wrong = blocks
        .filter(({ language, files }) => OURS.includes(language) || files.length > 0)
        .map((block) => ({ block, missing: missingPart(block) }))
        .filter(({ missing }) => missing !== undefined)
        .map(({ block, missing }) => `line ${block.line}: ${missing}`);
      assert.deepEqual(wrong, []);
    });

    it('names files and functions that are there', () => {
      assert.deepEqual(
        wordsOf(prose).filter((word) => isMissingPath(word) || isMissingFunction(word)),
        [],
      );
    });

    it('links to what is there', () => {
      const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
      assert.deepEqual(
        targets.filter((target) => isBrokenLink(path, target)),
        [],
      );
    });
  });
}

it('docs/how-it-works.md says how many screens long a file is', () => {
  const rows = [
    ...readFileSync(join(root, 'docs/how-it-works.md'), 'utf8').matchAll(
      /^\| `(src\/\S+)` \|.*\| (\d+) \|$/gm,
    ),
  ];
  assert.ok(rows.length >= 10);
  const screens = (path: string): number =>
    Math.ceil(readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length / LINES_OF_A_SCREEN);
  assert.deepEqual(
    rows.map(([, path, told]) => [path, Number(told)]),
    rows.map(([, path]) => [path, screens(path!)]),
  );
});

it('there is code to look up', () => {
  const { blocks, prose } = parse(readFileSync(join(root, 'docs/how-it-works.md'), 'utf8'));
  assert.ok(blocks.filter(({ files }) => files.length > 0).length >= 10);
  assert.ok(wordsOf(prose).filter((word) => word.endsWith('()')).length >= 10);
});
