// The keys that a student presses while a walkthrough runs. The terminal is in raw mode all the while: a key counts at
// once, and what is typed while nothing is asked does not answer the next question.

import type { ReadStream } from 'node:tty';
import type { Navigation } from './runner.js';

const NAVIGATION: Record<string, Navigation> = { s: 'skip', r: 'repeat', q: 'quit' };
const ENTER = ['\r', '\n', ' '];
const CTRL_C = '\x03';
const CTRL_D = '\x04';

export class Keyboard {
  readonly #input: ReadStream;
  readonly #onCtrlC: () => void;
  #onKey: ((key: string) => void) | undefined;
  /** Called when s, r or q is pressed. */
  onNavigation: (next: Navigation) => void = () => {};

  constructor(input: ReadStream, onCtrlC: () => void) {
    this.#input = input;
    this.#onCtrlC = onCtrlC;
    input.setRawMode(true);
    input.setEncoding('utf8');
    input.on('data', this.#take);
    input.on('error', onCtrlC);
    input.on('end', onCtrlC);
  }

  /** Resolves when Enter is pressed. */
  async enter(signal: AbortSignal): Promise<void> {
    await this.#key((key) => ENTER.includes(key), signal);
  }

  /** One of these letters; undefined for Enter. */
  async letter(letters: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const key = await this.#key(
      (each) => ENTER.includes(each) || letters.includes(each.toUpperCase()),
      signal,
    );
    return ENTER.includes(key) ? undefined : key.toUpperCase();
  }

  close(): void {
    this.#input.off('data', this.#take);
    this.#input.setRawMode(false);
    this.#input.pause();
  }

  readonly #take = (text: string): void => {
    if (text.startsWith('\x1b')) return; // an arrow or another key without a meaning here
    for (const key of text) {
      if (key === CTRL_C || key === CTRL_D) this.#onCtrlC();
      else if (NAVIGATION[key.toLowerCase()] !== undefined) this.onNavigation(NAVIGATION[key.toLowerCase()]!);
      else this.#onKey?.(key);
    }
  };

  #key(counts: (key: string) => boolean, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#onKey = undefined;
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason);
      };
      signal.throwIfAborted();
      signal.addEventListener('abort', onAbort);
      this.#onKey = (key) => {
        if (!counts(key)) return;
        end();
        resolve(key);
      };
    });
  }
}
