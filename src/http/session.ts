// The protocol of one connection, without I/O: bytes go in; out come the next request, its reply, and what happens then.
// What the server waits for, and for how long, is decided here, once for every model.

import { performance } from 'node:perf_hooks';
import type { ConnectionFacts } from './connection-page.js';
import type { Handler } from './handler.js';
import { makeReply, Outbox, type Reply } from './reply.js';
import type { BadRequest, Request } from './request.js';
import { RequestReader } from './request-reader.js';

export interface SessionRules {
  /** Never close after the reply: the post's experiment. */
  readonly keepOpen: boolean;
  readonly limits: {
    /** Seconds; 0 is no limit. */
    readonly headTimeout: number;
    readonly idleTimeout: number;
    readonly sendTimeout: number;
    /** Bytes. */
    readonly maxHead: number;
  };
}

/** In milliseconds that only grow. */
export interface Clock {
  readonly now: number;
}

const CLOCK: Clock = {
  get now() {
    return performance.now();
  },
};

/** What the server waits for: a request's head, a next request, a client that reads, the client's own close. */
export type Awaited = 'head' | 'idle' | 'send' | 'linger';

/** What becomes of the connection when the reply is sent. */
export type Afterwards = 'keep' | 'close' | 'linger' | 'leave-open';

/** A lingering close reads and drops what still comes, up to these limits. */
const LINGER_MS = 2_000;
const LINGER_BYTES = 64 * 1024 * 1024;

export class Session {
  /** The request that is being answered. */
  request: Request | BadRequest | undefined;
  /** What of the reply is still to be sent. */
  readonly outbox = new Outbox();
  awaiting: Awaited = 'head';
  /** How long the request asks to sleep before its reply is sent, in milliseconds. */
  sleepMs = 0;
  /** How much CPU time it asks for, in milliseconds. */
  computeMs = 0;

  readonly #inbox: RequestReader;
  readonly #handle: Handler;
  readonly #keepOpen: boolean;
  readonly #limits: SessionRules['limits'];
  readonly #clock: Clock;
  #afterwards: Reply['afterwards'] = 'close';
  /** In milliseconds of the clock; 0 until it is first asked for. */
  #deadline = 0;
  #hasWaited = false;
  #headBegun = false;
  /** The reply went out in more than one piece. */
  #long = false;
  #sentBytes = 0;
  #takenBytes = 0;
  #droppedBytes = 0;

  constructor({ keepOpen, limits }: SessionRules, handle: Handler, clock = CLOCK) {
    this.#inbox = new RequestReader(limits.maxHead);
    this.#handle = handle;
    this.#keepOpen = keepOpen;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Starts again, with the next connection. */
  open(): void {
    this.#inbox.reset();
    this.outbox.clear();
    this.request = undefined;
    this.#headBegun = false;
    this.#await('head');
  }

  /** Takes the first `length` bytes of `buffer`, and borrows it until {@link next} is false or {@link suspend}. */
  received(buffer: Buffer, length: number): void {
    this.#inbox.push(buffer, length);
  }

  /** Whether a whole request has come. Then it is {@link request}, and an answer is due. */
  next(): boolean {
    this.request = this.#inbox.next();
    if (this.request !== undefined) return true;
    if (this.#inbox.pending && !this.#headBegun) this.#beginHead();
    return false;
  }

  /** The head's time begins with its first byte. Empty lines count too, or a client could send them forever. */
  #beginHead(): void {
    this.#headBegun = true;
    this.#await('head');
    this.#startTime();
  }

  /** Keeps a copy of what was received: another connection is about to use the buffer. */
  suspend(): void {
    this.#inbox.keep();
  }

  /** Asks the handler. `describe` is called only if the reply shows the connection. */
  answer(describe: () => ConnectionFacts): void {
    const reply = this.#handle(this.request!, describe);
    this.outbox.put(reply);
    this.sleepMs = reply.sleepMs;
    this.computeMs = reply.computeMs;
    this.#afterwards = reply.afterwards;
    this.#long = false;
    this.#sentBytes = this.#takenBytes = 0;
    this.#await('send');
  }

  /** In place of the handler's reply: the server has no room for what the request asks for. */
  unavailable(): void {
    const body = 'Too many computations wait for a worker. Try again in a second.\n';
    const request = this.request?.kind === 'request' ? this.request : undefined;
    const reply = makeReply({ status: 503, body, headers: ['Retry-After: 1'] }, this.#afterwards, request);
    this.outbox.put(reply);
    this.computeMs = 0;
  }

  /** send(2) took this many bytes. */
  sent(bytes: number): void {
    this.outbox.sent(bytes);
    this.#sentBytes += bytes;
    if (!this.outbox.empty) this.#long = true;
  }

  /**
   * This many of the sent bytes are still in the kernel (tcp(7), SIOCOUTQ). If the client has taken some since the last
   * call, its time starts again: slow is not stuck.
   */
  unsent(bytes: number): void {
    const taken = this.#sentBytes - bytes;
    if (taken <= this.#takenBytes) return;
    this.#takenBytes = taken;
    this.#restart();
  }

  /** What to do now that the reply is sent. */
  afterwards(): Afterwards {
    if (this.#afterwards === 'keep') {
      this.#headBegun = this.#inbox.pending;
      this.#await(this.#headBegun ? 'head' : 'idle');
      return 'keep';
    }
    if (this.#keepOpen) return 'leave-open';
    return this.#afterwards === 'linger' || this.#long || this.#inbox.pending ? this.linger() : 'close';
  }

  /**
   * The close in stages of RFC 9112, section 9.6. A close with unread bytes makes the kernel reset the connection, and
   * what the client has not taken yet is lost. So the server says that it has no more to send, then reads and drops
   * what still comes.
   */
  linger(): 'linger' {
    this.#droppedBytes = 0;
    this.#await('linger');
    this.#startTime();
    return 'linger';
  }

  dropped(bytes: number): void {
    this.#droppedBytes += bytes;
  }

  /** Nothing more will come. */
  lingered(): void {
    this.#droppedBytes = LINGER_BYTES;
  }

  /** The client has closed or sent too much, or its time is up. */
  get lingeredEnough(): boolean {
    return this.#droppedBytes >= LINGER_BYTES || this.overdue;
  }

  /** The client has said that it sends no further request ("close", RFC 9112, section 9.6; HTTP/1.0). */
  get saidLast(): boolean {
    return this.request?.kind === 'request' && !this.request.keepAlive;
  }

  /** Known before the reply is sent: with what was received until now, the connection is closed after it. */
  get endsWithReply(): boolean {
    const { last } = this.outbox;
    return this.#afterwards === 'close' && last && !this.#keepOpen && !this.#long && !this.#inbox.pending;
  }

  /** Why the connection is closed after this reply. */
  get reason(): 'replied' | 'bad-request' {
    return this.request?.kind === 'bad-request' ? 'bad-request' : 'replied';
  }

  /**
   * When the client's time is up, in milliseconds of the clock; Infinity where it has no limit. The time begins when
   * this is first asked for, so no client pays for a busy server.
   */
  get deadline(): number {
    if (this.#deadline === 0) this.#startTime();
    return this.#deadline;
  }

  /**
   * How long the client may still take, in milliseconds. The first wait has all of it, without a look at
   * the clock: in a thread that sleeps most of the time, that look takes a tenth of a short request.
   */
  get patience(): number {
    const first = !this.#hasWaited && this.#deadline === 0;
    this.#hasWaited = true;
    return first ? this.#limit() : this.deadline - this.#clock.now;
  }

  /** A thread that has not looked at the clock has waited as long as {@link patience} said. */
  get overdue(): boolean {
    if (this.#hasWaited && this.#deadline === 0) return this.#limit() !== Number.POSITIVE_INFINITY;
    return this.deadline <= this.#clock.now;
  }

  #limit(): number {
    switch (this.awaiting) {
      case 'head':
        return limitMs(this.#limits.headTimeout);
      case 'idle':
        return limitMs(this.#limits.idleTimeout);
      case 'send':
        return limitMs(this.#limits.sendTimeout);
      case 'linger':
        return LINGER_MS;
    }
  }

  #await(what: Awaited): void {
    this.awaiting = what;
    this.#restart();
  }

  #startTime(): void {
    this.#deadline = this.#clock.now + this.#limit();
  }

  #restart(): void {
    this.#deadline = 0;
    this.#hasWaited = false;
  }
}

/** Of a limit in seconds; 0 is none. */
function limitMs(seconds: number): number {
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
}
