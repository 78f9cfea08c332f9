// A client that does just what a test tells it to, on a real socket.

import { once } from 'node:events';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { whenTestsEnd } from './cleanup.js';

export class Client {
  readonly socket: Socket;
  /** Its own. */
  port = 0;
  /** All that has come so far, a character for each byte. */
  text = '';
  #waiting: (() => void)[] = [];
  /** Resolves when the connection is over, with the error's code where there was one. */
  readonly closed: Promise<string | undefined>;
  /** Resolves when the server has closed its side. */
  readonly ended: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1');
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
    this.ended = new Promise((resolve) => {
      socket.once('end', resolve);
      socket.once('close', resolve);
    });
    const isOver = whenTestsEnd(() => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        isOver();
        resolve(code);
      });
    });
  }

  static async connect(port: number, options: Partial<TcpNetConnectOpts> = {}): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...options });
    const client = new Client(socket);
    await once(socket, 'connect');
    client.port = socket.localPort!;
    return client;
  }

  send(text: string | Buffer): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves when so many bytes have come. */
  async receive(bytes: number): Promise<void> {
    while (this.text.length < bytes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when this text has come. */
  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Everything the server sent, when it has closed. Closes this side too. */
  async rest(): Promise<string> {
    await this.ended;
    this.socket.end();
    await this.closed;
    return this.text;
  }

  /** Tears the connection down with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** Sends a request and gives the whole reply, up to the close. */
export async function ask(
  port: number,
  request: string,
  options: Partial<TcpNetConnectOpts> = {},
): Promise<string> {
  const client = await Client.connect(port, options);
  client.send(request);
  return client.rest();
}

/** The request that a client of no special wishes sends. */
export const get = (target: string, fields = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;

export const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(reply)?.[1]);
export const bodyOf = (reply: string): string => reply.slice(reply.indexOf('\r\n\r\n') + 4);

/** The whole reply to `get('/')`. */
export const HELLO =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\nConnection: close\r\n\r\nHello, world!';
