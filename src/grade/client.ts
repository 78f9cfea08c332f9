// One client of a check: sends what the check wants, and says how the reply came, or why it did not. On node:net.
// Unlike clients/client.ts it decides over each byte, its FIN and its RST.

import { connect, type Socket } from 'node:net';
import type { ServerAddress } from '../clients/client.js';
import { ReplyReader } from '../clients/reply-reader.js';
import { SO_LINGER, SOL_SOCKET } from '../posix/constants.js';
import { systemCalls } from '../posix/system-calls.js';

/** How a reply came to its end. `open`: it has not. */
export type ReplyEnding = 'open' | 'whole' | 'closed' | 'reset' | 'refused' | 'not connected';

export interface Received {
  readonly ending: ReplyEnding;
  /** All bytes that came. */
  readonly bytes: number;
  /** Of an HTTP reply. */
  readonly status: number | undefined;
  /** Bytes of its body. */
  readonly bodyBytes: number;
  /** The beginning of what came, or of the body of an HTTP reply. */
  readonly text: string;
}

export type Protocol = 'http' | 'plain';

/** A plain reply is kept so far, for the text that it must contain. */
const KEPT = 64 * 1024;

/** struct linger: on, 0 seconds. The next close(2) sends a RST, also after a FIN (socket(7)). */
const LINGER_OFF_AT_ONCE = new Uint8Array(Int32Array.of(1, 0).buffer);

export class GradeClient {
  /** Such as `silent client 2`, for sentences. */
  readonly name: string;
  readonly #socket: Socket;
  readonly #protocol: Protocol;
  readonly #reader = new ReplyReader();
  #plain = '';
  #ending: ReplyEnding = 'open';
  #isConnected = false;
  #onChange: () => void = () => {};
  bytesIn = 0;
  /** Its own. 0 until it has one. */
  port = 0;

  constructor(where: ServerAddress, name: string, protocol: Protocol) {
    this.name = name;
    this.#protocol = protocol;
    const socket = connect({ host: where.address, port: where.port, noDelay: true, allowHalfOpen: true });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#isConnected = true;
      this.port = socket.localPort ?? 0;
      this.#onChange();
    });
    socket.on('data', (part) => this.#take(part));
    socket.on('end', () => this.#onEnd());
    socket.on('error', ({ code }: NodeJS.ErrnoException) => this.#end(this.#endingBy(code)));
    socket.on('close', () => this.#end('closed'));
  }

  /** Whether it is connected, within so many milliseconds. */
  async connected(withinMs: number): Promise<boolean> {
    await this.#until(() => this.#isConnected || this.#ending !== 'open', withinMs);
    if (!this.#isConnected && this.#ending === 'open') this.#end('not connected');
    return this.#isConnected && this.#ending !== 'refused';
  }

  get isOpen(): boolean {
    return this.#ending === 'open' || this.#ending === 'whole';
  }

  send(bytes: string | Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** shutdown(2) of this side, after what was sent. Resolves when it is done. */
  async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.end(() => resolve());
      this.#socket.once('close', () => resolve());
    });
  }

  /** After the first bytes, what comes stays in the kernel. */
  pauseAfterFirst(): void {
    this.#socket.once('data', () => this.#socket.pause());
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A RST, after whatever was sent, a FIN too: node:net itself sends none after a FIN, and does not document its fd. */
  reset(): void {
    const { fd = -1 } = (this.#socket as unknown as { _handle?: { fd?: number } })._handle ?? {};
    if (fd >= 0) systemCalls.setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER_OFF_AT_ONCE, 8);
    this.#socket.destroy();
  }

  /** What has come within so many milliseconds, and sooner where `enough` of it has come or nothing more will. */
  async reply(withinMs: number, enough: () => boolean = () => this.#ending !== 'open'): Promise<Received> {
    await this.#until(() => enough() || this.#ending !== 'open', withinMs);
    if (!this.#isConnected && this.#ending === 'open') this.#end('not connected');
    const { status, bytes, body } = this.#reader;
    const isHttp = status !== undefined;
    return {
      ending: this.#ending,
      bytes: this.bytesIn,
      status,
      bodyBytes: isHttp ? bytes : this.bytesIn,
      text: this.#protocol === 'http' && isHttp ? body : this.#plain,
    };
  }

  #take(part: Buffer): void {
    this.bytesIn += part.length;
    if (this.#plain.length < KEPT) this.#plain += part.toString('utf8', 0, KEPT - this.#plain.length);
    if (this.#protocol === 'http') this.#reader.take(part);
    if (this.#protocol === 'http' && this.#reader.complete) this.#end('whole');
    this.#onChange();
  }

  #onEnd(): void {
    this.#reader.end();
    const isWhole = this.#protocol === 'plain' ? this.bytesIn > 0 : this.#reader.complete;
    this.#end(isWhole ? 'whole' : 'closed');
  }

  #endingBy(code: string | undefined): ReplyEnding {
    if (this.#isConnected) return 'reset';
    return code === 'ECONNREFUSED' ? 'refused' : 'not connected';
  }

  /** Only the first counts. */
  #end(ending: ReplyEnding): void {
    if (this.#ending === 'open') this.#ending = ending;
    this.#onChange();
  }

  async #until(done: () => boolean, withinMs: number): Promise<void> {
    if (done()) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onChange = () => done() && resolve();
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
    this.#onChange = () => {};
  }
}
