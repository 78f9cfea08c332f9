// One client: connects, sends requests, reads replies as fast or as slowly as it should, and closes. It measures its own
// times and reports what happens to it. On node:net, because clients are not the lesson.

import { connect, type Socket } from 'node:net';
import { nowUs } from '../lifecycle/clock.js';
import type { FourTuple } from '../net/four-tuple.js';
import type { StateOf } from '../net/tcp-state.js';
import type { ClientCloseReason, Moment } from './events.js';
import { ReplyReader } from './reply-reader.js';

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

/** The kernel chooses what is left out (bind(2)). */
export interface SourceAddress {
  readonly address: string;
  readonly port?: number;
}

export interface ClientOptions {
  readonly from?: SourceAddress;
  /** Milliseconds to wait for the connection, and for each complete reply. Infinity: no limit. */
  readonly patienceMs?: number;
  /** Reads at most `bytes`, then pauses for `everyMs` milliseconds. */
  readonly read?: { readonly bytes: number; readonly everyMs: number };
  /** Tells a close from a reset that came with bytes before it: Node reports both as `end`. */
  readonly stateOf?: StateOf | undefined;
  /** Called when something happens. */
  readonly tell?: (moment: Moment) => void;
}

export interface Manner {
  /** Milliseconds between two bytes of the request's head. By default it is sent at once. */
  readonly sendEveryMs?: number;
  /** Keeps the connection for another request. */
  readonly keepAlive?: boolean;
}

/** How a request ended. All but `answered` are failures. */
export type Outcome =
  | 'answered'
  | 'not connected in time'
  | 'no reply in time'
  | 'refused'
  | 'reset'
  | 'closed without a reply'
  | 'not an HTTP reply'
  | 'not status 200'
  | 'more than a reply'
  | 'no address'
  | 'no descriptor'
  | 'unreachable';

export interface Exchange {
  readonly outcome: Outcome;
  readonly status?: number;
  readonly statusLine?: string;
  /** Bytes of the reply's body. */
  readonly bytes: number;
  /** Microseconds to the reply's last byte: for the first request since the connect, otherwise since the request. */
  readonly tookUs: number;
  /** Its beginning. */
  readonly body: string;
}

/** Why no reply will come. */
export interface ClientFailure {
  readonly outcome: Outcome;
  readonly call?: string;
  readonly errno?: string;
  /** How many requests on the same connection had a reply before; left out for none. */
  readonly replies?: number;
}

const PATIENCE_MS = 10_000;
const READ_BYTES = 64 * 1024;

/** All clients share it: each looks at what it has read before the next one reads. */
const sharedBuffer = Buffer.alloc(READ_BYTES);

export class Client {
  readonly #socket: Socket;
  readonly #where: ServerAddress;
  readonly #patienceMs: number;
  readonly #read: ClientOptions['read'];
  readonly #stateOf: StateOf;
  readonly #tell: (moment: Moment) => void;
  readonly #startedUs = nowUs();
  /** Bytes, until the next pause. */
  #mayRead = Number.POSITIVE_INFINITY;
  #pause: NodeJS.Timeout | undefined;
  #reply: ReplyReader | undefined;
  /** Called at each change: bytes came, the other side closed, something failed. */
  #onChange: () => void = () => {};
  #isConnected = false;
  #isClosed = false;
  #bytesIn = 0;
  #bytesOut = 0;
  #requests = 0;
  failure: ClientFailure | undefined;
  /** As this side sees it: its own address is the source. Undefined until it has one. */
  fourTuple: FourTuple | undefined;
  /** The descriptor; undefined if Node does not say. */
  fd: number | undefined;
  /** Resolves when the handshake is complete, or has failed. */
  readonly connected: Promise<Outcome | undefined>;
  /** Resolves when the server has closed its side, or nothing is left of the connection. */
  readonly peerClosed: Promise<void>;
  /** Resolves when nothing is left of the connection on this side. */
  readonly closed: Promise<void>;

  constructor(
    where: ServerAddress,
    { from, patienceMs = PATIENCE_MS, read, stateOf = () => undefined, tell = () => {} }: ClientOptions = {},
  ) {
    this.#where = where;
    this.#patienceMs = patienceMs;
    this.#read = read;
    this.#stateOf = stateOf;
    this.#tell = tell;
    if (read !== undefined) this.#mayRead = read.bytes;
    const socket = connect({
      host: where.address,
      port: where.port,
      noDelay: true,
      allowHalfOpen: true, // this client sends its FIN when it closes, not when the server does
      onread: {
        buffer: read === undefined ? sharedBuffer : () => this.#nextBuffer(read.bytes),
        callback: (bytes, buffer) => this.#onReadable(buffer.subarray(0, bytes) as Buffer),
      },
      ...(from === undefined ? {} : { localAddress: from.address, localPort: from.port ?? 0 }),
    });
    this.#socket = socket;
    // Node calls connect(2) in the next tick. Only then has the kernel chosen the source.
    process.nextTick(() => this.#onConnecting());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
    socket.once('close', () => this.#onClosed(this.#whyClosed));
    this.peerClosed = new Promise((resolve) => {
      socket.once('end', () => {
        this.#onPeerClosed();
        resolve();
      });
      socket.once('close', () => resolve());
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    this.connected = this.#handshake();
  }

  /** Never rejects: the outcome says what happened. */
  async ask(target: string, { sendEveryMs, keepAlive = false }: Manner = {}): Promise<Exchange> {
    const startedUs = this.#reply === undefined ? this.#startedUs : nowUs();
    const reply = new ReplyReader();
    this.#reply = reply;
    const over = this.#until(() => reply.complete || reply.malformed || this.failure !== undefined);
    if ((await this.connected) === undefined) {
      this.#requests++;
      const patience = this.#losePatience('reply', { outcome: 'no reply in time' });
      this.#send(head(target, this.#where, keepAlive), sendEveryMs, over);
      await over;
      clearTimeout(patience);
    }
    const { status, statusLine, bytes, body } = reply;
    return {
      outcome: this.#outcomeOf(reply),
      ...(status === undefined ? {} : { status, statusLine: statusLine! }),
      bytes,
      tookUs: (await over) - startedUs,
      body,
    };
  }

  /**
   * Closes this side, without waiting for what the server may still send. `reset`: with a RST instead of a FIN, so the
   * server knows that nothing more is read either (RFC 9293, section 3.10.7.4).
   */
  async close(reason: ClientCloseReason = 'replied', reset = false): Promise<void> {
    // Without a connection, Node would wait for one, to reset it.
    const withReset = reset && !this.#socket.connecting && !this.#socket.destroyed;
    if (withReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    this.#onClosed(reason, withReset);
    await this.closed;
  }

  #onConnecting(): void {
    this.#noteEnds();
    this.#tell({ event: 'connecting', address: this.#where.address, port: this.#where.port });
  }

  #noteEnds(): void {
    const { localAddress, localPort } = this.#socket;
    if (localAddress === undefined || localPort === undefined) return;
    this.fourTuple = [localAddress, localPort, this.#where.address, this.#where.port];
    this.fd = fdOf(this.#socket);
  }

  async #handshake(): Promise<Outcome | undefined> {
    const patience = this.#losePatience('connect', { outcome: 'not connected in time' });
    const connected = await new Promise<boolean>((resolve) => {
      this.#socket.once('connect', () => {
        this.#isConnected = true;
        this.#noteEnds();
        this.#tell({ event: 'connected' });
        resolve(true);
      });
      this.#socket.once('close', () => resolve(false));
    });
    clearTimeout(patience);
    return connected ? undefined : this.failure!.outcome;
  }

  #losePatience(waitingFor: 'connect' | 'reply', failure: ClientFailure): NodeJS.Timeout | undefined {
    if (this.#patienceMs === Number.POSITIVE_INFINITY) return undefined;
    return setTimeout(() => {
      this.#tell({ event: 'timed-out', waitingFor, seconds: this.#patienceMs / 1e3 });
      this.#fail(failure);
      if (waitingFor === 'connect') this.#socket.destroy();
    }, this.#patienceMs);
  }

  #send(text: string, everyMs: number | undefined, over: Promise<unknown>): void {
    if (everyMs === undefined) return this.#write(text);
    let sent = 0;
    const sendOne = (): void => {
      this.#write(text[sent++]!);
      if (sent === text.length) clearInterval(timer);
    };
    const timer = setInterval(sendOne, everyMs);
    sendOne();
    void over.then(() => clearInterval(timer)); // the server may answer or close before it has the whole request
  }

  #write(text: string): void {
    this.#socket.write(text, 'latin1', (error) => {
      if (error) return; // the socket reports it too
      this.#bytesOut += text.length;
      this.#tell({ event: 'sent', bytes: text.length, text });
    });
  }

  /** For a slow reader's next read: no longer than it may read now. */
  #nextBuffer(mostBytes: number): Buffer {
    return sharedBuffer.subarray(0, this.#mayRead > 0 ? this.#mayRead : mostBytes);
  }

  /** Whether to continue reading. What is not read stays in the kernel, until the server can send no more (tcp(7)). */
  #onReadable(part: Buffer): boolean {
    this.#bytesIn += part.length;
    this.#tell({ event: 'received', bytes: part.length });
    this.#reply?.take(part);
    this.#onChange();
    this.#mayRead -= part.length;
    if (this.#mayRead > 0) return true;
    this.#pause = setTimeout(() => {
      this.#mayRead = this.#read!.bytes;
      this.#socket.resume();
    }, this.#read!.everyMs);
    return false;
  }

  #onPeerClosed(): void {
    if (this.fourTuple !== undefined && this.#stateOf(this.fourTuple) === 'CLOSED') {
      this.#onError({ code: 'ECONNRESET', syscall: 'read' });
      return void this.close('reset');
    }
    this.#tell({ event: 'peer-closed' });
    this.#reply?.end();
    this.#fail({ outcome: 'closed without a reply' });
  }

  #onError({
    code: errno = 'an error',
    syscall: call = 'connect',
  }: Pick<NodeJS.ErrnoException, 'code' | 'syscall'>): void {
    const outcome = outcomeOf(errno, this.#isConnected);
    if (outcome === 'refused') this.#tell({ event: 'refused' });
    else if (this.#isConnected && outcome === 'reset') this.#tell({ event: 'reset' });
    else this.#tell({ event: 'failed', call, errno });
    this.#fail({ outcome, call, errno });
  }

  /** Only the first reason counts. */
  #fail(failure: ClientFailure): void {
    this.failure ??= failure;
    this.#onChange();
  }

  #onClosed(reason: ClientCloseReason, withReset = false): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#pause);
    this.#tell({
      event: 'closed',
      reason,
      ...(withReset ? { withReset } : {}),
      durationUs: Math.round(nowUs() - this.#startedUs),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      requests: this.#requests,
    });
    this.#fail({ outcome: 'closed without a reply' });
  }

  /** For a socket that Node has closed: a call on it failed, or it was never connected. */
  get #whyClosed(): ClientCloseReason {
    if (!this.#isConnected) return 'not-connected';
    return this.failure?.outcome === 'reset' ? 'reset' : 'error';
  }

  /** Resolves with the moment, in microseconds, when `done` was first seen to hold after a change. */
  #until(done: () => boolean): Promise<number> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (done()) resolve(nowUs());
      };
      this.#onChange();
    });
  }

  #outcomeOf(reply: ReplyReader): Outcome {
    if (reply.complete) return reply.status === 200 ? 'answered' : 'not status 200';
    if (reply.malformed) return 'not an HTTP reply';
    const { outcome } = this.failure!;
    const saidSomething = reply.status === undefined && reply.body !== '';
    return outcome === 'closed without a reply' && saidSomething ? 'not an HTTP reply' : outcome;
  }
}

/** A request: it is only a head. */
export function head(target: string, { address, port }: ServerAddress, keepAlive: boolean): string {
  const host = address.includes(':') ? `[${address.split('%')[0]}]` : address;
  const connection = keepAlive ? 'keep-alive' : 'close';
  return `GET ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: ${connection}\r\n\r\n`;
}

/** Node does not document it, and it is for show only. */
function fdOf(socket: Socket): number | undefined {
  const fd = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}

const OUTCOME_OF: Readonly<Partial<Record<string, Outcome>>> = {
  ECONNREFUSED: 'refused',
  EADDRNOTAVAIL: 'no address',
  EADDRINUSE: 'no address',
  EACCES: 'no address',
  EMFILE: 'no descriptor',
  ENFILE: 'no descriptor',
  ETIMEDOUT: 'no reply in time',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
};

/** The outcome of a request when a call on its socket failed. */
export const outcomeOf = (errno: string, isConnected: boolean): Outcome =>
  OUTCOME_OF[errno] ?? (isConnected ? 'reset' : 'unreachable'); // such as EINVAL and EAFNOSUPPORT, see connect(2)
