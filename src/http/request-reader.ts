// Cuts the bytes of one connection into requests: pieces of any size go in, whole requests come out, in order.
// Each model feeds one of these per connection, and asks it what to answer next. It does no I/O.

import { CR, LF, lineFeedIn } from './bytes.js';
import { type BadRequest, bad, parseHead, type Request } from './request.js';

const NOTHING = Buffer.alloc(0);

/** The first byte of a ClientHello (RFC 8446, section 5.1). It has no line end, and no method begins with this byte. */
const TLS_HANDSHAKE = 0x16;
const NOT_HTTPS = bad(
  400,
  'This is a TLS handshake, and this server does not speak TLS. Ask with http:// instead of https://.',
);

/**
 * Between {@link push} and the next system call the bytes stay in the caller's receive buffer: a request that came
 * whole, as most do, is parsed where it lies. {@link next} copies what is left only when it has to wait for more.
 */
export class RequestReader {
  readonly #maxHead: number;
  #bytes: Buffer = NOTHING;
  /** Where the request that comes next begins, how far it was searched, and where the bytes end. */
  #start = 0;
  #searched = 0;
  #end = 0;
  #borrowed = false;
  #failed = false;

  /** @param maxHead bytes in a head, more is answered 431; half of them in the request line, more is answered 414 */
  constructor(maxHead: number) {
    this.#maxHead = maxHead;
  }

  /** Whether there are bytes that belong to no request yet. */
  get pending(): boolean {
    return this.#end > this.#start;
  }

  /** Ready for the next connection. */
  reset(): void {
    this.#bytes = NOTHING;
    this.#start = this.#searched = this.#end = 0;
    this.#borrowed = this.#failed = false;
  }

  /** Takes the first `length` bytes of `buffer`, and borrows it until {@link next} has returned undefined. */
  push(buffer: Buffer, length: number): void {
    if (this.#failed) return;
    if (!this.pending) {
      this.#bytes = buffer;
      this.#start = this.#searched = 0;
      this.#end = length;
      this.#borrowed = true;
      return;
    }
    const kept = this.#end - this.#start;
    const joined = Buffer.allocUnsafe(kept + length);
    this.#bytes.copy(joined, 0, this.#start, this.#end);
    buffer.copy(joined, kept, 0, length);
    this.#searched -= this.#start;
    this.#start = 0;
    this.#end = joined.length;
    this.#bytes = joined;
    this.#borrowed = false;
  }

  /** The next request; undefined where more bytes are needed first. After a BadRequest there is none. */
  next(): Request | BadRequest | undefined {
    if (this.#failed) return undefined;
    if (!this.pending) {
      this.#borrowed = false;
      return undefined;
    }
    this.#skipEmptyLines();
    if (this.pending && this.#bytes[this.#start] === TLS_HANDSHAKE) return this.#fail(NOT_HTTPS);
    const headEnd = this.#endsWithHead() ? this.#end : this.#findHeadEnd();
    const problem = this.#overLimit(headEnd);
    if (problem !== undefined) return this.#fail(problem);
    if (headEnd < 0) {
      this.keep();
      return undefined;
    }
    const request = parseHead(this.#bytes, this.#start, headEnd);
    if (request.kind === 'bad-request') return this.#fail(request);
    this.#start += request.headBytes;
    this.#searched = this.#start;
    return request;
  }

  /** Copies what is left out of the borrowed buffer, which the caller is about to use for something else. */
  keep(): void {
    if (!this.#borrowed) return;
    this.#bytes = this.pending ? Buffer.from(this.#bytes.subarray(this.#start, this.#end)) : NOTHING;
    this.#searched -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    this.#borrowed = false;
  }

  #fail(problem: BadRequest): BadRequest {
    this.reset();
    this.#failed = true;
    return problem;
  }

  /** Empty lines before a request are passed over (RFC 9112, section 2.2). */
  #skipEmptyLines(): void {
    while (this.#start < this.#end) {
      const byte = this.#bytes[this.#start];
      if (byte === LF) this.#start++;
      else if (byte === CR && this.#start + 1 < this.#end && this.#bytes[this.#start + 1] === LF)
        this.#start += 2;
      else break;
    }
    if (this.#searched < this.#start) this.#searched = this.#start;
  }

  /** Most requests are short and come whole. Then the parser finds the end of the head. */
  #endsWithHead(): boolean {
    const end = this.#end;
    const length = end - this.#start;
    if (this.#searched !== this.#start || length < 3 || length > this.#maxHead >> 1) return false;
    if (this.#bytes[end - 1] !== LF) return false;
    return this.#bytes[end - 2] === LF || (this.#bytes[end - 2] === CR && this.#bytes[end - 3] === LF);
  }

  /** The index after the first empty line, or -1. Each byte is looked at once, however small the pieces are. */
  #findHeadEnd(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let lineFeed = lineFeedIn(bytes, this.#searched, end);
    while (lineFeed >= 0) {
      let next = lineFeed + 1;
      if (next < end && bytes[next] === CR) next++;
      if (next >= end) break; // the line after this one is not here yet: look at it again from this line feed
      if (bytes[next] === LF) return next + 1;
      this.#searched = next;
      lineFeed = lineFeedIn(bytes, next, end);
    }
    this.#searched = lineFeed >= 0 ? lineFeed : end;
    return -1;
  }

  #overLimit(headEnd: number): BadRequest | undefined {
    const lineBytes = this.#maxHead >> 1;
    const length = (headEnd < 0 ? this.#end : headEnd) - this.#start;
    if (length <= lineBytes) return undefined;
    const lineFeed = lineFeedIn(this.#bytes, this.#start, this.#end);
    const line = (lineFeed < 0 ? this.#end : lineFeed + 1) - this.#start;
    if (line > lineBytes) return bad(414, `The request line is larger than ${lineBytes} bytes.`);
    if (length <= this.#maxHead) return undefined;
    return bad(431, `The request head is larger than ${this.#maxHead} bytes.`);
  }
}
