// What a student's program prints: all of it is read, so that it never waits for us, and only the end of it is kept.

import type { Readable } from 'node:stream';

const KEPT_CHARACTERS = 2000;

export class OutputTail {
  #text = '';
  bytes = 0;

  readonly take = (text: string): void => {
    this.bytes += Buffer.byteLength(text);
    this.#text = (this.#text + text).slice(-KEPT_CHARACTERS);
  };

  read(pipe: Readable): void {
    pipe.setEncoding('utf8').on('data', this.take);
  }

  /** The last lines. */
  lines(most: number): string[] {
    return this.#text.trimEnd().split(/\r?\n/).slice(-most).filter(Boolean);
  }
}
