// A reply as bytes, and the part of it that is still to be sent.
// The handler makes replies; each model sends them in its own way and asks the Outbox for the next piece.

import { statusText } from './reasons.js';
import type { Request } from './request.js';

export interface Reply {
  readonly status: number;
  /** The head and, where it is short, the body. */
  readonly bytes: Uint8Array;
  /** Body bytes that follow, cut from {@link FILLER} so that a reply of any size takes no memory. */
  readonly fillerBytes: number;
  /** What the server does before it sends: sleep, or burn CPU, in milliseconds. */
  readonly sleepMs: number;
  readonly computeMs: number;
  /** What becomes of the connection. `linger`: the client may still be sending (see Session.linger). */
  readonly afterwards: 'keep' | 'close' | 'linger';
}

export interface ReplyParts {
  readonly status: number;
  readonly body: string;
  readonly type?: 'text/plain' | 'text/html';
  readonly fillerBytes?: number;
  readonly sleepMs?: number;
  readonly computeMs?: number;
  readonly headers?: readonly string[];
}

/**
 * Puts the head before the body (RFC 9112, section 4). The reply to HEAD has the body's length, and no body.
 * No Date is sent, so that the same request always gives the same bytes.
 */
export function makeReply(parts: ReplyParts, afterwards: Reply['afterwards'], request?: Request): Reply {
  const {
    status,
    body,
    type = 'text/plain',
    fillerBytes = 0,
    sleepMs = 0,
    computeMs = 0,
    headers = [],
  } = parts;
  const head = [
    `HTTP/1.1 ${statusText(status)}`,
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body) + fillerBytes}`,
    ...headers,
  ];
  if (afterwards !== 'keep') head.push('Connection: close');
  else if (request?.version === 'HTTP/1.0') head.push('Connection: keep-alive');
  const headOnly = request?.method === 'HEAD';
  return {
    status,
    bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${headOnly ? '' : body}`),
    fillerBytes: headOnly ? 0 : fillerBytes,
    sleepMs,
    computeMs,
    afterwards,
  };
}

const PATTERN = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n';

/** 64 KiB of a 64-byte line, over and over: byte i of a filler body is byte i % 64 of the line. */
export const FILLER: Uint8Array = Buffer.from(PATTERN.repeat(1024));

const NOTHING = new Uint8Array(0);

/** What is still to be sent of one reply. send(2) may take less than it is given; {@link sent} says how much. */
export class Outbox {
  /** The bytes to hand to send(2) now; empty when all are sent. */
  chunk: Uint8Array = NOTHING;
  /** The status of the reply. */
  status = 0;
  #fillerLeft = 0;
  #fillerAt = 0;

  get empty(): boolean {
    return this.chunk.length === 0;
  }

  /** Whether the reply is out when the chunk is. */
  get last(): boolean {
    return this.#fillerLeft === 0;
  }

  put(reply: Reply): void {
    this.chunk = reply.bytes;
    this.status = reply.status;
    this.#fillerLeft = reply.fillerBytes;
    this.#fillerAt = 0;
  }

  sent(bytes: number): void {
    if (bytes < this.chunk.length) {
      this.chunk = this.chunk.subarray(bytes);
      return;
    }
    if (this.#fillerLeft === 0) {
      this.chunk = NOTHING;
      return;
    }
    const length = Math.min(this.#fillerLeft, FILLER.length - this.#fillerAt);
    this.chunk = FILLER.subarray(this.#fillerAt, this.#fillerAt + length);
    this.#fillerLeft -= length;
    this.#fillerAt = (this.#fillerAt + length) % PATTERN.length;
  }

  /** Forgets what was not sent. */
  clear(): void {
    this.chunk = NOTHING;
    this.#fillerLeft = 0;
  }
}
