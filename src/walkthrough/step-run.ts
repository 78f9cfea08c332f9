// Runs one step, item by item, from top to bottom: shows the text, asks, runs the commands or lets the student type them, and
// says what did not go as the lesson says.

import { BlockRun, Mismatch, mismatchOf } from './block-run.js';
import type { Dialogue } from './dialogue.js';
import { type LessonCommands, tryOut } from './exercises.js';
import {
  type Answer,
  type Commands,
  CTRL_C,
  type Expectation,
  type Item,
  type Keys,
  type LessonStep,
  type Question,
  type ShownItem,
} from './format.js';
import type { Prediction } from './lesson-state.js';
import { unmet } from './needs.js';
import { pageLines } from './page-output.js';
import type { Found } from './search.js';
import type { StudentView } from './student-view.js';
import type { Terminal } from './terminal.js';
import { TypedCommands } from './typed-commands.js';

/** Lines of output that a failure shows. */
const MOST_SHOWN = 20;
/** An item of a list in what a program printed. */
const LIST_ITEM = /^(\s*)- /;

export interface StepOptions {
  /** Undefined for a check: it shows nothing, and the first thing that is not as the lesson says ends the step. */
  readonly view: StudentView | undefined;
  /** Undefined where nothing is asked, and no pause made. */
  readonly dialogue: Dialogue | undefined;
  readonly file: string;
  /** For the exercises. */
  readonly commands: LessonCommands;
  /** Its reason is thrown where it is aborted. */
  readonly signal: AbortSignal;
  /** `question`: its place among the questions of the step. */
  onPrediction(question: number, prediction: Prediction): void;
}

export interface StepFailure {
  /** With the file and the line. */
  readonly sentence: string;
  /** What the terminal printed. */
  readonly output: readonly string[];
}

export interface StepResult {
  readonly failures: readonly StepFailure[];
  readonly commands: number;
  readonly expectations: number;
  /** Sentences: what could not be run here, and why. */
  readonly skipped: readonly string[];
  /** What each expectation has found, as a page shows it. */
  readonly outputs: ReadonlyMap<Expectation, readonly string[]>;
}

/** The step can't go on. */
class StepFailed extends Error {}

export async function runStep(step: LessonStep, options: StepOptions): Promise<StepResult> {
  const run = new StepRun(step, options);
  try {
    await run.all();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    await run.close();
  }
  return run.result;
}

class StepRun {
  readonly #step: LessonStep;
  readonly #options: StepOptions;
  readonly result = {
    failures: [] as StepFailure[],
    commands: 0,
    expectations: 0,
    skipped: [] as string[],
    outputs: new Map<Expectation, readonly string[]>(),
  };
  readonly #skippedTerminals = new Set<string>();
  /** Undefined where the student types nothing. */
  readonly #typed: TypedCommands | undefined;
  #blocks: BlockRun;
  /** While what was shown before is run once more. */
  #isSilent = false;
  #questions = 0;
  #given: string | undefined;
  /** How many lines each terminal had printed when text was last shown: the ones before stand above it. */
  readonly #printedBefore = new Map<string, number>();

  constructor(step: LessonStep, options: StepOptions) {
    this.#step = step;
    this.#options = options;
    this.#blocks = this.#newBlocks();
    const { dialogue, signal } = options;
    if (dialogue?.isTyping) this.#typed = new TypedCommands(dialogue, signal);
  }

  async all(): Promise<void> {
    const { items } = this.#step;
    for (const [index, item] of items.entries()) await this.#item(item, items[index + 1]);
    await this.#quiet();
    const { dialogue, commands, signal } = this.#options;
    if (this.#step.isExercises && dialogue !== undefined)
      await tryOut(this.#blocks, dialogue, commands, signal);
  }

  async close(): Promise<void> {
    await this.#blocks.close();
  }

  get #view(): StudentView | undefined {
    return this.#isSilent ? undefined : this.#options.view;
  }

  get #dialogue(): Dialogue | undefined {
    return this.#isSilent ? undefined : this.#options.dialogue;
  }

  #newBlocks(): BlockRun {
    const { view, signal } = this.#options;
    const onLine = (terminal: string, line: string): void => this.#view?.output(terminal, line);
    const { outputColours: colours = 0, outputColumns: columns } = view ?? {};
    return new BlockRun({ colours, columns, onLine }, signal);
  }

  async #item(item: Item, next?: Item): Promise<void> {
    this.#options.signal.throwIfAborted();
    const isAboutNext = item.kind === 'prose' && next?.kind === 'expectation';
    const isWithheld = isAboutNext && this.#view?.withholdUntilReleased();
    if (item.kind !== 'expectation' && !isWithheld) await this.#quiet();
    if (item.kind !== 'expectation' && item.kind !== 'answer') await this.#pauseIfFull(item, next);
    switch (item.kind) {
      case 'prose':
        this.#notePrinted();
        return this.#view?.prose(item.token);
      case 'question':
        return this.#ask(item);
      case 'commands':
        return this.#run(item);
      case 'keys':
        return this.#press(item);
      case 'expectation':
        return this.#expect(item);
      case 'answer':
        return this.#answer(item);
    }
  }

  async #ask(question: Question): Promise<void> {
    this.#view?.question(question);
    this.#given = await this.#dialogue?.answer(
      question.choices.map(({ letter }) => letter),
      this.#options.signal,
    );
  }

  async #run(block: Commands): Promise<void> {
    if (this.#isSkipped(block)) return;
    this.#skippedTerminals.delete(block.terminal);
    const texts = this.#typed?.kept.get(block);
    if (this.#typed === undefined || texts !== undefined) return this.#runAll(block, texts);
    const expected = expectedOf(this.#step, block, (each) => unmet(each.needs) === undefined);
    for (;;) {
      const terminal = this.#begin(block);
      const printed = this.#printedBeside(terminal);
      if (await this.#runTyped(block, expected, this.#typed)) return;
      const isHarmless =
        terminal.isIdle && terminal.status !== 0 && printed === this.#printedBeside(terminal);
      if (!isHarmless) await this.#rewind(block);
    }
  }

  /** How many lines the other terminals have printed. */
  #printedBeside(terminal: Terminal): number {
    return this.#blocks.all.reduce((sum, each) => sum + (each === terminal ? 0 : each.lines.length), 0);
  }

  /** What is found in its terminal from now on, this block has printed. */
  #begin({ terminal: name }: Commands): Terminal {
    const terminal = this.#blocks.terminal(name);
    terminal.cursor = terminal.lines.length;
    return terminal;
  }

  /** `texts`: in place of the lesson's own commands. */
  async #runAll(block: Commands, texts?: readonly string[]): Promise<void> {
    const terminal = this.#begin(block);
    for (const [index, { line, text: own }] of block.commands.entries()) {
      const text = texts?.[index] ?? own;
      this.#view?.command(block.terminal, text);
      const more = block.commands.length - 1;
      if (index === 0) await this.#pause(more === 0 ? 'Enter runs it' : `Enter runs it and ${more} more`);
      this.#view?.withholdOthers(block.terminal);
      this.result.commands++;
      const exit = exitOf(block, index);
      await this.#expecting(() =>
        this.#blocks.command(terminal, { text, line: block.line + line, exit, within: block.within }),
      );
    }
  }

  /** Gives whether it did what the lesson's own commands do, or was those. */
  async #runTyped(
    block: Commands,
    expected: ReturnType<typeof expectedOf>,
    typed: TypedCommands,
  ): Promise<boolean> {
    const texts: string[] = [];
    let wrong: Mismatch | undefined;
    for (const [index, own] of block.commands.entries()) {
      const terminal = this.#blocks.terminal(block.terminal);
      const command = { line: block.line + own.line, exit: exitOf(block, index), within: block.within };
      texts.push(await typed.ask(block.terminal, own.text));
      const text = texts.at(-1)!;
      this.#view?.command(block.terminal, text);
      this.#view?.withholdOthers(block.terminal);
      this.result.commands++;
      wrong = await typed.patiently(this.#blocks, () =>
        mismatchOf(() => this.#blocks.command(terminal, { ...command, text })),
      );
      if (wrong !== undefined) break;
    }
    const isOwn = texts.every((text, index) => text === block.commands[index]!.text);
    if (isOwn && wrong !== undefined) this.#report(wrong);
    if (!isOwn) wrong ??= await typed.patiently(this.#blocks, () => this.#blocks.foresee(...expected));
    if (isOwn || wrong === undefined) typed.kept.set(block, texts);
    else this.#view?.trouble(`${wrong.sentence}. Try another command.`);
    return isOwn || wrong === undefined;
  }

  /**
   * Everything before this block once more, in new terminals, unseen: what was typed has left its mark, such as one more
   * connection in a server's counts.
   */
  async #rewind(block: Commands): Promise<void> {
    this.#view?.note('The terminals start again, as they were before this command.');
    await this.#blocks.close();
    this.#isSilent = true;
    this.#blocks = this.#newBlocks();
    for (const item of this.#step.items) {
      if (item === block) break;
      if (item.kind === 'commands' || item.kind === 'keys' || item.kind === 'expectation')
        await this.#item(item);
    }
    this.#printedBefore.clear();
    this.#notePrinted();
    this.#isSilent = false;
  }

  async #press({ line, terminal: name, keys, within }: Keys): Promise<void> {
    if (this.#skippedTerminals.has(name)) return;
    const terminal = this.#blocks.terminal(name);
    const isCtrlC = keys.includes(CTRL_C);
    await this.#expecting(() => this.#blocks.needCommand(terminal, line));
    terminal.endLine();
    for (const key of keys) this.#view?.key(name, key);
    if (isCtrlC) await this.#dialogue?.ctrlC('Enter presses Ctrl-C', this.#options.signal);
    else await this.#pause('Enter types it');
    this.#view?.withholdOthers(name);
    terminal.cursor = terminal.lines.length;
    for (const key of keys) {
      if (key !== CTRL_C) terminal.type(key);
      else await this.#expecting(() => this.#blocks.interrupt(terminal, line, within));
    }
  }

  async #expect(expectation: Expectation): Promise<void> {
    const { terminal: name, exit } = expectation;
    if (this.#isSkipped(expectation)) return;
    const terminal = this.#blocks.terminal(name);
    const { command } = terminal;
    this.result.expectations++;
    this.#view?.release(name);
    const found = await this.#expecting(() => this.#blocks.expect(expectation));
    this.#keepOutput(expectation, found);
    if (exit !== undefined) await this.#expecting(() => this.#blocks.expectEnd(expectation, command));
    if (found !== undefined && this.#standAboveText(terminal, found)) this.#quote(terminal, found);
  }

  async #answer(answer: Answer): Promise<void> {
    const question = this.#questions++;
    this.#endLines();
    await this.#pause('Enter shows the answer');
    if (this.#dialogue !== undefined)
      this.#options.onPrediction(question, predictionOf(this.#given, answer.right));
    for (const [index, item] of answer.items.entries()) {
      await this.#pauseIfFull(item, answer.items[index + 1]);
      if (item.kind === 'expectation') await this.#showEvidence(item);
      else if (index === 0) this.#view?.answer(item.token, answer.right, this.#given);
      else this.#view?.prose(item.token);
    }
  }

  async #showEvidence(expectation: Expectation): Promise<void> {
    if (this.#isSkipped(expectation)) return;
    this.result.expectations++;
    const found = await this.#expecting(() => this.#blocks.evidence(expectation));
    this.#keepOutput(expectation, found);
    if (found !== undefined) this.#quote(this.#blocks.terminal(expectation.terminal), found);
  }

  /** For `--write`. */
  #keepOutput(expectation: Expectation, found: Found | undefined): void {
    if (found === undefined) return;
    const { settledLines } = this.#blocks.terminal(expectation.terminal);
    this.result.outputs.set(expectation, pageLines(found, settledLines, expectation.anyOrder));
  }

  /** Reports what does not go as the lesson says, and gives undefined then. */
  async #expecting<T>(work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.#report(error);
      return undefined;
    }
  }

  /** What a student has not read yet must not scroll away. A sentence that ends with a colon stays with what follows it. */
  async #pauseIfFull(item: ShownItem, next: Item | undefined): Promise<void> {
    await this.#dialogue?.showAll(this.#options.signal);
    const together = isLeadIn(item) && next !== undefined && next.kind !== 'answer' ? [item, next] : [item];
    if (this.#view?.isFullWith(together)) await this.#pause('Enter goes on');
  }

  /** The lines that are about to come belong above the next text. */
  async #quiet(): Promise<void> {
    if (this.#view === undefined) return;
    await this.#blocks.quiet();
    this.#view.release();
  }

  async #pause(action: string): Promise<void> {
    await this.#dialogue?.enter(action, this.#options.signal);
  }

  /** What a skipped command's terminal would show is skipped too; where an expectation is skipped it is that one alone. */
  #isSkipped(block: Commands | Expectation): boolean {
    const sentence = unmet(block.needs);
    if (sentence === undefined)
      return block.kind === 'expectation' && this.#skippedTerminals.has(block.terminal);
    if (process.env.CI === 'true') this.#fail(block.line, `${sentence}, and CI must have all tools`);
    if (block.kind === 'commands') this.#skippedTerminals.add(block.terminal);
    const note = `Skipped: ${sentence}.`;
    if (!this.result.skipped.includes(note)) this.result.skipped.push(note);
    this.#view?.note(note);
    return true;
  }

  #notePrinted(): void {
    for (const { name, lines } of this.#blocks.all)
      if (!this.#view?.withholds(name)) this.#printedBefore.set(name, lines.length);
  }

  #standAboveText({ name }: Terminal, { at }: Found): boolean {
    const before = this.#printedBefore.get(name) ?? 0;
    return at.some((line) => line !== undefined && line < before);
  }

  #quote({ name, settledLines }: Terminal, { at }: Found): void {
    this.#endLines();
    this.#view?.quote(
      name,
      at.flatMap((line) => (line === undefined ? [undefined] : wholeItem(settledLines, line))),
    );
  }

  #endLines(): void {
    for (const terminal of this.#blocks.all) terminal.endLine();
  }

  /** A student may go on with what is there; a check may not. */
  #report({ line, message, terminal, isFatal }: Mismatch): void {
    if (isFatal || this.#options.view === undefined) this.#fail(line, message, terminal);
    this.#add(line, message, terminal);
  }

  #fail(line: number, sentence: string, terminal?: Terminal): never {
    this.#add(line, sentence, terminal);
    throw new StepFailed();
  }

  #add(line: number, sentence: string, terminal?: Terminal): void {
    const failure = {
      sentence: `${this.#options.file}:${line}: ${sentence}. Check the output, or fix the lesson.`,
      output: terminal?.settledLines.slice(-MOST_SHOWN) ?? [],
    };
    this.result.failures.push(failure);
    this.#endLines();
    this.#options.view?.trouble(failure.sentence);
  }
}

/** What a block's commands must cause: the expectations up to the next command or key, and the evidence among them. */
function expectedOf(
  { items }: LessonStep,
  block: Commands,
  canBe: (expectation: Expectation) => boolean,
): [expectations: Expectation[], evidence: Expectation[]] {
  const following = items.slice(items.indexOf(block) + 1);
  const end = following.findIndex(({ kind }) => kind === 'commands' || kind === 'keys');
  const own = end < 0 ? following : following.slice(0, end);
  const isExpectation = (item: Item): item is Expectation => item.kind === 'expectation' && canBe(item);
  const evidence = own.flatMap((item) => (item.kind === 'answer' ? item.items : []));
  return [own.filter(isExpectation), evidence.filter(isExpectation)];
}

function isLeadIn(item: Item): boolean {
  return item.kind === 'prose' && item.token.raw.trimEnd().endsWith(':');
}

/** All but the last command must succeed; undefined for one that is not waited for. */
function exitOf({ commands, stays, exit }: Commands, index: number): number | undefined {
  if (index < commands.length - 1) return 0;
  return stays ? undefined : exit;
}

function predictionOf(given: string | undefined, right: string): Prediction {
  if (given === undefined) return 'none';
  return given === right ? 'right' : 'wrong';
}

/** The line, and where an item of a list begins there, all of its lines: half a sentence shows nothing. */
function wholeItem(lines: readonly string[], at: number): string[] {
  const indent = LIST_ITEM.exec(lines[at]!)?.[1];
  if (indent === undefined) return [lines[at]!];
  const goesOn = (line: string): boolean => line.startsWith(`${indent}  `) && line.trim() !== '';
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => !goesOn(line));
  return lines.slice(at, at + 1 + (end < 0 ? rest.length : end));
}
