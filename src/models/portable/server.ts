// The portable server: evented, on node:net, for systems whose calls this program does not know. libuv has the loop
// here and makes the system calls, so it tells less: no fd to watch, no readiness, no call.

import { createServer, type Socket } from 'node:net';
import { type ConnectionFacts, createHandler } from '../../http/handler.js';
import { Outbox } from '../../http/reply.js';
import { RequestReader } from '../../http/request-reader.js';
import type { CloseReason, Timeout } from '../../lifecycle/events.js';
import type { ServerMemory } from '../../lifecycle/server-memory.js';
import { Teller } from '../../lifecycle/teller.js';
import { Connection } from '../../net/connection.js';
import { encodeSocketAddress } from '../../posix/socket-address.js';
import { burn } from '../burn.js';
import type { Engine, Failure } from '../engine.js';
import { LINGER_BYTES, LINGER_MS } from '../limits.js';
import type { ServeOptions } from '../options.js';

const THREAD = 'loop';

/** Listens on the main thread. Resolves when the last connection is closed, or with the reason it could not go on. */
export function startPortableServer(options: ServeOptions, memory: ServerMemory): Engine {
  const lane = memory.lane(0);
  lane.tid = process.pid;
  const tell = new Teller(memory, lane, options.detail === 'calls' ? 'lifecycle' : options.detail);
  const open = new Set<PortableConnection>();
  let lastId = 0;
  let endWhenOver = (): void => {};
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // The peer may be gone again by now, and then it has no address any more.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const connection = new PortableConnection(++lastId, socket, options, memory, tell);
    if (memory.openConnections > options.limits.maxConnections) connection.refuse();
    open.add(connection);
    socket.once('close', () => {
      open.delete(connection);
      setImmediate(() => endWhenOver()); // once the connection has told its own end
    });
  });
  server.on('listening', () => {
    const { address, port } = server.address() as { address: string; port: number };
    memory.threadStarting();
    tell.threadStarted(0, process.pid, 0, 0);
    tell.listening(-1, encodeSocketAddress({ address, port }), options.backlog);
  });
  const ended = new Promise<Failure | undefined>((resolve) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ message: error.message, call: error.syscall ?? 'listen', code: error.code ?? 'unknown' });
    });
    server.on('close', () => setImmediate(() => endWhenOver()));
    endWhenOver = () => {
      if (server.listening || open.size > 0) return;
      endWhenOver = () => {};
      tell.threadEnded();
      resolve(undefined);
    };
  });
  server.listen({ host: options.address, port: options.port, backlog: options.backlog });

  const stop = (): void => {
    if (memory.stopping) return;
    memory.stop();
    server.close();
    for (const connection of open) connection.close('stopping');
  };
  return { ended, stop };
}

class PortableConnection extends Connection {
  readonly #socket: Socket;
  readonly #options: ServeOptions;
  readonly #memory: ServerMemory;
  readonly #tell: Teller;
  readonly #handle: ReturnType<typeof createHandler>;
  readonly #inbox: RequestReader;
  readonly #outbox = new Outbox();
  readonly #facts: ConnectionFacts;
  #state: 'receiving' | 'replying' | 'lingering' | 'left-open' | 'closed' = 'receiving';
  #peerClosed = false;
  #waitingFor: 'head' | 'idle' = 'head';
  #lingerUntilByte = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(id: number, socket: Socket, options: ServeOptions, memory: ServerMemory, tell: Teller) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#memory = memory;
    this.#tell = tell;
    this.#inbox = new RequestReader(options.limits.maxHead);
    this.#handle = createHandler({ keepAlive: options.keepAlive, ...options.limits });
    const fd = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
    this.opened(id, fd);
    const peer = { address: socket.remoteAddress!, port: socket.remotePort! };
    const local = { address: socket.localAddress!, port: socket.localPort! };
    const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
    this.#facts = {
      mode: options.mode,
      fourTuple: [plain(peer.address), peer.port, plain(local.address), local.port],
      connection: id,
      fd,
      thread: THREAD,
      tid: process.pid,
    };
    tell.accepted(this, encodeSocketAddress(peer), encodeSocketAddress(local));
    this.#expect('head');
    socket.on('timeout', () => this.#onTimeout('send'));
    socket.on('data', (bytes) => this.#onData(bytes));
    socket.on('end', () => this.#onEnd());
    socket.on('error', () => this.#onError());
  }

  #onData(bytes: Buffer): void {
    this.#tell.received(this, bytes.length);
    if (this.#state === 'lingering' && this.bytesIn > this.#lingerUntilByte) return this.close('bad-request');
    if (this.#state === 'lingering' || this.#state === 'closed') return;
    if (this.#waitingFor === 'idle') this.#expect('head');
    this.#inbox.push(bytes, bytes.length);
    if (this.#state === 'receiving') this.#serve();
    else this.#inbox.keep();
  }

  /** Answers what has arrived, in order, until it is used up or a reply has to wait. */
  #serve(): void {
    while (this.#state === 'receiving') {
      const request = this.#inbox.next();
      if (request === undefined) {
        if (this.#peerClosed) this.close('peer-closed');
        return;
      }
      if (request.kind === 'request') this.#tell.request(this, request.method, request.target);
      else this.#tell.badRequest(this, request.status, request.problem);
      const reply = this.#handle(request, () => this.#facts);
      if (reply.computeMs > 0 && !burn(reply.computeMs, this.#memory, () => performance.now()))
        return this.close('stopping');
      this.#state = 'replying';
      clearTimeout(this.#timer);
      this.#inbox.keep();
      this.#socket.pause(); // a client gets no faster than it takes
      const reason = request.kind === 'bad-request' ? 'bad-request' : 'replied';
      const send = (): void => {
        this.#outbox.put(reply);
        this.#send(reply.status, () => this.#onReplied(reply.afterwards, reason));
      };
      if (reply.sleepMs > 0) this.#timer = setTimeout(send, reply.sleepMs);
      else send();
    }
  }

  #send(status: number, onSent: () => void): void {
    while (!this.#outbox.empty) {
      if (this.#state === 'closed') return;
      const { chunk } = this.#outbox;
      const room = this.#socket.write(chunk);
      this.#outbox.sent(chunk.length);
      this.#tell.sent(this, chunk.length, this.#outbox.empty ? status : 0);
      if (!room) {
        this.#tell.wouldBlock('send', this.id, this.fd);
        this.#socket.setTimeout(this.#options.limits.sendTimeout * 1000);
        this.#socket.once('drain', () => this.#send(status, onSent));
        return;
      }
    }
    onSent();
  }

  #onReplied(afterwards: 'keep' | 'close' | 'linger', reason: CloseReason): void {
    if (afterwards === 'keep') {
      this.#state = 'receiving';
      this.#socket.setTimeout(0);
      this.#socket.resume();
      this.#expect(this.#inbox.pending ? 'head' : 'idle');
      setImmediate(() => this.#serve());
    } else if (this.#options.keepOpen) {
      this.#state = 'left-open';
      this.#socket.setTimeout(0);
      this.#tell.leftOpen(this);
    } else if (afterwards === 'linger') {
      this.#state = 'lingering';
      this.#lingerUntilByte = this.bytesIn + LINGER_BYTES;
      this.#socket.end();
      this.#socket.resume();
      this.#timer = setTimeout(() => this.close(reason), LINGER_MS);
      if (this.#peerClosed) this.close(reason);
    } else {
      this.#socket.end(() => this.close(reason));
    }
  }

  #onEnd(): void {
    if (this.#state === 'closed') return;
    this.#peerClosed = true;
    if (this.#state === 'lingering') return this.close('bad-request');
    this.#tell.peerClosed(this);
    if (this.#state === 'receiving') this.#serve();
  }

  #onError(): void {
    if (this.#state === 'closed') return;
    this.#tell.reset(this);
    this.close('reset');
  }

  /** Sets the timer for what the client is to send next. */
  #expect(waitingFor: 'head' | 'idle'): void {
    this.#waitingFor = waitingFor;
    clearTimeout(this.#timer);
    const seconds = this.#options.limits[`${waitingFor}Timeout`];
    if (seconds > 0) this.#timer = setTimeout(() => this.#onTimeout(waitingFor), seconds * 1000);
  }

  #onTimeout(waitingFor: Timeout): void {
    if (this.#state === 'closed') return;
    this.#tell.timedOut(this, waitingFor, this.#options.limits[`${waitingFor}Timeout`]);
    this.close('timed-out');
  }

  refuse(): void {
    this.#tell.refused('too-many-connections', this.id, this.fd);
    this.close('refused');
  }

  close(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    const leftOpen = this.#state === 'left-open';
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#socket.once('close', () => {
      if (leftOpen) return;
      this.#memory.connectionClosed();
      this.#tell.closed(this, reason);
    });
    this.#socket.destroy(); // which closes the descriptor a moment later
  }
}
