// Where a chunked body ends (RFC 9112, section 7.1). Nothing of it is kept.

const LINE_FEED = 10;

export class ChunkedBody {
  #line = '';
  /** Bytes that still belong to the chunk, with the CR and LF behind it; never any end where its size makes no sense. */
  #left = 0;
  #isLast = false;
  complete = false;

  take(part: Buffer): void {
    for (let i = 0; i < part.length; ) {
      const skipped = Math.min(this.#left, part.length - i);
      this.#left -= skipped;
      i += skipped;
      if (i === part.length) return;
      const byte = part[i++]!;
      if (byte === LINE_FEED) this.#endOfLine(this.#line.trim());
      else this.#line += String.fromCharCode(byte);
    }
  }

  /** A chunk's size, maybe with an extension; behind the last chunk, a trailer or the empty line that ends all. */
  #endOfLine(line: string): void {
    this.#line = '';
    if (this.#isLast) {
      this.complete ||= line === '';
      return;
    }
    const size = /^[0-9a-f]{1,12}(?=$|[ ;])/i.test(line) ? Number.parseInt(line, 16) : Infinity;
    if (size === 0) this.#isLast = true;
    else this.#left = size + 2;
  }
}
