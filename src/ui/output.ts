// Writes text to a file descriptor without ever waiting for whoever reads it: what is too much is skipped and counted.
// A terminal that was stopped, a pager, a pipe that nobody reads: none of them may hold up the main thread.

import { write } from 'node:fs';

const RETRY_MS = 10;

export class Output {
  readonly #fd: number;
  readonly #mostWaiting: number;
  readonly #whenGap: (skipped: number) => string;
  readonly #whenClosed: (code: string) => void;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** What write(2) has been given, and was not taken yet. */
  #writing: Buffer | undefined;
  #skippedInGap = 0;
  #whenIdle: (() => void)[] = [];

  /** Lines that were not taken; those that had been when the other side closed are not known to have been read. */
  skipped = 0;
  /** Whether the other side has closed, or the disk is full: the reason, and nothing more is written. */
  failure: string | undefined;

  /**
   * @param mostWaiting characters that may wait to be written; lines beyond that are skipped
   * @param whenGap the line to put where lines were skipped
   * @param whenClosed told once, when the other side has closed or the disk is full
   */
  constructor(
    fd: number,
    mostWaiting: number,
    whenGap: (skipped: number) => string,
    whenClosed: (code: string) => void,
  ) {
    this.#fd = fd;
    this.#mostWaiting = mostWaiting;
    this.#whenGap = whenGap;
    this.#whenClosed = whenClosed;
  }

  /** Whether lines are to be skipped: then they need not even be made. */
  get full(): boolean {
    return this.failure !== undefined || this.#waitingLength >= this.#mostWaiting;
  }

  /** Takes lines that end in a newline; `count` says how many they are. */
  write(lines: string, count: number): void {
    if (this.failure !== undefined) return this.skip(count);
    if (this.#skippedInGap > 0) {
      this.#add(this.#whenGap(this.#skippedInGap));
      this.#skippedInGap = 0;
    }
    this.#add(lines);
    if (this.#writing === undefined) this.#writeOn();
  }

  skip(count: number): void {
    this.skipped += count;
    this.#skippedInGap += count;
  }

  /** Whether what was to be kept could not be: a reader that has gone wanted no more (EPIPE), a full disk lost it. */
  get lost(): boolean {
    return this.failure !== undefined && this.failure !== 'EPIPE';
  }

  /** Resolves when all is written, or nothing more can be, or after `milliseconds`. */
  async flush(milliseconds: number): Promise<void> {
    if (this.#skippedInGap > 0) this.write('', 0);
    if (this.#writing === undefined) return;
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([idle, late]);
    clearTimeout(timer);
  }

  /** Whether a write is still under way: then the process can't end in the usual manner. */
  get stuck(): boolean {
    return this.#writing !== undefined;
  }

  #add(text: string): void {
    this.#waiting.push(text);
    this.#waitingLength += text.length;
  }

  /** fs.write sleeps in a thread of libuv's pool, so only that one waits. */
  #writeOn(): void {
    if (this.#writing === undefined) {
      if (this.#waiting.length === 0 || this.failure !== undefined) {
        for (const resolve of this.#whenIdle.splice(0)) resolve();
        return;
      }
      this.#writing = Buffer.from(this.#waiting.join(''));
      this.#waiting = [];
      this.#waitingLength = 0;
    }
    const bytes = this.#writing;
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeOn(), RETRY_MS); // somebody made the descriptor non-blocking
        return;
      }
      this.#writing = undefined;
      if (error !== null) {
        this.failure = error.code ?? error.message;
        this.#whenClosed(this.failure);
      } else if (written < bytes.length) {
        this.#writing = bytes.subarray(written);
      }
      this.#writeOn();
    });
  }
}
