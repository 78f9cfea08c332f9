// Runs the blocks of one step in its terminals and waits for what they must print. It shows nothing and asks nothing:
// step-run.ts does.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { CTRL_C, type Expectation } from './format.js';
import type { Bindings } from './pattern.js';
import { type Found, SearchInAnyOrder, SearchInOrder } from './search.js';
import { StepTerminals, type StepTerminalsOptions } from './step-terminals.js';
import type { Terminal } from './terminal.js';

/** How often a wait polls even if nothing was printed, in milliseconds. */
const POLL_MS = 100;
const LONGEST_QUOTE = 100;
/** How long a moment without output is, how long to wait for one, and how often that is polled, in milliseconds. */
const QUIET_MS = 200;
const LONGEST_NOISE_MS = 1000;
const QUIET_POLL_MS = 10;

/** Something did not go as the lesson says. */
export class Mismatch extends Error {
  readonly terminal: Terminal;
  /** Of the walkthrough's file. */
  readonly line: number;
  /** Without its full stop. */
  readonly sentence: string;
  /** Without it the step can't go on. */
  readonly isFatal: boolean;

  /** `details`: for the lesson's author; a student does not see them. */
  constructor(terminal: Terminal, line: number, sentence: string, details = '', isFatal = true) {
    super(sentence + details);
    this.terminal = terminal;
    this.line = line;
    this.sentence = sentence;
    this.isFatal = isFatal;
  }
}

/** What `work` found wrong with the lesson; undefined where nothing is. */
export async function mismatchOf(work: () => Promise<void>): Promise<Mismatch | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Mismatch) return error;
    throw error;
  }
}

export interface CommandToRun {
  readonly text: string;
  readonly line: number;
  /** Undefined where its end is not waited for. */
  readonly exit: number | undefined;
  /** Seconds. */
  readonly within: number;
}

export class BlockRun {
  readonly #terminals: StepTerminals;
  readonly #signal: AbortSignal;
  #bindings: Bindings = new Map();
  #hasGivenUp = false;
  /** When something last happened in a terminal, by performance.now(). */
  #lastEvent = 0;
  #onChange: () => void = () => {};

  /** `signal`: its reason is thrown where it is aborted. */
  constructor(options: Omit<StepTerminalsOptions, 'onChange'>, signal: AbortSignal) {
    this.#signal = signal;
    const onChange = (): void => {
      this.#lastEvent = performance.now();
      this.#onChange();
    };
    this.#terminals = new StepTerminals({ ...options, onChange });
  }

  terminal(name: string): Terminal {
    return this.#terminals.terminal(name);
  }

  get all(): readonly Terminal[] {
    return this.#terminals.all;
  }

  async close(): Promise<void> {
    await this.#terminals.close();
  }

  /** Resolves when the terminals have been quiet for a moment: a server's lines about a client come after the client's. */
  async quiet(): Promise<void> {
    const giveUpAt = performance.now() + LONGEST_NOISE_MS;
    while (performance.now() < Math.min(giveUpAt, this.#lastEvent + QUIET_MS)) {
      await sleep(QUIET_POLL_MS);
      this.#signal.throwIfAborted();
    }
  }

  /** Ends the wait that is under way, as if its time were over. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.#onChange();
  }

  async command(terminal: Terminal, { text, line, exit, within }: CommandToRun): Promise<void> {
    terminal.run(text);
    if (exit !== undefined) await this.end(terminal, { text, line, exit, within });
  }

  /** Waits for the end of a command, and compares its status. */
  async end(terminal: Terminal, { text, line, exit, within }: CommandToRun): Promise<void> {
    const status = await this.#wait(terminal, within, () => terminal.status);
    const name = `\`${oneLine(text)}\` in terminal ${terminal.name}`;
    if (status === exit) return;
    if (status !== undefined) {
      const sentence = `${name} ended with status ${status}, not ${exit}`;
      throw new Mismatch(terminal, line, sentence, lastWords(terminal));
    }
    const problem = terminal.overflowed ? 'does not stop printing' : `did not end${this.#limit(within)}`;
    throw new Mismatch(terminal, line, `${name} ${problem}`);
  }

  /** Throws where no command runs: a client that was answered by then has ended, and no key reaches it. */
  needCommand(terminal: Terminal, line: number): void {
    if (terminal.command !== undefined) return;
    const sentence = `The command in terminal ${terminal.name} has ended, and these keys reach no program`;
    throw new Mismatch(terminal, line, sentence, lastWords(terminal));
  }

  async interrupt(terminal: Terminal, line: number, within: number): Promise<void> {
    const command = `\`${oneLine(terminal.command ?? '')}\``;
    const fail = (sentence: string): never => {
      throw new Mismatch(terminal, line, sentence + this.#limit(within));
    };
    // It may not have begun yet, or have ended a moment ago.
    const reached = await this.#wait(terminal, within, () =>
      terminal.command === undefined ? 'nobody' : terminal.interrupt() ? 'somebody' : undefined,
    );
    if (reached === 'nobody') this.needCommand(terminal, line);
    if (reached === undefined) fail(`${command} ran no program that ${CTRL_C} can end`);
    // A command that puts a job into the background first, `sleep 9 & cat`, may not have begun the other one.
    const status = await this.#wait(terminal, within, () => {
      if (terminal.status === undefined) terminal.interrupt(true);
      return terminal.status;
    });
    if (status === undefined) fail(`${CTRL_C} did not end ${command}`);
  }

  /** Looks for lines that come after those found before. */
  async expect(expectation: Expectation): Promise<Found> {
    const terminal = this.terminal(expectation.terminal);
    const found = await this.#find(expectation, terminal, terminal.cursor);
    terminal.cursor = found.end;
    return found;
  }

  /** Looks for lines in all that the terminal has printed in this step. */
  evidence(expectation: Expectation): Promise<Found> {
    return this.#find(expectation, this.terminal(expectation.terminal), 0);
  }

  /** What would not be found of this; undefined where all of it is there. It can then be found again. */
  async foresee(
    expectations: readonly Expectation[],
    evidence: readonly Expectation[],
  ): Promise<Mismatch | undefined> {
    const cursors = this.all.map((terminal) => ({ terminal, cursor: terminal.cursor }));
    const bindings = this.#bindings;
    try {
      return await mismatchOf(async () => {
        for (const each of expectations) await this.#expectWithEnd(each);
        for (const each of evidence) await this.evidence(each);
      });
    } finally {
      for (const { terminal, cursor } of cursors) terminal.cursor = cursor;
      this.#bindings = bindings;
    }
  }

  async #expectWithEnd(expectation: Expectation): Promise<void> {
    await this.expect(expectation);
    if (expectation.exit !== undefined) await this.expectEnd(expectation, undefined);
  }

  /** That the command ends as the expectation says. `command`: as it is named in sentences. */
  async expectEnd(
    { terminal, exit, within, line, patterns }: Expectation,
    command: string | undefined,
  ): Promise<void> {
    const text = command ?? 'the command';
    await this.end(this.terminal(terminal), { text, exit, within, line: line + patterns.length - 1 });
  }

  async #find(expectation: Expectation, terminal: Terminal, from: number): Promise<Found> {
    const { patterns, line, within, anyOrder } = expectation;
    const search = new (anyOrder ? SearchInAnyOrder : SearchInOrder)(patterns, from, this.#bindings);
    const scan = () => search.scan(terminal.settledLines, terminal.lines.length);
    const found = await this.#wait(terminal, within, scan, () => search.isBehind);
    if (found !== undefined) {
      this.#bindings = found.bindings;
      return found;
    }
    const { index, insteadAt = -1 } = search.missing;
    const instead = terminal.settledLines[insteadAt];
    const wanted = `"${patterns[index]!.text}"`;
    if (instead !== undefined) {
      const sentence = `Terminal ${terminal.name} printed "${oneLine(instead.trim())}" as the next line, not ${wanted}`;
      throw new Mismatch(terminal, line + index, sentence, '', false);
    }
    const limit = terminal.isQuiet && !search.isBehind ? '' : this.#limit(within);
    const sentence = `Terminal ${terminal.name} never printed ${wanted}${limit}`;
    throw new Mismatch(terminal, line + index, sentence, lastWords(terminal), false);
  }

  #limit(seconds: number): string {
    return this.#hasGivenUp ? ' so far' : ` within ${seconds} s`;
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
    this.#hasGivenUp = false;
    for (;;) {
      this.#signal.throwIfAborted();
      const found = poll();
      if (found !== undefined) return found;
      if (performance.now() > deadline || this.#hasGivenUp) return undefined;
      if (isBehind()) {
        await setImmediate(); // for signals, keys and what the terminals print
        continue;
      }
      if (terminal.overflowed || terminal.isQuiet) return undefined;
      await this.#change();
    }
  }

  /** Resolves when a terminal has printed something, when the student leaves the step, or after a moment. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      this.#signal.addEventListener('abort', done);
      this.#onChange = done;
    });
  }
}

function lastWords({ settledLines, overflowed }: Terminal): string {
  if (overflowed) return '. It does not stop printing';
  const last = settledLines.findLast((line) => line.trim() !== '');
  return last === undefined ? '. It printed nothing' : `. Its last line is "${oneLine(last.trim())}"`;
}

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE - 3)}...` : line;
};
