// One client: connects, asks when it is told to, reads its reply as fast or as slowly as it is told to, and closes.
// On node:net, for clients are not the lesson; each measures its own times.

import { connect, type Socket } from 'node:net';
import type { FourTuple } from '../net/four-tuple.js';
import { ReplyReader } from './reply-reader.js';

export interface Where {
  readonly address: string;
  readonly port: number;
}

export interface ClientOptions {
  /** The address to come from, and the port; the kernel chooses what is left out (bind(2)). */
  readonly from?: { readonly address: string; readonly port?: number };
  /** Milliseconds that it waits: to be connected, and for each whole reply. */
  readonly patienceMs?: number;
}

export interface Manner {
  /** The request's head goes out a byte at a time, one every so many milliseconds. */
  readonly sendEveryMs?: number;
  /** So many bytes of the reply are read every so many milliseconds. */
  readonly read?: { readonly bytes: number; readonly everyMs: number };
  /** The connection is to be kept for a next request. */
  readonly keepAlive?: boolean;
}

/** How a request ended. All but `answered` are failures. */
export const OUTCOMES = [
  'answered',
  'no reply in time',
  'refused',
  'reset',
  'closed without a reply',
  'not status 200',
  'no address',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Answer {
  readonly outcome: Outcome;
  readonly status?: number;
  /** Bytes of the reply's body. */
  readonly bytes: number;
  /** Microseconds to the reply's last byte: from the connect for the first request, otherwise from the asking. */
  readonly tookUs: number;
  readonly body: string;
}

const PATIENCE_MS = 10_000;

export class Client {
  readonly #socket: Socket;
  readonly #where: Where;
  readonly #patienceMs: number;
  #startedAt = performance.now();
  #failed: Outcome | undefined;
  #reply: ReplyReader | undefined;
  /** To be called at each change: connected, bytes came, the other side closed. */
  #onChange: () => void = () => {};
  /** Resolves when the kernel has completed the handshake, or it is clear that it won't. */
  readonly connected: Promise<Outcome | undefined>;
  /** Resolves when nothing is left of the connection on this side. */
  readonly closed: Promise<void>;
  /** Resolves when the server has closed its side. */
  readonly peerClosed: Promise<void>;

  constructor(where: Where, { from, patienceMs = PATIENCE_MS }: ClientOptions = {}) {
    this.#where = where;
    this.#patienceMs = patienceMs;
    const socket = connect({
      host: where.address,
      port: where.port,
      noDelay: true,
      allowHalfOpen: true,
      ...(from === undefined ? {} : { localAddress: from.address, localPort: from.port ?? 0 }),
    });
    this.#socket = socket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#failed ??= outcomeOf(error.code);
      this.#onChange();
    });
    socket.on('data', (bytes: Buffer) => {
      this.#reply?.take(bytes);
      this.#onChange();
    });
    this.peerClosed = new Promise((resolve) => {
      socket.once('end', () => {
        this.#failed ??= 'closed without a reply';
        this.#onChange();
        resolve();
      });
      socket.once('close', () => resolve());
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#failed ??= 'closed without a reply';
        this.#onChange();
        resolve();
      });
    });
    this.connected = new Promise((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('close', () => resolve(this.#failed));
    });
  }

  /** As this side sees it, so its own address is the source; undefined before the handshake is complete. */
  get fourTuple(): FourTuple | undefined {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket;
    if (localAddress === undefined || remoteAddress === undefined) return undefined;
    return [localAddress, localPort!, remoteAddress, remotePort!];
  }

  async ask(target: string, manner: Manner = {}): Promise<Answer> {
    if (this.#reply !== undefined) this.#startedAt = performance.now();
    const reply = new ReplyReader();
    this.#reply = reply;
    const deadline = setTimeout(() => {
      this.#failed ??= 'no reply in time';
      this.#onChange();
    }, this.#patienceMs);
    const over = this.#until(() => reply.complete);
    const stopReading = manner.read === undefined ? () => {} : this.#readSlowly(manner.read);
    await this.#send(head(target, this.#where, manner.keepAlive ?? false), manner.sendEveryMs);
    await over;
    clearTimeout(deadline);
    stopReading();
    return {
      outcome: !reply.complete
        ? (this.#failed ?? 'reset')
        : reply.status === 200
          ? 'answered'
          : 'not status 200',
      ...(reply.status === undefined ? {} : { status: reply.status }),
      bytes: reply.bytes,
      tookUs: (performance.now() - this.#startedAt) * 1e3,
      body: reply.body,
    };
  }

  /** Closes this side; what the server may still send is not waited for. */
  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.destroy();
    await this.closed;
  }

  async #until(done: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onChange = () => {
        if (done() || this.#failed !== undefined) resolve();
      };
      this.#onChange();
    });
    this.#onChange = () => {};
  }

  async #send(text: string, everyMs: number | undefined): Promise<void> {
    if (everyMs === undefined) {
      this.#socket.write(text);
      return;
    }
    for (const byte of text) {
      if (this.#failed !== undefined) return;
      this.#socket.write(byte);
      await sleep(everyMs);
    }
  }

  /** What is not read stays in the kernel, whose buffers fill until the server can send no more (tcp(7)). */
  #readSlowly({ bytes, everyMs }: { bytes: number; everyMs: number }): () => void {
    let taken = 0;
    const onData = (part: Buffer): void => {
      taken += part.length;
      if (taken >= bytes) this.#socket.pause();
    };
    const timer = setInterval(() => {
      taken = 0;
      this.#socket.resume();
    }, everyMs);
    this.#socket.on('data', onData);
    return () => {
      clearInterval(timer);
      this.#socket.off('data', onData);
      this.#socket.resume();
    };
  }
}

/** Asks once on a connection of its own, and closes it. */
export async function askOnce(
  where: Where,
  target: string,
  options: ClientOptions & Manner = {},
): Promise<Answer> {
  const client = new Client(where, options);
  const answer = await client.ask(target, options);
  await client.close();
  return answer;
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

function head(target: string, { address, port }: Where, keepAlive: boolean): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const connection = keepAlive ? 'keep-alive' : 'close';
  return `GET ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: ${connection}\r\n\r\n`;
}

function outcomeOf(code: string | undefined): Outcome {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
    case 'EMFILE':
      return 'no address';
    case 'ETIMEDOUT':
      return 'no reply in time';
    default:
      return 'reset';
  }
}
