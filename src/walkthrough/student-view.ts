// What a student sees of a walkthrough: its prose, the commands, what they print, labelled by terminal, and the prompts.

import type { ChalkInstance } from 'chalk';
import type { Token } from 'marked';
import { textWidth } from '../terminal/width.js';
import type { Commands, Expectation, LessonStep, Prose, Question, Walkthrough } from './format.js';
import { MarkdownLines } from './markdown.js';
import { wrapColoured } from './styled.js';

const WIDEST_PROSE = 100;
/** Of the 256 colours, ones that read well on black and on white. */
const TERMINAL_COLOURS = [32, 166, 71, 133, 37, 172];
const SKIPPED = '...';
const INDENT = '  ';
/** Of the mark behind a terminal's label, with a blank on either side. */
const MARK_WIDTH = 3;
/** The least width that programs are given, in columns. */
const LEAST_OUTPUT = 100;
/** Of a prompt with its empty line, and one for the last line's end. */
const PROMPT_ROWS = 3;

/** Its size is asked for again and again: a window may be made larger or smaller meanwhile. */
export interface Canvas {
  /** Undefined where lines are not to be cut, as in a file. */
  readonly columns: number | undefined;
  /** Undefined where nothing scrolls away. */
  readonly rows: number | undefined;
  /** Whether what was written can be taken back: a terminal. */
  readonly canErase: boolean;
  write(text: string): void;
}

export class StudentView {
  readonly #canvas: Canvas;
  readonly #chalk: ChalkInstance;
  readonly #labels: ReadonlyMap<string, (text: string) => string>;
  readonly #labelWidth: number;
  #prompt: string | undefined;
  /** How many rows were written since the student last pressed a key for more. */
  #unread = 0;

  constructor(chalk: ChalkInstance, canvas: Canvas, walkthrough: Walkthrough) {
    this.#canvas = canvas;
    this.#chalk = chalk;
    const names = [
      ...new Set(
        walkthrough.steps.flatMap(({ items }) =>
          items.flatMap((item) => ('terminal' in item ? [item.terminal] : [])),
        ),
      ),
    ];
    this.#labels = new Map(
      names.map((name, index) => [name, chalk.ansi256(TERMINAL_COLOURS[index % TERMINAL_COLOURS.length]!)]),
    );
    this.#labelWidth = Math.max(0, ...names.map((name) => name.length));
  }

  /**
   * Beside a terminal's label, and no fewer than the rows of `inspect` take, which lessons look at whole: newer Nodes call
   * their process node-MainThread. What is too long for the window goes on below.
   */
  get outputColumns(): number | undefined {
    const { columns } = this.#canvas;
    return columns === undefined
      ? undefined
      : Math.max(LEAST_OUTPUT, columns - this.#labelWidth - MARK_WIDTH);
  }

  /** Whether what has not been read yet would scroll away if these too were shown, and a prompt below them. */
  isFullWith(item: Prose | Question | Commands | Expectation): boolean {
    const { rows } = this.#canvas;
    return rows !== undefined && this.#unread > 0 && this.#unread + this.#rowsOf(item) + PROMPT_ROWS > rows;
  }

  /** With the empty line before it. */
  #rowsOf(item: Prose | Question | Commands | Expectation): number {
    switch (item.kind) {
      case 'prose':
        return 1 + this.#rows(this.#markdown.block(item.token));
      case 'question':
        return 2 + this.#rows(this.#markdown.block(item.token)) + this.#rows(this.#choices(item));
      case 'commands':
        return 1 + this.#rows(item.text.split('\n'));
      case 'expectation':
        return 1 + item.patterns.length;
    }
  }

  #rows(lines: readonly string[]): number {
    const { columns = Number.POSITIVE_INFINITY } = this.#canvas;
    return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
  }

  /** Of the prose, in columns. */
  get #width(): number {
    return Math.min(this.#canvas.columns ?? WIDEST_PROSE, WIDEST_PROSE);
  }

  get #markdown(): MarkdownLines {
    return new MarkdownLines(this.#chalk, this.#width);
  }

  introduction({ title, introduction }: Walkthrough): void {
    this.#lines([this.#chalk.bold.underline(title)]);
    for (const token of introduction) this.prose(token);
  }

  step({ heading }: LessonStep, index: number, of: number): void {
    this.#lines(['', `${this.#chalk.bold(heading)} ${this.#chalk.dim(`(step ${index + 1} of ${of})`)}`]);
  }

  prose(token: Token): void {
    const lines = this.#markdown.block(token);
    if (lines.length === 0) return;
    this.#lines(['', ...lines]);
  }

  question(question: Question): void {
    this.prose(question.token);
    this.#lines(['', ...this.#choices(question)]);
  }

  #choices({ choices }: Question): string[] {
    return choices.flatMap(({ tokens }) =>
      tokens.flatMap((each) => this.#markdown.block(each, this.#width - INDENT.length)).map(indent),
    );
  }

  /** As a student would type it; what is longer than a line goes on below, as bash shows it. */
  command(terminal: string, text: string): void {
    this.#lines(['']);
    for (const [index, line] of text.split('\n').entries())
      this.#labelled(terminal, index === 0 ? '$' : '>', this.#chalk.bold(line));
  }

  key(terminal: string, key: string): void {
    this.#labelled(terminal, '<', this.#chalk.bold(key === '' ? 'Enter' : key));
  }

  output(terminal: string, line: string): void {
    this.#labelled(terminal, '|', line);
  }

  /** Lines of the output again, those that an expectation found; undefined for lines that are left out. */
  quote(terminal: string, lines: readonly (string | undefined)[]): void {
    this.#lines(['']);
    for (const line of lines)
      this.#labelled(
        terminal,
        '>',
        line === undefined ? this.#chalk.dim(SKIPPED) : this.#chalk.inverse(line),
      );
  }

  /** A word between the lines of the program itself. */
  note(sentence: string): void {
    this.#lines(['', ...this.#wrapped(sentence, this.#chalk.dim)]);
  }

  trouble(sentence: string): void {
    this.#lines(['', ...this.#wrapped(sentence, this.#chalk.red)]);
  }

  verdict(given: string | undefined, right: string): void {
    if (given === undefined) return;
    this.#lines([
      '',
      given === right
        ? this.#chalk.bold(`You said ${given}, and that is right.`)
        : this.#chalk.bold(`You said ${given}. It is ${right}.`),
    ]);
  }

  /** Stands below everything until it is answered. */
  ask(text: string): void {
    this.answered('');
    this.#prompt = text;
    this.#showPrompt();
  }

  /** `text` stays behind the prompt; without it the prompt goes. */
  answered(text: string): void {
    if (this.#prompt === undefined) return;
    if (text === '') this.#hidePrompt();
    else this.#canvas.write(`${text}\n`);
    this.#prompt = undefined;
    this.#unread = 0;
  }

  #showPrompt(): void {
    this.#canvas.write(`\n${this.#chalk.dim(this.#prompt)} `);
  }

  /** With the empty line before it: up to that, and what is below goes. */
  #hidePrompt(): void {
    const rows = this.#rows([`${this.#prompt} `]);
    this.#canvas.write(this.#canvas.canErase ? `\r\x1b[${rows}A\x1b[J` : '\n');
  }

  #labelled(terminal: string, mark: string, text: string): void {
    const label = `${terminal.padStart(this.#labelWidth)} ${mark} `;
    const colour = this.#labels.get(terminal) ?? ((each: string) => each);
    const { columns } = this.#canvas;
    const pieces = columns === undefined ? [text] : wrapColoured(text, Math.max(20, columns - label.length));
    this.#lines(pieces.map((piece, index) => colour(index === 0 ? label : ' '.repeat(label.length)) + piece));
  }

  #wrapped(sentence: string, style: (text: string) => string): string[] {
    return this.#markdown.block({ type: 'text', raw: sentence, text: sentence }).map((line) => style(line));
  }

  /** A server goes on to print while a student thinks: the prompt steps aside. */
  #lines(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#prompt !== undefined) this.#hidePrompt();
    this.#unread += this.#rows(lines);
    this.#canvas.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
    if (this.#prompt !== undefined) this.#showPrompt();
  }
}

const indent = (line: string): string => INDENT + line;
