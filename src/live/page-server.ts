// Serves one page and its stream of messages to browsers: on loopback by default, to no other origin, and without
// waiting for a browser that does not read (HTML, 9.2, Server-sent events).

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Feed, Message } from './feed.js';

/** More pages than these are turned away. */
const MOST_WATCHERS = 64;
/** Bytes that may wait for a page. It begins anew when it reads again. */
const MOST_WAITING = 4 * 1024 * 1024;
/** Requests of the page to all servers that may wait for their replies. */
const MOST_UNDER_WAY = 30;
const REQUEST_TIMEOUT_MS = 10_000;

/** Requests a target of every server, and resolves when all have replied or failed. */
export type Send = (target: string) => Promise<void>;

export class PageServer {
  readonly #server: Server;
  readonly #feed: Feed;
  readonly #html: string;
  readonly #send: Send | undefined;
  /** Requests that were sent and have no reply yet. */
  #underWay = 0;
  readonly #watchers = new Set<Subscriber>();

  /** Throws the error of listen(2). Port 0 takes a free one. `send`: for the feed's targets. */
  static async listen(html: string, feed: Feed, port: number, send?: Send): Promise<PageServer> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return new PageServer(server, html, feed, send);
  }

  private constructor(server: Server, html: string, feed: Feed, send: Send | undefined) {
    this.#server = server;
    this.#html = html;
    this.#feed = feed;
    this.#send = send;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends the last messages. Pages that still read get them; the others are cut off. */
  async close(): Promise<void> {
    this.#feed.close();
    for (const watcher of this.#watchers) watcher.end();
    this.#server.close();
    await new Promise((resolve) => setImmediate(resolve));
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', "frame-ancestors 'none'"); // the page itself has the rest
    const refusal = refusalOf(request, this.#send !== undefined || this.#feed.isPaced);
    if (refusal !== undefined) return refuse(response, ...refusal);
    const { pathname, searchParams } = new URL(request.url!, 'http://page');
    if (request.method === 'POST' && pathname === '/pace') {
      if (this.#feed.changePace(searchParams.get('change'))) done(response);
      else refuse(response, 404, 'This page cannot change the pace so.');
    } else if (request.method === 'POST') {
      this.#sendToAll(pathname === '/send' ? searchParams.get('target') : null, response);
    } else if (pathname === '/') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(this.#html);
    } else if (pathname === '/events') {
      this.#watch(response);
    } else {
      refuse(response, 404, 'There is no such page here.');
    }
  }

  #sendToAll(target: string | null, response: ServerResponse): void {
    if (this.#send === undefined || target === null || !this.#feed.targets.includes(target))
      return refuse(response, 404, 'This page cannot send that.');
    if (this.#underWay >= MOST_UNDER_WAY)
      return refuse(
        response,
        429,
        `${MOST_UNDER_WAY} requests wait for their replies already. Try again later.`,
      );
    this.#underWay++;
    void this.#send(target).finally(() => this.#underWay--);
    done(response);
  }

  #watch(response: ServerResponse): void {
    if (this.#watchers.size >= MOST_WATCHERS)
      return refuse(response, 503, `${MOST_WATCHERS} pages watch already. Close one of them.`);
    response.setHeader('Content-Type', 'text/event-stream');
    const watcher = new Subscriber(response, this.#feed);
    this.#watchers.add(watcher);
    response.on('close', () => {
      watcher.end();
      this.#watchers.delete(watcher);
    });
  }
}

/** One page that watches. A page that does not read gets nothing more until it has read all that waits; then it starts again. */
class Subscriber {
  readonly #response: ServerResponse;
  readonly #feed: Feed;
  #stop: () => void = () => {};

  constructor(response: ServerResponse, feed: Feed) {
    this.#response = response;
    this.#feed = feed;
    this.#begin();
  }

  end(): void {
    this.#stop();
    this.#response.end();
  }

  #begin(): void {
    this.#stop = this.#feed.listen((message) => this.#tell(message));
  }

  #tell(message: Message): void {
    this.#response.write(`data: ${textOf(message)}\n\n`);
    if (this.#response.writableLength <= MOST_WAITING) return;
    this.#stop();
    this.#response.once('drain', () => this.#begin());
  }
}

/** One message for all pages, made into text once. */
const texts = new WeakMap<Message, string>();

function textOf(message: Message): string {
  const known = texts.get(message);
  if (known !== undefined) return known;
  const text = JSON.stringify(message);
  texts.set(message, text);
  return text;
}

/** A page of another site can send requests here, also under a name of its own that leads here: it gets nothing. */
function refusalOf(
  { method, headers }: IncomingMessage,
  maySend: boolean,
): [status: number, sentence: string] | undefined {
  const sends = method === 'POST' && maySend;
  if (method !== 'GET' && method !== 'HEAD' && !sends) return [405, 'This page can only be read.'];
  if (!isOwnHost(headers.host)) return [403, 'Open this page by its address, such as http://127.0.0.1.'];
  const site = headers['sec-fetch-site'];
  const opened = headers['sec-fetch-mode'] === 'navigate' && !sends; // a form of another site navigates too
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opened)
    return [403, 'This page can be read by itself only, and by no other site.'];
  if (sends && headers.origin !== `http://${headers.host}`)
    return [403, 'Only the page itself can send requests.'];
  return undefined;
}

function isOwnHost(host = ''): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

function done(response: ServerResponse): void {
  response.statusCode = 204;
  response.end();
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${sentence}\n`);
}
