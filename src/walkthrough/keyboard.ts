// The keys that a student presses while a lesson runs. The terminal is in raw mode all the time: a key counts at once, and
// what is typed while nothing is asked does not answer the next question.

import { createInterface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { Navigation } from './lesson-state.js';

export const ENTER = 'Enter';
export const CTRL_C_KEY = 'Ctrl-C';
export const HELP_KEY = '?';
export const LIST_KEY = 'l';

/** These work at any moment. */
export const NAVIGATION: Readonly<Record<string, Navigation>> = {
  s: 'skip',
  r: 'repeat',
  p: 'back',
  q: 'quit',
};

const NAMES: Record<string, string> = { '\r': ENTER, '\n': ENTER, ' ': ENTER, '\x03': CTRL_C_KEY };
const CTRL_D = '\x04';

export interface LineOptions {
  /** What the up arrow brings back, the latest first. */
  readonly history: readonly string[];
  /** Called for each change; `cursor` counts characters. */
  onChange(line: string, cursor: number): void;
  /** An Enter that was pressed before this line was asked for does not end it. */
  readonly needsNewEnter?: boolean;
}

export class Keyboard {
  readonly #input: ReadStream;
  /** Ends the program, as Ctrl-C does where nothing else is asked. */
  readonly quit: () => void;
  #onKey: ((key: string) => void) | undefined;
  #onText: ((text: string) => void) | undefined;
  /** What is typed between two lines belongs to the next one; undefined where the last question was for a key. */
  #typedAhead: string | undefined;
  /** Called when s, r, p or q is pressed, unless lines are typed. */
  onNavigation: (next: Navigation) => void = () => {};

  constructor(input: ReadStream, quit: () => void) {
    this.#input = input;
    this.quit = quit;
    input.setRawMode(true);
    input.setEncoding('utf8');
    input.on('data', this.#take);
    input.on('error', quit);
    input.on('end', quit);
  }

  /** Resolves with the first of these keys that is pressed. Ctrl-C ends the program, unless it is one of them. */
  key(accepts: (key: string) => boolean, signal: AbortSignal): Promise<string> {
    this.#typedAhead = undefined;
    return this.#until(signal, (resolve) => {
      this.#onKey = (key) => {
        if (accepts(key)) resolve(key);
        else if (key === CTRL_C_KEY) this.quit();
      };
      return () => {
        this.#onKey = undefined;
      };
    });
  }

  /**
   * A line, with the editing keys of readline(3). At the beginning of a line `?` is a line of its own, and so is Ctrl-C
   * anywhere.
   */
  line({ history, onChange, needsNewEnter }: LineOptions, signal: AbortSignal): Promise<string> {
    return this.#until(signal, (answer) => {
      let isAnswered = false;
      const resolve = (line: string): void => {
        isAnswered = true;
        answer(line);
      };
      const keys = new PassThrough();
      // The editor only keeps the line: it draws nothing, because output may come at any moment.
      const editor = createInterface({
        input: keys,
        output: nowhere(),
        terminal: true,
        history: [...history],
      });
      editor.on('line', resolve);
      keys.on('keypress', () => onChange(editor.line, editor.cursor));
      this.#onText = (text) => {
        if (text.includes('\x03')) resolve(CTRL_C_KEY);
        else if (text === HELP_KEY && editor.line === '') resolve(HELP_KEY);
        else if (text === CTRL_D && editor.line === '') this.quit();
        else keys.write(text);
      };
      const ahead = needsNewEnter ? firstLine(this.#typedAhead) : this.#typedAhead;
      this.#typedAhead = '';
      if (ahead) queueMicrotask(() => this.#takeText(ahead));
      return () => {
        this.#onText = undefined;
        if (!isAnswered) this.typeAhead(editor.line);
        editor.close();
      };
    });
  }

  /** As if it had been typed between two lines. */
  typeAhead(text: string): void {
    this.#typedAhead = text + (this.#typedAhead ?? '');
  }

  close(): void {
    this.#input.off('data', this.#take);
    this.#input.setRawMode(false);
    this.#input.pause();
  }

  readonly #take = (text: string): void => {
    if (this.#onText !== undefined) return this.#takeText(text);
    if (this.#typedAhead !== undefined && text !== '\x03') {
      this.#typedAhead += text;
      return;
    }
    if (text.startsWith('\x1b')) return; // an arrow or another key without a meaning here
    for (const each of text) {
      const key = NAMES[each] ?? each.toLowerCase();
      const navigation = NAVIGATION[key];
      if (each === CTRL_D) this.quit();
      else if (navigation !== undefined) this.onNavigation(navigation);
      else if (this.#onKey !== undefined) this.#onKey(key);
      else if (key === CTRL_C_KEY) this.quit();
    }
  };

  /** As far as its first line; the rest belongs to the next one. */
  #takeText(text: string): void {
    const end = text.search(/[\r\n]/) + 1 || text.length;
    this.#typedAhead = text.slice(end);
    this.#onText?.(text.slice(0, end));
  }

  /** `listen` begins to listen and gives how to end that; a signal rejects with its reason. */
  #until(signal: AbortSignal, listen: (resolve: (answer: string) => void) => () => void): Promise<string> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const stop = listen((answer) => {
        end();
        resolve(answer);
      });
      const onAbort = (): void => {
        end();
        reject(signal.reason);
      };
      const end = (): void => {
        stop();
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort);
    });
  }
}

const firstLine = (text = ''): string => text.split(/[\r\n]/)[0]!;
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
