// The rows at the bottom of the screen that may still change: drawn, erased and drawn anew, above them all that is settled.
// Where nothing can be erased, only the prompt is drawn, and again below whatever comes.

import { textWidth } from '../terminal/width.js';

/** Its size is read again and again, because a window may be made larger or smaller at any time. */
export interface Canvas {
  /** Undefined where lines are not to be cut, as in a file. */
  readonly columns: number | undefined;
  /** Undefined where nothing scrolls away. */
  readonly rows: number | undefined;
  /** Whether what was written can be taken back: a terminal. */
  readonly canErase: boolean;
  write(text: string): void;
}

export interface Prompt {
  readonly lines: readonly string[];
  /** Where the cursor stands in the last line, in columns. */
  readonly cursor: number;
}

export class ScreenBottom {
  readonly #canvas: Canvas;
  /** Rows from the first that is drawn down to the cursor. */
  #rowsAbove = 0;
  #hasPrompt = false;
  /** What a line that is being typed goes on from, where nothing can be erased. */
  #lastPrompt = '';

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
  }

  /** Rows that lines take, those included that the terminal wraps. */
  rowsOf(lines: readonly string[]): number {
    const { columns = Number.POSITIVE_INFINITY } = this.#canvas;
    return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
  }

  draw(lines: readonly string[], prompt: Prompt | undefined): void {
    if (!this.#canvas.canErase && this.#hasPrompt && prompt !== undefined) {
      const text = prompt.lines.join('\n').trimEnd();
      if (text.startsWith(this.#lastPrompt)) return this.#goOn(text);
    }
    let text = this.#eraser() + lines.map((line) => `${line}\n`).join('');
    this.#rowsAbove = this.rowsOf(lines);
    this.#hasPrompt = prompt !== undefined;
    if (prompt !== undefined) text += this.#prompt(prompt);
    if (text !== '') this.#canvas.write(text);
  }

  /** Lines that stay: what was drawn goes. */
  settle(lines: readonly string[]): void {
    this.draw(lines, undefined);
    this.#rowsAbove = 0;
  }

  #prompt({ lines, cursor }: Prompt): string {
    const rows = this.rowsOf(lines);
    this.#rowsAbove += rows - 1;
    const text = lines.join('\n');
    this.#lastPrompt = text.trimEnd();
    if (!this.#canvas.canErase) return text;
    const { columns = Number.POSITIVE_INFINITY } = this.#canvas;
    const last = this.rowsOf(lines.slice(-1));
    // Behind a row that is full there is no cell: a terminal leaves the cursor on its last one.
    const cell = Math.min(cursor, last * columns - 1);
    const up = last - 1 - Math.floor(cell / columns);
    this.#rowsAbove -= up;
    const right = cell % columns;
    return `${text}\r${up > 0 ? `\x1b[${up}A` : ''}${right > 0 ? `\x1b[${right}C` : ''}`;
  }

  #goOn(text: string): void {
    this.#canvas.write(text.slice(this.#lastPrompt.length));
    this.#lastPrompt = text;
  }

  #eraser(): string {
    if (!this.#canvas.canErase) return this.#hasPrompt ? '\n' : '';
    if (this.#rowsAbove === 0 && !this.#hasPrompt) return '';
    return `\r${this.#rowsAbove > 0 ? `\x1b[${this.#rowsAbove}A` : ''}\x1b[J`;
  }
}
