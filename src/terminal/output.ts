// Writes text to a file descriptor and never waits for its reader: what is too much is skipped and counted.
// A stopped terminal, a pager, a pipe that nobody reads: none of them may block the main thread.

import { write } from 'node:fs';

const RETRY_MS = 10;
const NEWLINE = 10;
/** Bytes of one write(2): as many as a pipe holds (pipe(7)). */
const WRITE_BYTES = 64 * 1024;
/** At the end they are fewer: a pipe takes so many all at once or not at all (pipe(7), PIPE_BUF). */
const LAST_WRITE_BYTES = 4096;

/** Whole lines that were given to write together. */
interface Chunk {
  readonly lines: string;
  readonly count: number;
  /** How many lines were skipped before them, and the line that says so. */
  readonly skipped: number;
  readonly gap: string;
}

/** How long the end may take, in milliseconds. */
export interface Patience {
  /** For a reader that reads nothing. */
  readonly stalledMs: number;
  /** For one that still reads; then as long again for what is left. */
  readonly mostMs: number;
}

export class Output {
  readonly #fd: number;
  readonly #mostWaiting: number;
  readonly #whenGap: (skipped: number) => string;
  readonly #whenClosed: (code: string) => void;
  readonly #encode: (text: string) => Buffer;
  #waiting: Chunk[] = [];
  #waitingLength = 0;
  /** What write(2) is writing; it has written `#written` bytes of it. */
  #writing: Buffer | undefined;
  #written = 0;
  #writeBytes = WRITE_BYTES;
  /** Bytes written in all. */
  #bytesTaken = 0;
  #skippedInGap = 0;
  #whenIdle: (() => void)[] = [];

  /** Lines that were not written. Nobody knows whether a reader that closed has read the others. */
  skipped = 0;
  /** Why nothing more is written: the other side has closed, or the disk is full. */
  failure: string | undefined;

  /**
   * @param mostWaiting characters that may wait to be written; further lines are skipped
   * @param whenGap makes the line that stands for skipped ones
   * @param whenClosed called once, when the other side has closed or the disk is full
   * @param encode makes the bytes of what is written together
   */
  constructor(
    fd: number,
    mostWaiting: number,
    whenGap: (skipped: number) => string,
    whenClosed: (code: string) => void,
    encode: (text: string) => Buffer = Buffer.from,
  ) {
    this.#fd = fd;
    this.#encode = encode;
    this.#mostWaiting = mostWaiting;
    this.#whenGap = whenGap;
    this.#whenClosed = whenClosed;
  }

  /** Whether lines would be skipped: then nobody need make them. */
  get full(): boolean {
    return this.failure !== undefined || this.#waitingLength >= this.#mostWaiting;
  }

  /** Takes lines that end in a newline; `count` is their number. */
  write(lines: string, count: number): void {
    if (this.failure !== undefined) return this.skip(count);
    const skipped = this.#skippedInGap;
    this.#skippedInGap = 0;
    this.#add({ lines, count, skipped, gap: skipped === 0 ? '' : this.#whenGap(skipped) });
    if (this.#writing === undefined) this.#writeOn();
  }

  skip(count: number): void {
    this.skipped += count;
    this.#skippedInGap += count;
  }

  /** Whether lines were lost, as on a full disk. A reader that has gone wanted no more of them (EPIPE). */
  get lost(): boolean {
    return this.failure !== undefined && this.failure !== 'EPIPE';
  }

  /** Whether a write has not returned: then the process can't end in the usual way. */
  get stuck(): boolean {
    return this.#writing !== undefined;
  }

  /** Resolves when all is written, when nothing more can be written, or after `milliseconds`. */
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

  /**
   * The end: waits for a reader that still reads, and only a short time for one that has stopped. A reader that is too
   * slow gets whole lines all the same, and always the last ones.
   */
  async end({ stalledMs, mostMs }: Patience): Promise<void> {
    this.#writeBytes = LAST_WRITE_BYTES;
    let outcome = await this.#drained(stalledMs, mostMs);
    if (outcome === 'too slow') {
      this.#skipAllButTheLast();
      outcome = await this.#drained(stalledMs, mostMs);
    }
    if (outcome === 'stalled') this.#skipAll();
  }

  async #drained(stalledMs: number, mostMs: number): Promise<'yes' | 'stalled' | 'too slow'> {
    const end = performance.now() + mostMs;
    for (let left = mostMs; left > 0; left = end - performance.now()) {
      const before = this.#bytesTaken;
      await this.flush(Math.min(stalledMs, left));
      if (!this.stuck) return 'yes';
      if (this.#bytesTaken === before && left > stalledMs) return 'stalled';
    }
    return 'too slow';
  }

  #skipAllButTheLast(): void {
    const last = this.#waiting.pop();
    if (last === undefined) return;
    this.#skipAll();
    this.#skippedInGap += last.skipped;
    this.write(last.lines, last.count);
  }

  #skipAll(): void {
    for (const { count, skipped } of this.#waiting.splice(0)) {
      this.skip(count);
      this.#skippedInGap += skipped;
    }
    this.#waitingLength = 0;
  }

  #add(piece: Chunk): void {
    this.#waiting.push(piece);
    this.#waitingLength += piece.gap.length + piece.lines.length;
  }

  /** As many pieces as one write(2) takes. */
  #take(): Buffer {
    let text = '';
    let pieces = 0;
    for (; text.length < this.#writeBytes && pieces < this.#waiting.length; pieces++) {
      const { gap, lines } = this.#waiting[pieces]!;
      text += gap + lines;
    }
    this.#waiting.splice(0, pieces);
    this.#waitingLength -= text.length;
    return this.#encode(text);
  }

  /** fs.write sleeps in a thread of libuv's pool, so only that thread waits. */
  #writeOn(): void {
    if (this.#writing === undefined) {
      if (this.#waiting.length === 0 || this.failure !== undefined) {
        for (const resolve of this.#whenIdle.splice(0)) resolve();
        return;
      }
      this.#writing = this.#take();
      this.#written = 0;
    }
    const bytes = this.#writing;
    const start = this.#written;
    write(this.#fd, bytes, start, this.#endOfWrite(bytes, start) - start, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeOn(), RETRY_MS); // another process made the descriptor non-blocking
        return;
      }
      if (error !== null) {
        this.#writing = undefined;
        this.failure = error.code ?? error.message;
        this.#whenClosed(this.failure);
      } else {
        this.#bytesTaken += written;
        this.#written += written;
        if (this.#written === bytes.length) this.#writing = undefined;
      }
      this.#writeOn();
    });
  }

  /** As many whole lines as one write(2) may take, or one longer line. */
  #endOfWrite(bytes: Buffer, start: number): number {
    if (bytes.length - start <= this.#writeBytes) return bytes.length;
    const newline = bytes.lastIndexOf(NEWLINE, start + this.#writeBytes - 1);
    const end = newline >= start ? newline : bytes.indexOf(NEWLINE, start);
    return end < 0 ? bytes.length : end + 1;
  }
}
