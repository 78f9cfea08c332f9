// The portable server: evented, on node:net, for systems whose calls this program does not know. libuv has the loop here
// and makes the system calls, so it reports less: no fd to watch, no readiness, no call.

import { createServer, type Socket } from 'node:net';
import { createHandler } from '../../http/handler.js';
import { nowUs } from '../../lifecycle/clock.js';
import type { CloseReason } from '../../lifecycle/events.js';
import { Reporter } from '../../lifecycle/reporter.js';
import type { ServerMemory } from '../../lifecycle/server-memory.js';
import { socketsOfPort } from '../../net/tcp-table.js';
import { encodeSocketAddress } from '../../posix/socket-address.js';
import { endThread } from '../end-thread.js';
import type { ServeOptions } from '../options.js';
import { ServerConnection } from '../server-connection.js';
import type { ServerFailure, ServerHandle } from '../server-handle.js';
import type { ServingThread } from '../server-thread.js';
import { answer, checkTime, compute, endedBy, PEER_CLOSED } from '../steps.js';

/** Listens on the main thread. Resolves when the last connection is closed, or with the reason for a failure. */
export function startPortableServer(options: ServeOptions, memory: ServerMemory): ServerHandle {
  const shared = memory.ofThread(0);
  shared.tid = process.pid;
  const report = new Reporter(memory, shared, options.detail === 'calls' ? 'lifecycle' : options.detail);
  const handle = createHandler({ keepAlive: options.keepAlive, ...options.limits });
  const cpuMs = (): number => performance.now();
  const thread: ServingThread = { name: 'loop', tid: process.pid, options, memory, handle, report, cpuMs };
  const open = new Set<PortableConnection>();
  let lastId = 0;
  let endWhenOver = (): void => {};
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // The peer may be gone again by now, and then it has no address any more.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const connection = new PortableConnection(thread, ++lastId, socket);
    open.add(connection);
    socket.once('close', () => {
      open.delete(connection);
      setImmediate(() => endWhenOver()); // once the connection has reported its own end
    });
    connection.begin();
  });
  server.on('listening', () => {
    const { address, port } = server.address() as { address: string; port: number };
    memory.threadStarting();
    memory.threadStarted();
    report.threadStarted(0, process.pid, 0, 0);
    report.listening(-1, encodeSocketAddress({ address, port }), options.backlog);
  });
  const ended = new Promise<ServerFailure | undefined>((resolve) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ message: error.message, call: error.syscall ?? 'listen', code: error.code ?? 'unknown' });
    });
    server.on('close', () => setImmediate(() => endWhenOver()));
    endWhenOver = () => {
      if (server.listening || open.size > 0) return;
      endWhenOver = () => {};
      endThread(thread);
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

/**
 * The steps are those of every model, but callbacks call them. libuv reads by itself, so there is no recv to begin a step
 * with, and none that could say what is left to read before a close.
 */
class PortableConnection extends ServerConnection {
  readonly #thread: ServingThread;
  readonly #socket: Socket;
  #at: 'receive' | 'reply' | 'close' | 'linger' | 'left-open' | 'closed' = 'receive';
  #peerClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(thread: ServingThread, id: number, socket: Socket) {
    super(thread.options, thread.handle);
    this.#thread = thread;
    this.#socket = socket;
    const fd = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
    this.opened(id, fd);
    this.peer = encodeSocketAddress({ address: socket.remoteAddress!, port: socket.remotePort! });
    this.local = encodeSocketAddress({ address: socket.localAddress!, port: socket.localPort! });
  }

  begin(): void {
    const { report, memory, options } = this.#thread;
    const open = memory.connectionOpened();
    report.accepted(this);
    if (open > options.limits.maxConnections) {
      report.refused('too-many-connections', this.id, this.fd);
      return this.close('refused');
    }
    this.#socket.on('data', (bytes) => this.#run(() => this.#onData(bytes)));
    this.#socket.on('end', () => this.#run(() => this.#onPeerClosed()));
    this.#socket.on('error', () => this.#run(() => this.#onBroken()));
    this.#run(() => this.#receive());
  }

  /** What every callback goes through. A bad peer costs only its own connection. */
  #run(step: () => void): void {
    if (this.#at === 'closed') return;
    try {
      step();
    } catch (thrown) {
      this.close(endedBy(this.#thread, this, thrown));
    }
  }

  #onData(bytes: Buffer): void {
    this.#thread.report.received(this, bytes.length);
    if (this.#at === 'close') this.#linger();
    if (this.#at === 'linger') {
      this.session.dropped(bytes.length);
      if (this.session.lingeredEnough) this.close(this.session.reason);
      return;
    }
    this.session.received(bytes, bytes.length);
    if (this.#at === 'receive') this.#receive();
  }

  #receive(): void {
    if (this.session.next()) return this.#answer();
    if (this.#peerClosed) throw PEER_CLOSED;
    this.#armTimer();
  }

  #answer(): void {
    answer(this.#thread, this);
    compute(this.#thread, this);
    this.#at = 'reply';
    this.#socket.pause(); // until the reply is out nothing more is read from this client
    clearTimeout(this.#timer);
    this.#sleep(nowUs() + this.session.sleepMs * 1_000);
  }

  /** libuv counts whole milliseconds from the start of its turn: its timers may fire almost a millisecond early. */
  #sleep(until: number): void {
    const left = until - nowUs();
    if (left <= 0) return this.#send();
    this.#timer = setTimeout(() => this.#run(() => this.#sleep(until)), left / 1_000);
  }

  #send(): void {
    const { outbox } = this.session;
    while (!outbox.empty) {
      const { chunk, last, status } = outbox;
      const room = this.#socket.write(chunk);
      this.#thread.report.sent(this, chunk.length, last ? status : 0);
      this.session.sent(chunk.length);
      if (room) continue;
      this.#thread.report.wouldBlock('send', this.id, this.fd);
      this.#socket.once('drain', () => this.#run(() => this.#send()));
      return this.#armTimer();
    }
    this.#replied();
  }

  #replied(): void {
    clearTimeout(this.#timer);
    switch (this.session.afterwards()) {
      case 'keep':
        this.#at = 'receive';
        this.#socket.resume();
        // Not at once: a client that pipelines lets the others go first.
        setImmediate(() => this.#at === 'receive' && this.#run(() => this.#receive()));
        return;
      case 'leave-open':
        this.#at = 'left-open';
        return this.#thread.report.leftOpen(this);
      case 'linger':
        return this.#linger();
      case 'close':
        // Whether more has come from the client only a look at the socket shows: see Session.linger.
        this.#at = 'close';
        this.#socket.resume();
        setImmediate(() => this.#at === 'close' && this.#socket.end(() => this.close(this.session.reason)));
    }
  }

  #linger(): void {
    this.session.linger();
    this.#at = 'linger';
    this.#socket.end();
    this.#socket.resume();
    if (this.#peerClosed) this.close(this.session.reason);
    else this.#armTimer();
  }

  #onPeerClosed(): void {
    this.#peerClosed = true;
    this.#thread.report.peerClosed(this);
    if (this.#at === 'linger') this.close(this.session.reason);
    else if (this.#at === 'receive') this.#receive();
  }

  #onBroken(): void {
    if (this.#at === 'linger' || this.#at === 'close') return this.close(this.session.reason);
    this.#thread.report.reset(this);
    this.close('reset');
  }

  /** Timers come before input in libuv's loop, so what is due looks at the input once more before it blames the client. */
  #armTimer(): void {
    clearTimeout(this.#timer);
    const { patience } = this.session;
    if (patience === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => setImmediate(() => this.#run(() => this.#onDue())), Math.max(0, patience));
  }

  #onDue(): void {
    const { session } = this;
    if (this.#at === 'left-open') return;
    if (this.#at === 'linger') return session.lingeredEnough ? this.close(session.reason) : this.#armTimer();
    if (session.awaiting === 'send') session.unsent(this.#unsent());
    checkTime(this.#thread, this);
    this.#armTimer();
  }

  /** What libuv holds of the reply, and the kernel where its table can be read (proc(5)). */
  #unsent(): number {
    const { remotePort, localPort, writableLength } = this.#socket;
    const own = socketsOfPort(remotePort!).find(({ local }) => local.port === localPort);
    return writableLength + (own?.sendQueue ?? 0);
  }

  close(reason: CloseReason): void {
    if (this.#at === 'closed') return;
    const leftOpen = this.#at === 'left-open';
    this.#at = 'closed';
    clearTimeout(this.#timer);
    this.#socket.once('close', () => {
      if (leftOpen) return;
      this.#thread.memory.connectionClosed();
      this.#thread.report.closed(this, reason);
    });
    this.#socket.destroy(); // which closes the descriptor a moment later
  }
}
