// The board of a command, as a user sees it.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { onTerminal, type TerminalOptions } from './terminal.js';

/** The program on a terminal, and its last picture as lines of text. */
export class BoardOnTerminal {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  #shown = '';

  constructor(t: TestContext, args: readonly string[], size: TerminalOptions = {}) {
    this.child = onTerminal(args, { ...size, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    t.after(() => this.child.kill('SIGKILL'));
    this.child.stdout!.on('data', (text) => {
      this.#shown += text;
    });
    this.ended = once(this.child, 'close').then(([status]) => status);
  }

  get all(): string {
    return this.#shown;
  }

  get picture(): string {
    return stripVTControlCharacters(this.#shown.split('\x1b[H').at(-1)!);
  }

  press(keys: string): void {
    this.child.stdin!.write(keys);
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.picture);
      if (found !== null && this.picture.includes('keys')) return found;
      await once(this.child.stdout!, 'data');
    }
  }

  /** Presses keys, and waits for the next whole picture. */
  async change(keys: string): Promise<void> {
    const before = this.picture;
    this.press(keys);
    while (this.picture === before || !this.picture.includes('keys')) await once(this.child.stdout!, 'data');
  }

  /** Waits for this among all that was shown. */
  async prints(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#shown)) await once(this.child.stdout!, 'data');
  }
}
