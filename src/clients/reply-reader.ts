// A reply as it comes in, piece by piece: its status, how long its body is to be, and whether all of it is there.

/** Of a body more than this is counted and not kept, in bytes. */
const KEPT = 64 * 1024;

export class ReplyReader {
  #head = '';
  #length: number | undefined;
  #body: Buffer[] = [];
  /** Undefined until the head is complete. */
  status: number | undefined;
  /** Bytes of the body so far. */
  bytes = 0;

  take(part: Buffer): void {
    if (this.#length !== undefined) return this.#takeBody(part);
    const before = this.#head.length;
    this.#head += part.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return;
    this.status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.#head)?.[1]);
    this.#length = Number(/\r\nContent-Length: (\d+)\r\n/i.exec(this.#head)?.[1] ?? 0);
    this.#takeBody(part.subarray(end + 4 - before));
  }

  get complete(): boolean {
    return this.#length !== undefined && this.bytes >= this.#length;
  }

  /** The body's beginning, as the bytes came. */
  get body(): string {
    return Buffer.concat(this.#body).toString('latin1');
  }

  #takeBody(part: Buffer): void {
    if (this.bytes < KEPT) this.#body.push(part.subarray(0, KEPT - this.bytes));
    this.bytes += part.length;
  }
}
