// Reads one step of a walkthrough, block by block: what is text, what is run, what is expected, what is asked.
// It follows what the step's terminals would be doing, so that a step can't begin what it does not end.

import type { Token, Tokens } from 'marked';
import { type BlockOptions, type Language, languageOf, readOptions } from './block-options.js';
import { type Block, CTRL_C, type Expectation, type Item, type LessonStep, type Prose } from './format.js';
import { LinePattern } from './pattern.js';
import type { PatternComment } from './pattern-comment.js';

/** With a port that is written out, `walkthrough --port` finds all there is to replace. */
const SERVES = /\bevented-demo serve\b/;
const PORT = /--port[= ]\d/;

const QUESTION = /^\*\*Question\.\*\*/;
const CHOICE = /^([A-H])\. /;
const ANSWER_OPENS = /^<details>\s*<summary>Answer<\/summary>\s*$/;
const ANSWER_CLOSES = /^<\/details>\s*$/;
const RIGHT_CHOICE = /^\*\*([A-H])\.\*\*/;
const EXERCISES = /^exercises$/i;

/** Takes a sentence without its full stop. `line`: left out for that of the block that is being read. */
export type Problem = (sentence: string, line?: number) => void;

interface BegunQuestion {
  readonly line: number;
  readonly token: Token;
  /** Undefined until the list of choices has been read. */
  letters: string[] | undefined;
}

interface BegunAnswer {
  readonly line: number;
  right: string | undefined;
  readonly items: (Prose | Expectation)[];
}

/** One step, block by block, and what its terminals would be doing by then. */
export class StepReader implements LessonStep {
  readonly heading: string;
  readonly line: number;
  readonly items: Item[] = [];
  readonly isExercises: boolean;
  readonly #problem: Problem;
  /** The line of the command that stays in each terminal. */
  readonly #staying = new Map<string, number>();
  readonly #used = new Set<string>();
  readonly #names = new Set<string>();
  #terminal: string | undefined;
  /** What a reader on a code host has read since the last block. */
  #textSinceBlock = '';
  #question: BegunQuestion | undefined;
  #answer: BegunAnswer | undefined;

  constructor(heading: string, line: number, problem: Problem) {
    this.heading = heading;
    this.line = line;
    this.#problem = problem;
    this.isExercises = EXERCISES.test(heading);
    this.#textSinceBlock = heading;
  }

  take(token: Token, line: number, pattern: PatternComment | undefined): void {
    if (this.#question !== undefined && this.#question.letters === undefined)
      return this.#takeChoices(this.#question, token);
    const language = this.isExercises ? undefined : languageOfToken(token);
    if (token.type === 'code' && isUnclosed(token.raw))
      this.#problem('This block is not closed. Close it with a line of backquotes');
    else if (language !== undefined) this.#takeBlock(language, token as Tokens.Code, line, pattern);
    else if (token.type === 'html') this.#takeHtml(token.raw, line);
    else if (token.type === 'paragraph' && QUESTION.test(token.raw)) this.#takeQuestion(token, line);
    else this.#takeProse(token, line);
  }

  /** `line` is the first after the step. */
  end(line: number): void {
    if (this.#answer !== undefined)
      this.#problem('This answer does not end. Add </details> after it', this.#answer.line);
    else if (this.#question !== undefined)
      this.#problem(
        'This question has no answer in its step. Add <details><summary>Answer</summary>',
        this.#question.line,
      );
    for (const [terminal, at] of this.#staying) {
      this.#problem(
        `This command still runs in terminal ${terminal} when its step ends in line ${line - 1}. Add a keys block with ${CTRL_C}`,
        at,
      );
    }
  }

  #takeProse(token: Token, line: number): void {
    if (!this.isExercises && hasBlockInside(token))
      this.#problem('A block that is run stands in a list or a quotation. Move it out');
    this.#textSinceBlock += ` ${token.raw}`;
    if (this.#answer?.items.length === 0) this.#takeRightChoice(this.#answer, token);
    (this.#answer?.items ?? this.items).push({ kind: 'prose', line, token });
  }

  #takeQuestion(token: Token, line: number): void {
    if (this.#question !== undefined)
      this.#problem(
        `The question of line ${this.#question.line} has no answer yet. Move this question behind it`,
      );
    this.#question = { line, token, letters: undefined };
  }

  #takeChoices(question: BegunQuestion, token: Token): void {
    const letters: string[] = [];
    question.letters = letters;
    if (token.type !== 'list' || !(token as Tokens.List).items.every((item) => item.task))
      return this.#problem('The question has no choices. Add a list of "- [ ] A. ..." right after it');
    const choices = (token as Tokens.List).items.map((item, index) => {
      const letter = String.fromCharCode('A'.charCodeAt(0) + index);
      if (CHOICE.exec(item.text)?.[1] !== letter || item.checked === true)
        this.#problem(`Choice ${index + 1} must be "- [ ] ${letter}. ...", not "${item.raw.trim()}"`);
      letters.push(letter);
      return { letter, tokens: item.tokens.filter((each) => each.type !== 'checkbox') };
    });
    if (choices.length < 2 || choices.length > 8)
      this.#problem(`A question has 2 to 8 choices, and this one has ${choices.length}`);
    this.items.push({ kind: 'question', line: question.line, token: question.token, choices });
  }

  #takeHtml(raw: string, line: number): void {
    const html = raw.trim();
    if (ANSWER_OPENS.test(html)) {
      if (this.#question === undefined)
        this.#problem('This answer has no question. Write "**Question.** ..." before it');
      this.#answer = { line, right: undefined, items: [] };
    } else if (ANSWER_CLOSES.test(html) && this.#answer !== undefined) {
      this.#endAnswer(this.#answer);
    } else {
      this.#problem(
        `Unexpected HTML "${html.split('\n')[0]}". A step may have comments, <details><summary>Answer</summary> and </details>, with empty lines around each`,
      );
    }
  }

  #endAnswer({ line, right, items }: BegunAnswer): void {
    if (items.length === 0)
      this.#problem('The answer is empty. Begin it with the right letter, as **B.**', line);
    this.items.push({ kind: 'answer', line, right: right ?? '', items });
    this.#answer = undefined;
    this.#question = undefined;
  }

  #takeRightChoice(answer: BegunAnswer, token: Token): void {
    const right = RIGHT_CHOICE.exec(token.raw)?.[1];
    const letters = this.#question?.letters ?? [];
    if (right === undefined || (letters.length > 0 && !letters.includes(right)))
      this.#problem(
        `The answer begins with "${token.raw.slice(0, 20)}". Begin it with the right letter, as **${letters.at(-1) ?? 'B'}.**`,
      );
    answer.right = right;
  }

  #takeBlock(
    language: Language,
    token: Tokens.Code,
    line: number,
    pattern: PatternComment | undefined,
  ): void {
    const options = readOptions(language, token.lang!, this.#problem);
    if (options.terminal === undefined && language !== 'text')
      this.#problem(
        `The block does not name its terminal. Write the name after "${language}", as "${language} server"`,
      );
    const terminal = options.terminal ?? this.#terminal;
    if (terminal === undefined) {
      if (language === 'text')
        this.#problem('No command stands before this expectation. Move it, or leave out the word "text"');
      return;
    }
    this.#needMention(terminal);
    const block = { line: line + 1, terminal, within: options.within, needs: options.needs };
    if (language === 'sh') this.#takeCommands(block, options, token.text);
    else if (language === 'keys') this.#takeKeys(block, token.text);
    else this.#takeExpectation(block, options, token.text, pattern);
    this.#terminal = terminal;
    this.#textSinceBlock = '';
  }

  #takeCommands(block: Block, { exit, stays }: BlockOptions, text: string): void {
    if (this.#answer !== undefined)
      this.#problem('This answer has commands. Move them before it: an answer points at what was seen');
    if (stays && exit !== undefined)
      this.#problem(`"stays" and "exit=${exit}" exclude each other: a command that stays has no status yet`);
    const since = this.#staying.get(block.terminal);
    if (since !== undefined)
      this.#problem(
        `The command of line ${since} still runs in terminal ${block.terminal}. End it, or use another terminal`,
      );
    if (stays) this.#staying.set(block.terminal, block.line);
    this.#used.add(block.terminal);
    if (SERVES.test(text) && !PORT.test(text))
      this.#problem('serve has no --port here. Write --port 8080, so that walkthrough --port can move it');
    if (text.trim() === '') this.#problem('The block has no command. Write one, or delete the block');
    this.items.push({ kind: 'commands', ...block, text, commands: [], exit: exit ?? 0, stays });
  }

  #takeKeys(block: Block, text: string): void {
    const keys = text.split('\n').map((key) => key.trimEnd());
    if (!this.#staying.has(block.terminal))
      this.#problem(
        `No command stays in terminal ${block.terminal}, so these keys reach nobody. Mark the command "stays"`,
      );
    const last = keys.indexOf(CTRL_C);
    if (last >= 0 && last < keys.length - 1)
      this.#problem(`"${keys[last + 1]}" stands after ${CTRL_C}. Put it into another block`);
    if (last >= 0) this.#staying.delete(block.terminal);
    this.items.push({ kind: 'keys', ...block, keys });
  }

  #takeExpectation(
    block: Block,
    { exit, anyOrder }: BlockOptions,
    text: string,
    comment: PatternComment | undefined,
  ): void {
    if (!this.#used.has(block.terminal))
      this.#problem(`No command has run in terminal ${block.terminal} yet. Move this block`);
    if (exit !== undefined && !this.#staying.delete(block.terminal))
      this.#problem(
        `No command stays in terminal ${block.terminal}, so exit=${exit} belongs to the commands. Move it there`,
      );
    const page = { line: block.line, lines: text.split('\n'), isOutput: comment !== undefined };
    const { line, lines } = comment ?? page;
    const patterns = lines.flatMap((each, index) => {
      try {
        return [this.#pattern(each)];
      } catch (error) {
        this.#problem((error as Error).message, line + index);
        return [];
      }
    });
    if (patterns.every((pattern) => pattern.isAnyLines || pattern.text === ''))
      this.#problem('The block has no line to look for. Write one, or delete the block');
    const expectation: Expectation = { kind: 'expectation', ...block, line, patterns, page, anyOrder, exit };
    (this.#answer?.items ?? this.items).push(expectation);
  }

  #pattern(text: string): LinePattern {
    const pattern = new LinePattern(text);
    const own = new Set(pattern.names);
    for (const than of pattern.comparedWith) {
      if (!this.#names.has(than) && !own.has(than))
        throw new Error(`<${than}> is compared with, but no earlier line of this step names it`);
    }
    for (const name of own) this.#names.add(name);
    return pattern;
  }

  /** A reader on a code host sees no info string: the text must say which terminal is meant whenever it changes. */
  #needMention(terminal: string): void {
    if (terminal === this.#terminal || new RegExp(`\\b${terminal}\\b`, 'i').test(this.#textSinceBlock))
      return;
    this.#problem(
      `The text before this block does not name its terminal, ${terminal}. Name it: a code host shows the text only`,
    );
  }
}

export const languageOfToken = (token: Token | undefined): Language | undefined =>
  token?.type === 'code' ? languageOf((token as Tokens.Code).lang) : undefined;

function isUnclosed(raw: string): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  if (fence === undefined) return false; // indented
  const last = raw.trimEnd().split('\n').slice(1).at(-1)?.trim() ?? '';
  return !(last.startsWith(fence) && /^(`+|~+)$/.test(last));
}

function hasBlockInside(token: Token): boolean {
  const inside = [
    ...((token as Tokens.List).items ?? []),
    ...((token as Tokens.Generic).tokens ?? []),
  ] as Token[];
  return inside.some((each) => languageOfToken(each) !== undefined || hasBlockInside(each));
}
