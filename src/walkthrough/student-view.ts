// What a student sees of a walkthrough: its prose, what the terminals print, and the prompts. What terminals print since the
// last text is drawn anew with each line, so that each terminal keeps a panel of its own; text settles it.

import type { ChalkInstance } from 'chalk';
import type { Token } from 'marked';
import { type Glyphs, UNICODE } from '../terminal/terminal.js';
import { textWidth } from '../terminal/width.js';
import type { LessonStep, Question, ShownItem, Walkthrough } from './format.js';
import { MarkdownLines } from './markdown.js';
import { LEAST_SCREEN, panelRows, type TerminalPanel } from './panels.js';
import { type Canvas, type Prompt, ScreenBottom } from './screen-bottom.js';
import { wrapHanging } from './styled.js';

const WIDEST_PROSE = 100;
/** Of the 256 colours, ones that read well on black and on white. */
const TERMINAL_COLOURS = [32, 166, 71, 133, 37, 172];
const SKIPPED = '...';
/** Behind a terminal's name: a line that a program printed. */
const PRINTED = '|';
const INDENT = '  ';
/** As wide as a choice's letter with its full stop and the blank. */
const LETTER = '   ';
/** Of a terminal's gutter, and of the mark behind its label, with the blanks beside them. */
const GUTTER_WIDTH = 2;
const MARK_WIDTH = 3;
/** Of a step's heading with its empty line. */
const HEADING_ROWS = 2;
/** Of a prompt with its empty line, and one for the last line's end. */
const PROMPT_ROWS = 3;
/** Lines that come within this time are drawn together, in milliseconds. */
const DRAW_MS = 30;
/** How long other terminals wait for their text after a command has begun, in milliseconds. */
const WITHHOLD_MS = 1500;

/** A line in a terminal: what it printed, or what was typed there. */
interface TerminalLine {
  readonly terminal: string;
  readonly text: string;
}

/** What is typed at a prompt, shown with each key; `cursor` counts characters. */
interface TypedLine {
  show(line: string, cursor: number): void;
}

export class StudentView {
  readonly #canvas: Canvas;
  readonly #bottom: ScreenBottom;
  readonly #chalk: ChalkInstance;
  readonly #glyphs: Glyphs;
  /** In the order in which the lesson names them. */
  readonly #names: string[];
  readonly #labelWidth: number;
  /** Since the last text, drawn; and those that are not drawn yet. */
  #open: TerminalLine[] = [];
  #undrawn: TerminalLine[] = [];
  #drawing: NodeJS.Timeout | undefined;
  /** The terminals whose lines are shown at once; undefined for all. */
  #shown: Set<string> | undefined;
  #withheld: TerminalLine[] = [];
  #releasing: NodeJS.Timeout | undefined;
  #prompt: Prompt | undefined;
  /** Rows above the open panels that were written since the student last pressed a key. */
  #unread = 0;
  /** Rows of the open panels that the student had before that. */
  #readRows = 0;
  /** What terminals print beyond a screen waits for the student's key. */
  holdsBack = false;

  constructor(chalk: ChalkInstance, canvas: Canvas, walkthrough: Walkthrough, glyphs: Glyphs = UNICODE) {
    this.#canvas = canvas;
    this.#bottom = new ScreenBottom(canvas);
    this.#chalk = chalk;
    this.#glyphs = glyphs;
    this.#names = terminalNames(walkthrough);
    this.#labelWidth = Math.max(0, ...this.#names.map((name) => name.length));
  }

  /** Of the programs in its terminals: how many colours they have, as chalk's level, and how wide they may print. */
  get outputColours(): number {
    return this.#chalk.level;
  }

  get outputColumns(): number | undefined {
    const { columns } = this.#canvas;
    if (columns === undefined) return undefined;
    return columns - (this.#canvas.canErase ? GUTTER_WIDTH : this.#labelWidth + MARK_WIDTH);
  }

  /** Whether there is more than fits on the screen, and the student has to ask for it. */
  get isHolding(): boolean {
    this.#draw();
    return this.#undrawn.length > 0;
  }

  /** Shows what it held back. */
  showAll(): void {
    this.#draw(true);
  }

  /** Whether what has not been read yet would scroll away if these too were shown, and a prompt below them. */
  isFullWith(items: readonly ShownItem[]): boolean {
    this.#draw();
    const more = items.reduce((sum, item) => sum + this.#rowsOf(item), 0);
    return this.#isTooMuch(this.#unreadWith(this.#open), more);
  }

  /** The same for the heading of a step and the text below it. */
  isFullWithStep({ items }: LessonStep): boolean {
    const text = items[0]?.kind === 'prose' ? this.#rowsOf(items[0]) : 0;
    return this.#isTooMuch(this.#unread, HEADING_ROWS + text);
  }

  #isTooMuch(unread: number, more: number): boolean {
    const { rows = Number.POSITIVE_INFINITY } = this.#canvas;
    return unread > 0 && unread + more + PROMPT_ROWS > rows;
  }

  /** Rows since the last key, with the open panels as they would be with these lines. */
  #unreadWith(lines: readonly TerminalLine[]): number {
    return this.#unread + this.#rows(this.#panels(lines)) - this.#readRows;
  }

  /** With the empty line before it. */
  #rowsOf(item: ShownItem): number {
    switch (item.kind) {
      case 'prose':
        return 1 + this.#rows(this.#markdown.block(item.token));
      case 'question':
        return 2 + this.#rows(this.#markdown.block(item.token)) + this.#rows(this.#choices(item));
      case 'commands':
        return 2 + this.#rows(item.text.split('\n'));
      case 'keys':
        return 2 + item.keys.length;
      case 'expectation':
        return 2 + item.patterns.length;
    }
  }

  #rows(lines: readonly string[]): number {
    return this.#bottom.rowsOf(lines);
  }

  /** Of the prose, in columns. */
  get #width(): number {
    return Math.min(this.#canvas.columns ?? WIDEST_PROSE, WIDEST_PROSE);
  }

  get #markdown(): MarkdownLines {
    return new MarkdownLines(this.#chalk, this.#width);
  }

  introduction({ title, introduction }: Walkthrough): void {
    this.#text([this.#chalk.bold.underline(title)]);
    for (const token of introduction) this.prose(token);
    if (this.#names.length > 0)
      this.note(`The program opens the ${this.#names.length === 1 ? 'terminal' : 'terminals'} for you.`);
  }

  step({ heading }: LessonStep, index: number, of: number): void {
    this.release();
    this.#text([`${this.#chalk.bold(heading)} ${this.#chalk.dim(`(step ${index + 1} of ${of})`)}`]);
  }

  prose(token: Token): void {
    const lines = this.#markdown.block(token);
    if (lines.length > 0) this.#text(lines);
  }

  question(question: Question): void {
    this.prose(question.token);
    this.#text(this.#choices(question));
  }

  /** What is longer than a line goes on below the words, not below the letter. */
  #choices({ choices }: Question): string[] {
    const width = this.#width - INDENT.length - LETTER.length;
    return choices.flatMap(({ tokens }) => {
      const lines = tokens.flatMap((each) => this.#markdown.block(each, width));
      return lines.map((line, index) => INDENT + (index === 0 ? '' : LETTER) + line);
    });
  }

  /** As a student would type it; what is longer than a line goes on below, as bash shows it. */
  command(terminal: string, text: string): void {
    this.#draw();
    if (!this.#canvas.canErase) this.#text([]);
    else if (this.#open.some((each) => each.terminal !== terminal)) this.#settle();
    for (const [index, line] of text.split('\n').entries())
      this.#add(terminal, index === 0 ? '$' : '>', this.#chalk.bold(line));
  }

  key(terminal: string, key: string): void {
    this.#add(terminal, '<', this.#chalk.bold(key === '' ? 'Enter' : key));
  }

  output(terminal: string, line: string): void {
    if (this.withholds(terminal)) this.#withheld.push({ terminal, text: line });
    else this.#add(terminal, PRINTED, line);
  }

  /** Whether terminals have room side by side: then what they print stands together, and the text about it below. */
  get #isWide(): boolean {
    return this.#canvas.canErase && (this.#canvas.columns ?? 0) >= LEAST_SCREEN;
  }

  /**
   * A command begins in this terminal. Where panels stand below each other, what it soon causes in others comes below the
   * text about it, if it has one: this keeps it until it is released, or for a short while.
   */
  withholdOthers(terminal: string): void {
    this.release();
    if (this.#isWide) return;
    this.#shown = new Set([terminal]);
    this.#releasing = setTimeout(() => this.release(), WITHHOLD_MS).unref();
  }

  /** The text about what is withheld comes next, however long the student takes before it. False where nothing is withheld. */
  withholdUntilReleased(): boolean {
    clearTimeout(this.#releasing);
    return this.#shown !== undefined;
  }

  /** What this terminal has printed is shown from now on; left out: what all have printed. */
  release(terminal?: string): void {
    if (terminal === undefined) {
      clearTimeout(this.#releasing);
      this.#shown = undefined;
    } else this.#shown?.add(terminal);
    const lines = this.#withheld;
    this.#withheld = [];
    for (const line of lines) this.output(line.terminal, line.text);
  }

  withholds(terminal: string): boolean {
    return this.#shown !== undefined && !this.#shown.has(terminal);
  }

  /** Lines of the output again, those that an expectation found; undefined for lines that are left out. */
  quote(terminal: string, lines: readonly (string | undefined)[]): void {
    const shown = lines.map((line) =>
      line === undefined ? this.#chalk.dim(SKIPPED) : this.#chalk.inverse(line),
    );
    const { columns } = this.#canvas;
    if (!this.#canvas.canErase || columns === undefined)
      return this.#text(shown.flatMap((line) => this.#labelled(terminal, '>', line)));
    const heading = `${this.#heading(terminal)} ${this.#chalk.dim('printed this:')}`;
    this.#text(panelRows([{ heading, gutter: this.#colour(terminal)('> '), lines: shown }], columns));
  }

  /** A word between the lines of the program itself. */
  note(...sentences: readonly string[]): void {
    this.#text(sentences.flatMap((each) => this.#wrapped(each, this.#chalk.dim)));
  }

  /** How the lesson went. */
  summary(sentences: readonly string[]): void {
    const [first = '', ...rest] = sentences;
    this.#text([
      this.#chalk.bold(`The lesson is over. ${first}`),
      ...rest.flatMap((each) => this.#wrapped(each, (text) => text)),
    ]);
  }

  /** Lines of the program itself that are a list. */
  list(lines: readonly string[]): void {
    const { columns = Number.POSITIVE_INFINITY } = this.#canvas;
    this.#text(lines.flatMap((line) => wrapHanging(line, columns)));
  }

  trouble(sentence: string): void {
    this.#text(this.#wrapped(sentence, this.#chalk.red));
  }

  /** The right letter at the beginning of the answer's text is said once, with what the student said. */
  answer(token: Token, right: string, given: string | undefined): void {
    if (given === undefined) this.prose(token);
    else if (given === right) this.prose(withBeginning(token, `You said ${given}, and that is right.`));
    else this.prose(withBeginning(token, `You said ${given}. It is ${right}.`));
  }

  /** Stands below everything until it is answered. `keys` are shown where they fit on the line. */
  ask(action: string, keys: string): TypedLine {
    const columns = this.#canvas.columns ?? Number.POSITIVE_INFINITY;
    const long = `${action}. ${keys}`;
    const text = textWidth(long) < columns ? long : `${action}. ? help`;
    return this.#typedLine([], `${this.#chalk.dim(text)} `);
  }

  /** A line that is being typed in a terminal, below the line that says how. */
  askLine(how: string, terminal: string, mark: string): TypedLine {
    return this.#typedLine(this.#wrapped(how, this.#chalk.dim), `${this.#heading(terminal)} ${mark} `);
  }

  #typedLine(above: readonly string[], label: string): TypedLine {
    const show = (line: string, cursor: number): void => {
      this.#draw();
      this.#prompt = {
        lines: ['', ...above, line === '' ? label : `${label}${line} `],
        cursor: textWidth(label) + textWidth(line.slice(0, cursor)),
      };
      this.#redraw();
    };
    show('', 0);
    return { show };
  }

  /** The prompt goes; `text` stays in its place. */
  answered(text = ''): void {
    if (this.#prompt === undefined) return;
    this.#prompt = undefined;
    if (text === '') this.#redraw();
    else this.#text([text]);
    this.#unread = 0;
    this.#readRows = this.#rows(this.#panels());
  }

  #colour(terminal: string): (text: string) => string {
    if (!this.#names.includes(terminal)) this.#names.push(terminal);
    const index = this.#names.indexOf(terminal) % TERMINAL_COLOURS.length;
    return this.#chalk.ansi256(TERMINAL_COLOURS[index]!);
  }

  #heading(terminal: string): string {
    return this.#chalk.bold(this.#colour(terminal)(terminal));
  }

  /** Each line behind its terminal's name, where nothing can be drawn over. */
  #labelled(terminal: string, mark: string, text: string): string[] {
    const label = `${terminal.padStart(this.#labelWidth)} ${mark} `;
    const { columns } = this.#canvas;
    const panel = { heading: '', gutter: ' '.repeat(label.length), lines: [text] };
    const rows = panelRows([panel], columns ?? Number.POSITIVE_INFINITY).slice(1);
    return rows.map((row, index) =>
      index === 0 ? this.#colour(terminal)(label) + row.slice(label.length) : row,
    );
  }

  #wrapped(sentence: string, style: (text: string) => string): string[] {
    return this.#markdown.block({ type: 'text', raw: sentence, text: sentence }).map((line) => style(line));
  }

  #add(terminal: string, mark: string, text: string): void {
    if (!this.#canvas.canErase) return this.#write(this.#labelled(terminal, mark, text));
    this.#undrawn.push({ terminal, text: mark === PRINTED ? text : `${mark} ${text}` });
    this.#drawing ??= setTimeout(() => this.#draw(), DRAW_MS).unref();
  }

  /** Panels that would be higher than the screen are settled, and new ones begun: what has scrolled away can't be erased. */
  #draw(everything = !this.holdsBack): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    if (this.#undrawn.length === 0) return;
    const { rows = Number.POSITIVE_INFINITY } = this.#canvas;
    const room = rows - PROMPT_ROWS;
    let drawn = 0;
    for (const line of this.#undrawn) {
      const more = [...this.#open, line];
      const isRead = this.#unread === 0 && this.#unreadWith(this.#open) <= 0;
      const overflows = this.#open.length > 0 && this.#rows(this.#panels(more)) > room;
      if (!everything && !isRead && (overflows || this.#unreadWith(more) > room)) break;
      if (overflows) {
        this.#settle();
        this.#open = [line];
      } else this.#open = more;
      drawn++;
    }
    this.#undrawn.splice(0, drawn);
    if (drawn > 0) this.#redraw();
  }

  #panels(lines: readonly TerminalLine[] = this.#open): string[] {
    if (lines.length === 0) return [];
    const panels = new Map<string, { heading: string; gutter: string; lines: string[] } & TerminalPanel>();
    for (const { terminal, text } of lines) {
      const gutter = this.#colour(terminal)(`${this.#glyphs.vertical} `);
      const panel = panels.get(terminal) ?? { heading: this.#heading(terminal), gutter, lines: [] };
      panel.lines.push(text);
      panels.set(terminal, panel);
    }
    return ['', ...panelRows([...panels.values()], this.#canvas.columns ?? Number.POSITIVE_INFINITY)];
  }

  /** What is open is text from now on. */
  #settle(): void {
    const rows = this.#panels();
    this.#open = [];
    this.#unread += this.#rows(rows) - this.#readRows;
    this.#readRows = 0;
    this.#bottom.settle(rows);
  }

  #redraw(): void {
    this.#bottom.draw(this.#panels(), this.#prompt);
  }

  /** Below an empty line. */
  #text(lines: readonly string[]): void {
    this.#write(['', ...lines]);
  }

  /** A server goes on to print while a student thinks: the prompt steps aside. */
  #write(lines: readonly string[]): void {
    this.#draw(true);
    this.#settle();
    this.#unread += this.#rows(lines);
    this.#bottom.settle(lines.map((line) => line.trimEnd()));
    this.#redraw();
  }
}

function terminalNames({ steps }: Walkthrough): string[] {
  const items = steps.flatMap((step) => step.items);
  return [...new Set(items.flatMap((item) => ('terminal' in item ? [item.terminal] : [])))];
}

/** A paragraph whose first words, in bold, are others. */
function withBeginning(token: Token, words: string): Token {
  const [first, ...rest] = ('tokens' in token ? token.tokens : undefined) ?? [];
  if (first?.type !== 'strong') return token;
  return {
    ...token,
    tokens: [{ type: 'strong', raw: words, text: words, tokens: undefined }, ...rest],
  } as Token;
}
