// Runs one step, item by item, from top to bottom: shows the text, runs the commands, waits for what they are to print.

import { spawnSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import {
  type Answer,
  type Commands,
  CTRL_C,
  type Expectation,
  type Item,
  type Keys,
  type LessonStep,
  type Prose,
  type Question,
} from './format.js';
import type { Keyboard } from './keyboard.js';
import { pageLines } from './page-output.js';
import type { Bindings } from './pattern.js';
import { type Found, SearchInAnyOrder, SearchInOrder } from './search.js';
import { StepTerminals } from './step-terminals.js';
import type { StudentView } from './student-view.js';
import type { Terminal } from './terminal.js';

/** How often a wait polls though nothing was printed, in milliseconds. */
const POLL_MS = 100;
/** Lines of output that a failure shows. */
const MOST_SHOWN = 20;
const HELP = 's skips this step, r repeats it, q quits';

export interface StepOptions {
  /** Undefined where nothing is shown. */
  readonly view: StudentView | undefined;
  /** Undefined where nothing is asked, and no pause made. */
  readonly keyboard: Keyboard | undefined;
  /** The first thing that is not as expected ends the step. */
  readonly checking: boolean;
  readonly colours: number;
  readonly file: string;
  /** Its reason is thrown where it is aborted. */
  readonly signal: AbortSignal;
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
  const run = new StepRun(options);
  try {
    for (const item of step.items) await run.item(item);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  } finally {
    await run.close();
  }
  return run.result;
}

class StepRun {
  readonly #options: StepOptions;
  readonly #terminals: StepTerminals;
  readonly #failures: StepFailure[] = [];
  readonly #skipped: string[] = [];
  readonly #skippedTerminals = new Set<string>();
  readonly #outputs = new Map<Expectation, readonly string[]>();
  #bindings: Bindings = new Map();
  #commands = 0;
  #expectations = 0;
  #given: string | undefined;
  /** How many lines each terminal had printed when text was last shown: the ones before stand above it. */
  #printedBefore = new Map<string, number>();
  #onChange: () => void = () => {};

  constructor(options: StepOptions) {
    this.#options = options;
    this.#terminals = new StepTerminals({
      colours: options.colours,
      columns: options.view?.outputColumns,
      onLine: (terminal, line) => options.view?.output(terminal, line),
      onChange: () => this.#onChange(),
    });
  }

  get result(): StepResult {
    return {
      failures: this.#failures,
      commands: this.#commands,
      expectations: this.#expectations,
      skipped: this.#skipped,
      outputs: this.#outputs,
    };
  }

  async close(): Promise<void> {
    await this.#terminals.close();
  }

  async item(item: Item): Promise<void> {
    this.#options.signal.throwIfAborted();
    if (item.kind === 'prose' || item.kind === 'question' || item.kind === 'commands')
      await this.#pauseIfFull(item);
    switch (item.kind) {
      case 'prose':
        this.#printedBefore = new Map(this.#terminals.all.map(({ name, lines }) => [name, lines.length]));
        return this.#options.view?.prose(item.token);
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
    const { view, keyboard, signal } = this.#options;
    view?.question(question);
    this.#given = undefined;
    if (keyboard === undefined) return;
    const letters = question.choices.map(({ letter }) => letter);
    view?.ask(`Your answer, ${letters.join(', ')}? (Enter: none)`);
    this.#given = await keyboard.letter(letters, signal);
    view?.answered(this.#given ?? 'none');
  }

  async #run(block: Commands): Promise<void> {
    if (this.#isMissing(block)) return;
    this.#skippedTerminals.delete(block.terminal);
    const terminal = this.#terminals.terminal(block.terminal);
    terminal.cursor = terminal.lines.length;
    const { commands } = block;
    for (const [index, { line, text: command }] of commands.entries()) {
      this.#options.view?.command(block.terminal, command);
      if (index === 0) await this.#pause(`Enter runs it, ${HELP}`);
      this.#commands++;
      terminal.run(command);
      const isLast = index === commands.length - 1;
      if (isLast && block.stays) continue;
      await this.#end(terminal, block, isLast ? block.exit : 0, block.line + line, command);
    }
  }

  /** Waits for the command's end, and holds its status against what is expected. */
  async #end(
    terminal: Terminal,
    { within }: Commands | Expectation,
    exit: number,
    line: number,
    command: string,
  ): Promise<void> {
    const status = await this.#wait(terminal, within, () => terminal.status);
    const name = `\`${oneLine(command)}\` in terminal ${terminal.name}`;
    if (status === undefined)
      this.#fail(
        line,
        terminal.overflowed ? `${name} prints without an end` : `${name} did not end within ${within} s`,
        terminal,
      );
    if (status !== exit)
      this.#fail(
        line,
        `${name} ended with status ${status}, not ${exit}${this.#lastWords(terminal)}`,
        terminal,
      );
  }

  async #press({ line, terminal: name, keys, within }: Keys): Promise<void> {
    if (this.#skippedTerminals.has(name)) return;
    const terminal = this.#terminals.terminal(name);
    if (terminal.command === undefined) this.#failForNobody(line, terminal);
    if (keys.includes(CTRL_C)) terminal.endLine();
    await this.#pause(`Enter types ${keys.map((key) => key || 'Enter').join(', ')} in ${name}, ${HELP}`);
    terminal.cursor = terminal.lines.length;
    for (const key of keys) {
      this.#options.view?.key(name, key);
      if (key !== CTRL_C) terminal.type(key);
      else await this.#interrupt(terminal, line, within);
    }
  }

  /** A client that was answered meanwhile has ended, and a key finds nobody, as at a keyboard. */
  #failForNobody(line: number, terminal: Terminal): never {
    this.#fail(
      line,
      `The command in terminal ${terminal.name} has ended, and these keys reach nobody${this.#lastWords(terminal)}`,
      terminal,
    );
  }

  async #interrupt(terminal: Terminal, line: number, within: number): Promise<void> {
    const command = oneLine(terminal.command ?? '');
    // It may not have begun yet, or have ended a moment ago.
    const reached = await this.#wait(terminal, within, () =>
      terminal.command === undefined ? 'nobody' : terminal.interrupt() ? 'somebody' : undefined,
    );
    if (reached === 'nobody') this.#failForNobody(line, terminal);
    if (reached === undefined)
      this.#fail(line, `\`${command}\` ran no program that ${CTRL_C} can end within ${within} s`, terminal);
    // A command that puts a job into the background first, `sleep 9 & cat`, may not have begun the other one.
    const status = await this.#wait(terminal, within, () => {
      if (terminal.status === undefined) terminal.interrupt(true);
      return terminal.status;
    });
    if (status === undefined)
      this.#fail(line, `${CTRL_C} did not end \`${command}\` within ${within} s`, terminal);
  }

  async #expect(expectation: Expectation): Promise<void> {
    const { terminal: name, line, exit, patterns } = expectation;
    if (this.#isMissing(expectation) || this.#skippedTerminals.has(name)) return;
    const terminal = this.#terminals.terminal(name);
    const command = terminal.command;
    this.#expectations++;
    const found = await this.#find(expectation, terminal, terminal.cursor);
    if (found !== undefined) terminal.cursor = found.end;
    if (exit !== undefined)
      await this.#end(terminal, expectation, exit, line + patterns.length - 1, command ?? 'the command');
    if (found !== undefined && this.#standAboveText(terminal, found)) this.#quote(terminal, found);
  }

  async #answer({ right, items }: Answer): Promise<void> {
    const { view } = this.#options;
    this.#endLines();
    await this.#pause(`Enter shows the answer, ${HELP}`);
    view?.verdict(this.#given, right);
    for (const item of items) {
      await this.#pauseIfFull(item);
      if (item.kind === 'prose') view?.prose(item.token);
      else await this.#showEvidence(item);
    }
  }

  /** Evidence is looked for in all that the terminal has printed in this step. */
  async #showEvidence(expectation: Expectation): Promise<void> {
    const { terminal: name } = expectation;
    if (this.#isMissing(expectation) || this.#skippedTerminals.has(name)) return;
    const terminal = this.#terminals.terminal(name);
    this.#expectations++;
    const found = await this.#find(expectation, terminal, 0);
    if (found !== undefined) this.#quote(terminal, found);
  }

  async #find(expectation: Expectation, terminal: Terminal, from: number): Promise<Found | undefined> {
    const { patterns, line, within, anyOrder } = expectation;
    const search = new (anyOrder ? SearchInAnyOrder : SearchInOrder)(patterns, from, this.#bindings);
    const scan = () => search.scan(terminal.settledLines, terminal.lines.length);
    const found = await this.#wait(terminal, within, scan, () => search.isBehind);
    if (found !== undefined) {
      this.#bindings = found.bindings;
      this.#outputs.set(expectation, pageLines(found, terminal.settledLines, anyOrder));
      return found;
    }
    const { index, insteadAt } = search.missing;
    const instead = insteadAt === undefined ? undefined : terminal.settledLines[insteadAt];
    const expected = `"${patterns[index]!.text}"`;
    const limit = terminal.isQuiet && !search.isBehind ? '' : ` within ${within} s`;
    const sentence =
      instead === undefined
        ? `Terminal ${terminal.name} never printed ${expected}${limit}${this.#lastWords(terminal)}`
        : `Terminal ${terminal.name} printed "${oneLine(instead.trim())}" as the next line, not ${expected}`;
    this.#mismatch(line + index, sentence, terminal);
    return undefined;
  }

  /**
   * What `poll` gives, as soon as it gives anything; undefined after so many seconds, or as soon as nothing in the terminal
   * could change it. Where it leaves work behind, `isBehind`, it is asked again at once.
   */
  async #wait<T>(
    terminal: Terminal,
    seconds: number,
    poll: () => T | undefined,
    isBehind = () => false,
  ): Promise<T | undefined> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      this.#options.signal.throwIfAborted();
      const found = poll();
      if (found !== undefined) return found;
      if (performance.now() > deadline) return undefined;
      if (isBehind()) {
        await setImmediate(); // for signals, keys and what the terminals print
        continue;
      }
      if (terminal.overflowed || terminal.isQuiet) return undefined;
      await this.#change();
    }
  }

  /** Resolves when a terminal has printed something, when the step is to be left, or after a moment. */
  #change(): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const timer = setTimeout(done, POLL_MS);
      signal.addEventListener('abort', done);
      this.#onChange = done;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }

  /** What a student has not read yet is not to scroll away. */
  async #pauseIfFull(next: Prose | Question | Commands | Expectation): Promise<void> {
    if (this.#options.view?.isFullWith(next)) await this.#pause('Enter goes on');
  }

  async #pause(prompt: string): Promise<void> {
    const { keyboard, view, signal } = this.#options;
    if (keyboard === undefined) return;
    view?.ask(prompt);
    await keyboard.enter(signal);
    view?.answered('');
  }

  /** What a skipped command's terminal would show is skipped too; where an expectation is skipped it is that one alone. */
  #isMissing({ kind, needs, terminal, line }: Commands | Expectation): boolean {
    const missing = needs.filter((tool) => !isInstalled(tool));
    if (missing.length === 0) return false;
    const sentence = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not installed`;
    if (process.env.CI === 'true') this.#fail(line, `${sentence}, and CI must have all tools`);
    if (kind === 'commands') this.#skippedTerminals.add(terminal);
    const note = `Skipped: ${sentence}.`;
    if (!this.#skipped.includes(note)) this.#skipped.push(note);
    this.#options.view?.note(note);
    return true;
  }

  #standAboveText({ name }: Terminal, { at }: Found): boolean {
    const before = this.#printedBefore.get(name) ?? 0;
    return at.some((line) => line !== undefined && line < before);
  }

  #quote({ name, settledLines }: Terminal, { at }: Found): void {
    this.#endLines();
    this.#options.view?.quote(
      name,
      at.map((line) => (line === undefined ? undefined : settledLines[line])),
    );
  }

  #endLines(): void {
    for (const terminal of this.#terminals.all) terminal.endLine();
  }

  #lastWords({ settledLines, overflowed }: Terminal): string {
    if (overflowed) return '. It prints without an end';
    const last = settledLines.findLast((line) => line.trim() !== '');
    return last === undefined ? '. It printed nothing' : `. Its last line is "${oneLine(last.trim())}"`;
  }

  /** A student may go on with what is there; a check may not. */
  #mismatch(line: number, sentence: string, terminal: Terminal): void {
    if (this.#options.checking) this.#fail(line, sentence, terminal);
    this.#add(line, sentence, terminal);
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
    this.#failures.push(failure);
    this.#endLines();
    this.#options.view?.trouble(failure.sentence);
  }
}

function isInstalled(tool: string): boolean {
  return spawnSync('bash', ['-c', 'command -v -- "$1"', 'bash', tool], { stdio: 'ignore' }).status === 0;
}

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
};
