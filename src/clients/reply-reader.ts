// A reply as it comes in, piece by piece: its status, the length of its body, and whether it is complete.

import { ChunkedBody } from './chunked-body.js';

/** The first bytes of a body are kept, the others only counted. */
const KEPT = 4096;
/** A longer head is no reply. */
const LONGEST_HEAD = 64 * 1024;
/** Replies that never have a body (RFC 9112, section 6.3). */
const BODILESS: readonly number[] = [204, 304];
const CLOSES = /\r\nConnection:[ \t]*close[ \t]*\r\n/i;

export class ReplyReader {
  #head = '';
  #headOver = false;
  #length = 0;
  #body: Buffer[] = [];
  #kept = 0;
  #chunked: ChunkedBody | undefined;
  /** Undefined until the head is complete, or if it is not HTTP. */
  status: number | undefined;
  statusLine: string | undefined;
  /** Whether the server says that it closes the connection after this reply (RFC 9112, section 9.6). */
  closes = false;
  /** Bytes of the body so far. */
  bytes = 0;

  /** Keeps nothing of `part`, so that the caller can use it again. */
  take(part: Buffer): void {
    if (this.#headOver) return this.#takeBody(part);
    const before = this.#head.length;
    this.#head += part.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end >= 0) {
      this.#readHead(this.#head.slice(0, end + 2));
      this.#takeBody(part.subarray(end + 4 - before));
    } else if (this.#head.length > LONGEST_HEAD) {
      this.#headOver = true;
    }
  }

  /** The server has closed its side: that ends a body without a length (RFC 9112, section 6.3). */
  end(): void {
    if (this.#length === Number.POSITIVE_INFINITY) this.#length = this.bytes;
  }

  get complete(): boolean {
    if (this.#chunked !== undefined) return this.#chunked.complete;
    return this.status !== undefined && this.bytes >= this.#length;
  }

  /** Whether bytes came after its end. */
  get exceeded(): boolean {
    return this.status !== undefined && this.#chunked === undefined && this.bytes > this.#length;
  }

  /** Whether the bytes can't become a reply any longer. */
  get malformed(): boolean {
    return this.#headOver && this.status === undefined;
  }

  /** The beginning of the body, or of all bytes if they are no head. */
  get body(): string {
    if (this.status === undefined) return Buffer.from(this.#head.slice(0, KEPT), 'latin1').toString();
    return Buffer.concat(this.#body).toString();
  }

  #readHead(head: string): void {
    this.#headOver = true;
    const [statusLine, digits] = /^HTTP\/1\.[01] (\d{3})(?= |\r).*/.exec(head) ?? [];
    if (digits === undefined) return;
    this.status = Number(digits);
    this.statusLine = statusLine;
    this.closes = CLOSES.test(head);
    const length = /\r\nContent-Length:[ \t]*(\d{1,15})[ \t]*\r\n/i.exec(head)?.[1];
    if (BODILESS.includes(this.status)) this.#length = 0;
    else if (/\r\nTransfer-Encoding:[ \t]*chunked[ \t]*\r\n/i.test(head)) this.#chunked = new ChunkedBody();
    else this.#length = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  }

  #takeBody(part: Buffer): void {
    this.#chunked?.take(part);
    if (this.#kept < KEPT && part.length > 0) {
      const kept = Buffer.from(part.subarray(0, KEPT - this.#kept));
      this.#body.push(kept);
      this.#kept += kept.length;
    }
    this.bytes += part.length;
  }
}
