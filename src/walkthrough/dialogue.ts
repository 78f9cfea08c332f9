// What a student is asked: to press Enter, to choose a letter, to type a line. The keys that work at every prompt, `?` and
// the list of the steps, are answered here, and the prompt comes back.

import { CTRL_C_KEY, ENTER, HELP_KEY, type Keyboard, LIST_KEY, NAVIGATION } from './keyboard.js';
import type { Navigation } from './lesson-state.js';
import type { StudentView } from './student-view.js';

const KEYS = 's skip, r repeat, p back, l list, q quit, ? help';
const KEYS_AT_THE_END = 'p back, l list, q quit, ? help';
/** Where all that is typed ends with Enter. */
const WORDS = 's, r, p, l, q, then Enter. ? help';
/** Goes on after a question without an answer. */
const NO_ANSWER = 'n';
/** Shows what is left without another key. */
const ALL = 'a';

const HELP = [
  'Enter      go on: run the command, show the answer',
  'A, B, ...  answer a question; n goes on without an answer',
  'Ctrl-C     quit; where the lesson presses Ctrl-C next, do that',
  's          skip the rest of this step',
  'r          repeat this step from its beginning',
  'p          go back to the step before',
  'l          list the steps, to jump to one',
  'q          quit; the next run resumes at this step',
];
const HELP_TYPING = [
  'Enter alone    go on, or run the command of the lesson',
  '?              a hint, where a command is asked for; the second ? shows it',
  'A, B, ...      and then Enter: answer a question; n goes on without an answer',
  's, r, p, l, q  and then Enter: skip, repeat, back, list of steps, quit',
];

/** Thrown to end a step before its end: by a key, or by a signal to the whole program. */
export class StepLeft extends Error {
  readonly to: Navigation;

  constructor(to: Navigation) {
    super('The step is left.');
    this.to = to;
  }
}

export interface LineQuestion {
  /** Says what to type, and what other keys do. */
  readonly how: string;
  readonly terminal: string;
  /** `$` for a command, `<` for a line that a program reads. */
  readonly mark: string;
  /** What the up arrow brings back, the latest first. */
  readonly history: readonly string[];
}

export class Dialogue {
  readonly view: StudentView;
  readonly #keyboard: Keyboard;
  /** The lesson's steps as lines of a list. */
  readonly #steps: () => readonly string[];
  /** All that is typed ends with Enter: a key of a command that is typed too early must not skip a step. */
  readonly isTyping: boolean;
  #hasHelpedTyping = false;

  constructor(view: StudentView, keyboard: Keyboard, steps: () => readonly string[], isTyping: boolean) {
    this.view = view;
    this.#keyboard = keyboard;
    this.#steps = steps;
    this.isTyping = isTyping;
    view.holdsBack = true;
  }

  /** Shows all that the terminals have printed, a screen at a time. */
  async showAll(signal: AbortSignal): Promise<void> {
    while (this.view.isHolding) {
      const key = await this.#key('Enter shows more, a shows all', [ENTER, ALL], signal);
      this.view.answered();
      if (key === ALL) this.view.showAll();
    }
  }

  /** s, r, p and q call this at any moment, unless lines are typed. */
  onNavigation(listener: (to: Navigation) => void): void {
    this.#keyboard.onNavigation = listener;
  }

  /** `action` says what Enter does. */
  async enter(action: string, signal: AbortSignal): Promise<void> {
    await this.#press(action, [ENTER], signal);
  }

  /** When the lesson is over. */
  async enterAtTheEnd(action: string, signal: AbortSignal): Promise<void> {
    await this.#press(action, [ENTER], signal, KEYS_AT_THE_END);
  }

  /** Enter, or the key itself. */
  async ctrlC(action: string, signal: AbortSignal): Promise<void> {
    await this.#press(action, [ENTER, CTRL_C_KEY], signal);
  }

  /** One of these letters; undefined for no answer, which Enter alone does not give. */
  async answer(letters: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const keys = letters.map((letter) => letter.toLowerCase());
    const choice = letters.join(', ');
    let action = this.isTyping ? `Your answer, then Enter: ${choice}` : `Your answer: ${choice}`;
    for (;;) {
      await this.showAll(signal);
      const key = await this.#key(action, [ENTER, NO_ANSWER, ...keys], signal);
      if (key !== ENTER) {
        const letter = key === NO_ANSWER ? undefined : key.toUpperCase();
        this.view.answered(letter === undefined ? 'No answer.' : `Your answer: ${letter}`);
        return letter;
      }
      action = `Press ${choice}, or n to go on without an answer`;
    }
  }

  /** A line; empty for Enter alone, `?` for that key at its beginning, `Ctrl-C` for that. */
  async line({ how, terminal, mark, history }: LineQuestion, signal: AbortSignal): Promise<string> {
    for (;;) {
      await this.showAll(signal);
      const { show } = this.view.askLine(how, terminal, mark);
      const line = await this.#keyboard.line({ history, onChange: show }, signal);
      this.view.answered();
      const word = line.trim();
      if (word === LIST_KEY) await this.#list(signal);
      else if (NAVIGATION[word] !== undefined) throw new StepLeft(NAVIGATION[word]);
      else return word === '' ? '' : line;
    }
  }

  /** One of these words, each as long as a key; text that is none of them is the beginning of the next command. */
  async #word(action: string, words: readonly string[], signal: AbortSignal): Promise<string> {
    for (;;) {
      const { show } = this.view.ask(action, WORDS);
      const options = { history: [], onChange: show, needsNewEnter: true };
      const line = await this.#keyboard.line(options, signal);
      const word = line === CTRL_C_KEY ? line : line.trim().toLowerCase() || ENTER;
      if (words.includes(word)) return word;
      if (word === CTRL_C_KEY) this.quit();
      this.view.answered();
      if (word === HELP_KEY) this.view.list(HELP_TYPING);
      else if (word === LIST_KEY) await this.#list(signal);
      else if (NAVIGATION[word] !== undefined) throw new StepLeft(NAVIGATION[word]);
      else if (word.length > 1) {
        if (!words.includes(NO_ANSWER)) this.#keyboard.typeAhead(line);
        return ENTER;
      }
    }
  }

  /** What the keys do while commands are typed; once for a lesson. */
  helpTyping(): void {
    if (!this.#hasHelpedTyping) this.view.list(HELP_TYPING);
    this.#hasHelpedTyping = true;
  }

  quit(): void {
    this.#keyboard.quit();
  }

  async #press(action: string, keys: readonly string[], signal: AbortSignal, shown?: string): Promise<void> {
    await this.showAll(signal);
    await this.#key(action, keys, signal, shown);
    this.view.answered();
  }

  /** One of these keys. The prompt stays: the caller removes it. */
  async #key(action: string, keys: readonly string[], signal: AbortSignal, shown = KEYS): Promise<string> {
    if (this.isTyping) return this.#word(action, keys, signal);
    for (;;) {
      this.view.ask(action, shown);
      const key = await this.#keyboard.key(
        (each) => keys.includes(each) || each === HELP_KEY || each === LIST_KEY,
        signal,
      );
      if (key !== HELP_KEY && key !== LIST_KEY) return key;
      this.view.answered();
      if (key === HELP_KEY) this.view.list(HELP);
      else await this.#list(signal);
    }
  }

  /** Resolves where the student stays in this step. */
  async #list(signal: AbortSignal): Promise<void> {
    const steps = this.#steps();
    this.view.list(steps);
    const how = 'Type the number of a step. Enter alone stays here.';
    const { show } = this.view.askLine(how, 'step', '#');
    const line = await this.#keyboard.line({ history: [], onChange: show }, signal);
    this.view.answered();
    const number = Number(line.trim());
    if (line.trim() === '') return;
    if (Number.isInteger(number) && number >= 1 && number <= steps.length)
      throw new StepLeft({ jumpTo: number - 1 });
    this.view.note(
      `This lesson has no step ${JSON.stringify(line.trim())}. Its steps are 1 to ${steps.length}.`,
    );
  }
}
