// From Markdown to a walkthrough: marked cuts the text into blocks, and here each finds its step.
// Everything that is wrong with a file is found before any of it is run, and reported with its line.

import { lexer, type Token, type Tokens } from 'marked';
import { escapeControls } from '../terminal/escape.js';
import { type Walkthrough, WalkthroughError } from './format.js';
import { decodeEntities } from './markdown.js';
import { type PatternComment, readPatternComment } from './pattern-comment.js';
import { languageOfToken, type Problem, StepReader } from './step-reader.js';

/** What stands between these two only the page shows; what stands in a comment that begins so, only the program. */
const PAGE_BEGINS = /^<!--\s*page\s*-->$/;
const PAGE_ENDS = /^<!--\s*\/page\s*-->$/;
const PROGRAM_ONLY = /^<!--\s*program:\s([\s\S]*)-->$/;

const MINUTES = /\b(\d{1,3}) minutes\b/;

/** @param file its name in sentences */
export function parseWalkthrough(file: string, source: string): Walkthrough {
  const text = withoutFrontMatter(source.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'));
  refuseControls(file, text);
  const reader = new WalkthroughReader(file);
  let line = 1;
  const tokens = lexer(text).flatMap((token) => {
    const placed = { token, line };
    line += newlines(token.raw);
    return token.type === 'space' || token.type === 'def' ? [] : [placed];
  });
  for (const [index, { token, line: at }] of tokens.entries()) {
    const next = tokens[index + 1];
    reader.take(token, at, next && readPatternComment(next.token.raw, next.line));
  }
  return reader.end(line);
}

/** YAML for a site generator, between two lines `---`. Empty lines take its place, so that the others keep their numbers. */
const withoutFrontMatter = (text: string): string =>
  text.replace(/^---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|$)/, (matter) =>
    '\n'.repeat(newlines(matter)),
  );

/** A terminal would obey them, and show another command than the one that is run. Of many, as in a binary file, the first. */
function refuseControls(file: string, text: string): void {
  const lines = text.split('\n');
  const isControl = (character: string): boolean =>
    character !== '\t' && escapeControls(character) !== character;
  const index = lines.findIndex((line) => [...line].some(isControl));
  if (index < 0) return;
  const control = escapeControls([...lines[index]!].find(isControl)!);
  throw new WalkthroughError(
    `${file}:${index + 1}: This line has a control character, ${control}, which a terminal would obey. Delete it.`,
  );
}

const newlines = (text: string): number => text.split('\n').length - 1;

class WalkthroughReader {
  readonly #file: string;
  readonly #problems: { line: number; sentence: string }[] = [];
  #title: string | undefined;
  #introduction: Token[] = [];
  #steps: StepReader[] = [];
  /** The line of the comment that began it. */
  #pageOnlySince: number | undefined;
  #before: Token | undefined;
  /** Of the block that is being read. */
  #line = 1;

  constructor(file: string) {
    this.#file = file;
  }

  readonly #problem: Problem = (sentence, line = this.#line) => {
    this.#problems.push({ line, sentence });
  };

  /** `pattern`: the comment that stands right after this token, where it is one with a pattern. */
  take(token: Token, line: number, pattern: PatternComment | undefined): void {
    const before = this.#before;
    this.#before = token;
    this.#line = line;
    if (token.type === 'html' && token.raw.trim().startsWith('<!--')) {
      this.#takeComment(token.raw, line, before);
    } else if (this.#pageOnlySince !== undefined) {
      if (languageOfToken(token) !== undefined)
        this.#problem('This block is only for the page, so it is never run. Move it behind <!-- /page -->');
    } else if (token.type === 'heading' && (token as Tokens.Heading).depth === 1) {
      if (this.#title === undefined && this.#steps.length === 0) this.#title = plain(token.text);
      else this.#problem(`"# ${token.text}" is a second title. Make it "## "`);
    } else if (token.type === 'heading' && (token as Tokens.Heading).depth === 2) {
      this.#steps.at(-1)?.end(line);
      const heading = plain(token.text);
      if (this.#steps.some((each) => each.heading === heading))
        this.#problem(`Two steps are named "${heading}". Rename one`);
      this.#steps.push(new StepReader(heading, line, this.#problem));
    } else if (this.#steps.length > 0) {
      this.#steps.at(-1)!.take(token, line, pattern);
    } else {
      if (this.#title === undefined)
        this.#problem('There is text before the title. Begin the file with its title, "# ..."');
      this.#title ??= '';
      const language = languageOfToken(token);
      if (language !== undefined)
        this.#problem(
          `This ${language} block stands before the first step. Add a heading, "## ...", before it`,
        );
      this.#introduction.push(token);
    }
  }

  /** Most comments are for authors. Some say what only the page shows, or only the program, or hold a pattern. */
  #takeComment(raw: string, line: number, before: Token | undefined): void {
    const comment = raw.trim();
    if (!comment.endsWith('-->'))
      this.#problem(
        'A comment begins here, and no line ends with "-->" to close it. Close it on a line of its own',
      );
    else if (PAGE_BEGINS.test(comment)) this.#pageOnlySince ??= line;
    else if (PAGE_ENDS.test(comment)) this.#pageOnlySince = undefined;
    else if (readPatternComment(raw, line) === undefined) {
      for (const token of lexer(PROGRAM_ONLY.exec(comment)?.[1] ?? '')) this.take(token, line, undefined);
    } else if (languageOfToken(before) !== 'text')
      this.#problem('This pattern does not stand right after a text block. Move it there');
  }

  end(line: number): Walkthrough {
    this.#steps.at(-1)?.end(line);
    if (this.#pageOnlySince !== undefined)
      this.#problem('From here on all text is only for the page. Add <!-- /page -->', this.#pageOnlySince);
    if (this.#title === undefined && this.#introduction.length === 0)
      this.#problem('There is no title. Begin the file with it, "# ..."', 1);
    const first = this.#introduction.find((token) => token.type === 'paragraph');
    if (first === undefined && this.#title !== undefined)
      this.#problem('There is no paragraph after the title. Write one that says what is seen here', 1);
    if (!this.#steps.some((step) => step.items.some((item) => item.kind === 'commands')))
      this.#problem('No step has a command. Add a heading, "## ...", and a block "```sh TERMINAL"', line);
    if (this.#problems.length > 0) throw this.#error();
    return {
      file: this.#file,
      title: this.#title!,
      summary: plain((first as Tokens.Paragraph).text),
      minutes: this.#minutes(),
      introduction: this.#introduction,
      steps: this.#steps,
    };
  }

  #minutes(): number | undefined {
    const said = MINUTES.exec(this.#introduction.map((token) => token.raw).join(''))?.[1];
    return said === undefined ? undefined : Number(said);
  }

  #error(): WalkthroughError {
    const inOrder = this.#problems.toSorted((a, b) => a.line - b.line);
    return new WalkthroughError(
      ...inOrder.map(({ line, sentence }) => `${this.#file}:${line}: ${sentence}.`),
    );
  }
}

/** One line without markup, as for a list. */
function plain(text: string): string {
  return decodeEntities(text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]|(?<!\w)_|_(?!\w)/g, ''))
    .replace(/\s+/g, ' ')
    .trim();
}
