// The sockets of a watched server as the kernel has them: clients that wait for accept(2), bytes that nobody has received,
// connections whose client has closed and the server has not.

import { socketsOfPort, type TcpSocket } from '../../net/tcp-table.js';
import { readProc } from '../../posix/proc.js';
import type { OpenConnection } from './files.js';
import type { SeenEvent } from './seen.js';
import type { ListensAt } from './translator.js';

interface WatchedListener extends ListensAt {
  /** Absent where its backlog is not known. */
  readonly limit?: number;
  /** Clients in its queue at the last look, and as the last event had it. */
  queued: number;
  reported: number;
}

export class SocketLook {
  readonly #connections: ReadonlySet<OpenConnection>;
  readonly #listeners: WatchedListener[] = [];
  #overflows = listenOverflows();
  /** With unread bytes at the last look, and what had been received by then. */
  #unread = new Map<OpenConnection, number>();
  #closeWait = new Set<OpenConnection>();
  readonly #reportedUnread = new WeakMap<OpenConnection, number>();
  readonly #reportedCloseWait = new WeakSet<OpenConnection>();

  constructor(connections: ReadonlySet<OpenConnection>) {
    this.#connections = connections;
  }

  listens(where: ListensAt): void {
    const { address, port, backlog } = where;
    if (this.#listeners.some((known) => known.address === address && known.port === port)) return;
    const limit = backlog < 0 ? {} : { limit: Math.min(backlog, largestBacklog()) };
    this.#listeners.push({ ...where, ...limit, queued: 0, reported: 0 });
  }

  look(): SeenEvent[] {
    const seen: SeenEvent[] = [];
    const unread = new Map<OpenConnection, { bytes: number; bytesIn: number }>();
    const closeWait = new Set<OpenConnection>();
    const byTuple = new Map([...this.#connections].map((each) => [String(each.fourTuple), each]));
    for (const listener of this.#listeners) {
      const { port, pid } = listener;
      const sockets = socketsOfPort(port, pid).filter(({ local }) => local.port === port);
      seen.push(...this.#queueOf(listener, sockets));
      for (const { local, peer, state, receiveQueue } of sockets) {
        const connection = byTuple.get(String([peer.address, peer.port, local.address, local.port]));
        if (connection === undefined) continue;
        if (state === 'CLOSE_WAIT') closeWait.add(connection);
        const bytes = receiveQueue - (state === 'CLOSE_WAIT' ? 1 : 0); // the client's FIN counts as one
        if (bytes > 0) unread.set(connection, { bytes, bytesIn: connection.bytesIn });
      }
    }
    for (const [connection, { bytes, bytesIn }] of unread) {
      if (this.#unread.get(connection) !== bytesIn || this.#reportedUnread.get(connection) === bytesIn)
        continue;
      this.#reportedUnread.set(connection, bytesIn);
      seen.push({ event: 'unread', ...on(connection), bytes });
    }
    for (const connection of closeWait) {
      if (!this.#closeWait.has(connection) || this.#reportedCloseWait.has(connection)) continue;
      this.#reportedCloseWait.add(connection);
      seen.push({ event: 'close-wait', ...on(connection) });
    }
    this.#unread = new Map([...unread].map(([connection, { bytesIn }]) => [connection, bytesIn]));
    this.#closeWait = closeWait;
    return seen;
  }

  /** With SO_REUSEPORT several listeners have the port, each with a queue. */
  #queueOf(listener: WatchedListener, sockets: readonly TcpSocket[]): SeenEvent[] {
    const queues = sockets.filter(({ state }) => state === 'LISTEN').map(({ receiveQueue }) => receiveQueue);
    const length = Math.max(0, ...queues);
    const lasted = Math.min(length, listener.queued);
    const isFull = listener.limit !== undefined && length > listener.limit;
    listener.queued = length;
    const reported = isFull ? length : lasted;
    const overflows = isFull || listener.reported > 0 ? this.#newOverflows() : 0;
    if (reported === listener.reported && overflows === 0) return [];
    listener.reported = reported;
    const { fd, limit } = listener;
    const most = limit === undefined ? {} : { limit };
    return [{ event: 'accept-queue', fd, length: reported, ...most, overflows }];
  }

  /** Since it was last asked; of every listener that this network namespace has. */
  #newOverflows(): number {
    const before = this.#overflows;
    this.#overflows = listenOverflows();
    return this.#overflows - before;
  }
}

const on = ({ id, fd }: OpenConnection): { connection: number; fd: number } => ({ connection: id, fd });

/** As much as listen(2) takes, whatever it is asked for. */
const largestBacklog = (): number =>
  Number(readProc('/proc/sys/net/core/somaxconn')) || Number.POSITIVE_INFINITY;

/** Connections that the kernel has dropped because an accept queue was full. */
function listenOverflows(): number {
  const [names = '', values = ''] = readProc('/proc/net/netstat').split('\n');
  const index = names.split(' ').indexOf('ListenOverflows');
  return index < 0 ? 0 : Number(values.split(' ')[index]);
}
