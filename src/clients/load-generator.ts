// The load generator: clients at full speed, each sends a request as soon as it has a reply (a closed loop).
// For `compare`, the sweep and the benchmark. One thread on node:net, which must cost less than a server.

import { connect, type Socket } from 'node:net';
import { head, type Outcome, outcomeOf, type ServerAddress } from './client.js';
import { ReplyReader } from './reply-reader.js';
import { Tally, type TallyFigures } from './tally.js';

export interface LoadOptions {
  /** Number of clients, each with one connection and one request at a time. */
  readonly connections: number;
  /** Whether a client keeps its connection, or makes a new one for each request. */
  readonly keepAlive: boolean;
  /** Seconds, or number of requests. Replies that are on their way are still awaited. */
  readonly seconds?: number;
  readonly requests?: number;
  /** Requests of the first seconds are not counted. */
  readonly settleSeconds?: number;
  readonly target?: string;
  /** Milliseconds that a client waits for its connection, and for a reply. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;
/** How often, in that time, a client checks whether it has waited too long. */
const LOOKS = 20;
/** The pause after a failure: without it, clients would try thousands of times a second when the server is gone. */
const PAUSE_MS = 10;

/** All clients share it: each looks at what it has read before the next one reads. */
const sharedBuffer = Buffer.alloc(64 * 1024);

/** Latencies count from a request's first byte, without the connect. `until` ends it at once. */
export async function generateLoad(
  where: ServerAddress,
  options: LoadOptions,
  until?: AbortSignal,
): Promise<TallyFigures> {
  const work = new Work(where, options);
  const clients = Array.from({ length: options.connections }, () => new LoadClient(work));
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const impatience = setInterval(() => {
    for (const client of clients) client.losePatience(patienceMs);
  }, patienceMs / LOOKS);
  const stop = (): void => {
    for (const client of clients) client.stop();
  };
  until?.addEventListener('abort', stop, { once: true });
  try {
    if (until?.aborted) stop();
    await Promise.all(clients.map(({ done }) => done));
    return work.tally.figures;
  } finally {
    clearInterval(impatience);
    until?.removeEventListener('abort', stop);
  }
}

/** A reply that came in one piece. Most are the same byte for byte, and are not parsed again. */
interface WholeReply {
  readonly bytes: Buffer;
  readonly reply: ReplyReader;
}

/** What all clients of a load share. */
class Work {
  readonly tally = new Tally();
  readonly where: ServerAddress;
  readonly keepAlive: boolean;
  readonly request: Buffer;
  lastReply: WholeReply | undefined;
  readonly #countFrom: number;
  readonly #end: number;
  #left: number;

  constructor(
    where: ServerAddress,
    { keepAlive, seconds, requests, settleSeconds = 0, target = '/' }: LoadOptions,
  ) {
    this.where = where;
    this.keepAlive = keepAlive;
    this.request = Buffer.from(head(target, where, keepAlive), 'latin1');
    this.#countFrom = performance.now() + settleSeconds * 1e3;
    this.#end = this.#countFrom + (seconds ?? Number.POSITIVE_INFINITY) * 1e3;
    this.#left = requests ?? Number.POSITIVE_INFINITY;
  }

  /** Whether there is another request to send. */
  take(now: number): boolean {
    return now < this.#end && this.#left-- > 0;
  }

  answered(askedAt: number, now: number): void {
    if (askedAt >= this.#countFrom) this.tally.answered((now - askedAt) * 1e3, now);
  }

  failed(askedAt: number, outcome: Outcome): void {
    if (askedAt >= this.#countFrom) this.tally.fail(outcome);
  }
}

/** One client: sends a request, waits for the reply, sends the next one. */
class LoadClient {
  readonly #work: Work;
  #socket: Socket | undefined;
  #isConnected = false;
  /** Its request has no outcome yet. */
  #isAsking = false;
  /** Its last request. */
  #hasFailed = false;
  /** Since when it has waited, by performance.now(): for its connection, its reply, or the server's close. */
  #since = 0;
  /** A reply that comes in pieces. */
  #reply: ReplyReader | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isStopped = false;
  #finish: () => void = () => {};
  /** Resolves when no requests are left and its connection is closed. */
  readonly done: Promise<void>;

  constructor(work: Work) {
    this.#work = work;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#next(performance.now());
  }

  losePatience(patienceMs: number): void {
    if (this.#socket === undefined || performance.now() - this.#since < patienceMs) return;
    this.#fail(this.#isConnected ? 'no reply in time' : 'not connected in time');
    this.#socket.destroy();
  }

  /** A request without a reply is not counted. */
  stop(): void {
    this.#isStopped = true;
    this.#isAsking = false;
    clearTimeout(this.#pause);
    if (this.#socket === undefined) this.#finish();
    else this.#socket.destroy();
  }

  #next(now: number): void {
    if (this.#isStopped || !this.#work.take(now)) return this.stop();
    this.#isAsking = true;
    this.#hasFailed = false;
    this.#since = now;
    if (this.#socket === undefined) this.#connect();
    else this.#socket.write(this.#work.request);
  }

  #connect(): void {
    const socket = connect({
      host: this.#work.where.address,
      port: this.#work.where.port,
      noDelay: true,
      onread: { buffer: sharedBuffer, callback: (bytes) => this.#onReadable(bytes) },
    });
    this.#socket = socket;
    socket.once('connect', () => {
      this.#isConnected = true;
      this.#since = performance.now();
      socket.write(this.#work.request);
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) =>
      this.#fail(outcomeOf(code, this.#isConnected)),
    );
    socket.once('close', () => this.#onClosed());
  }

  #onReadable(bytes: number): boolean {
    if (!this.#isAsking) return true; // it is closing
    const { lastReply } = this.#work;
    if (this.#reply === undefined && lastReply !== undefined && isSame(lastReply.bytes, bytes))
      this.#onReplied(lastReply.reply);
    else this.#read(sharedBuffer.subarray(0, bytes));
    return true;
  }

  #read(part: Buffer): void {
    const isFirst = this.#reply === undefined;
    this.#reply ??= new ReplyReader();
    const reply = this.#reply;
    reply.take(part);
    if (reply.malformed) return this.#abandon('not an HTTP reply');
    if (!reply.complete) return;
    if (reply.exceeded) return this.#abandon('more than a reply');
    if (isFirst) this.#work.lastReply = { bytes: Buffer.from(part), reply };
    this.#onReplied(reply);
  }

  /**
   * A connection that is not kept is closed by the server. So TIME-WAIT is on its side, and the clients do not run out of
   * ports (tcp(7)).
   */
  #onReplied(reply: ReplyReader): void {
    this.#count(reply);
    if (this.#work.keepAlive && !reply.closes) this.#next(this.#since);
  }

  #count({ status }: ReplyReader): void {
    const askedAt = this.#since;
    this.#since = performance.now();
    this.#reply = undefined;
    if (status !== 200) return this.#fail('not status 200', askedAt);
    this.#isAsking = false;
    this.#work.answered(askedAt, this.#since);
  }

  /** No use in reading further. */
  #abandon(outcome: Outcome): void {
    this.#fail(outcome);
    this.#socket!.destroy();
  }

  /** Only the first reason counts. */
  #fail(outcome: Outcome, askedAt = this.#since): void {
    if (!this.#isAsking) return;
    this.#isAsking = false;
    this.#hasFailed = true;
    this.#work.failed(askedAt, outcome);
  }

  #onClosed(): void {
    this.#socket = undefined;
    this.#isConnected = false;
    this.#reply?.end();
    if (this.#isAsking && this.#reply?.complete) this.#count(this.#reply);
    this.#fail('closed without a reply');
    this.#reply = undefined;
    if (this.#isStopped) this.#finish();
    else if (this.#hasFailed) this.#pause = setTimeout(() => this.#next(performance.now()), PAUSE_MS);
    else this.#next(performance.now());
  }
}

const isSame = (reply: Buffer, bytes: number): boolean =>
  bytes === reply.length && reply.compare(sharedBuffer, 0, bytes) === 0;
