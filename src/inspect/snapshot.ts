// All that the kernel says about a server at one moment, as nearly as files can be read at one moment.

import { serialOf } from '../models/thread-names.js';
import { linkOf, readProc } from '../posix/proc.js';
import { descriptorsOf } from './descriptors.js';
import { type FoundServer, stillListens } from './find-servers.js';
import type { RingOperations } from './in-flight.js';
import type { InterestList } from './interest-lists.js';
import { type OwnedSocket, socketsOf } from './sockets.js';
import { childProcesses, type Thread, threadsOf } from './threads.js';

export interface Snapshot {
  readonly at: Date;
  readonly server: FoundServer;
  readonly acceptQueue: AcceptQueue;
  /** Of a pool: connections that are accepted, and wait for a thread. */
  readonly ownQueue: number | undefined;
  readonly sockets: readonly OwnedSocket[];
  readonly threads: readonly Thread[];
  /** Those of the server's loops; none if each of its threads waits for one descriptor, or if poll or select is used. */
  readonly interestLists: readonly InterestList[];
  /** Of a server that is built on io_uring. */
  readonly inFlight: RingOperations | undefined;
  /** Whether the descriptors, and so the interest list, could be read. */
  readonly descriptorsReadable: boolean;
  readonly callsReadable: boolean;
}

export interface AcceptQueue {
  /** Connections that are complete and not yet accepted. */
  readonly waiting: number | undefined;
  /** As the kernel took it: listen(2)'s or somaxconn, whichever is smaller. One more than that may wait. */
  readonly backlog: number | undefined;
}

/** Undefined where the server has ended. */
export function takeSnapshot(server: FoundServer): Snapshot | undefined {
  const { pid } = server;
  const at = new Date();
  let callsReadable = true;
  const threads = threadsOf(pid, () => {
    callsReadable = false;
  });
  const descriptors = descriptorsOf(pid);
  const ofChildren = childProcesses(pid).map((child) => ({ pid: child, ...descriptorsOf(child) }));
  const sockets = socketsOf(server, [...ofChildren, { pid, ...descriptors }], threads);
  if (!stillListens(server)) return undefined; // checked last: everything above was read while the server ran
  return {
    at,
    server,
    acceptQueue: {
      waiting: waitingForAccept(sockets),
      backlog: backlogOf(server),
    },
    ownQueue: server.mode === 'pool' && callsReadable ? waitForThread(sockets, threads) : undefined,
    sockets,
    threads,
    interestLists: descriptors.interestLists.filter(({ watches }) =>
      watches.some((watch) => server.listeners.some(({ fd }) => fd === watch.fd)),
    ),
    inFlight: server.mode === 'completion' ? descriptors.rings[0] : undefined,
    descriptorsReadable: descriptors.readable,
    callsReadable,
  };
}

/** In the queues of all listeners together. */
function waitingForAccept(sockets: readonly OwnedSocket[]): number | undefined {
  const listening = sockets.filter(({ state }) => state === 'LISTEN');
  if (listening.length === 0) return undefined;
  return listening.reduce((sum, { receiveQueue }) => sum + receiveQueue, 0);
}

/**
 * The kernel knows no queue of ours: these are the connections on which no thread is in a call, but for one each that a
 * thread works for outside of any. While a thread is idle nobody waits.
 */
function waitForThread(sockets: readonly OwnedSocket[], threads: readonly Thread[]): number {
  const pool = threads.filter(({ name }) => serialOf(name) > 0);
  if (pool.some(({ call }) => call === 'futex')) return 0;
  const alone = sockets.filter(
    ({ end, state, fd, thread }) =>
      end === 'server' && state !== 'LISTEN' && fd !== undefined && thread === undefined,
  );
  return Math.max(0, alone.length - pool.filter(({ fd }) => fd === undefined).length);
}

/** Each network namespace has its own somaxconn, and that of another one can't be read here. */
function backlogOf({ pid, backlog }: FoundServer): number | undefined {
  const somaxconn = Number(readProc('/proc/sys/net/core/somaxconn'));
  if (backlog === undefined || !(somaxconn > 0)) return undefined;
  return linkOf(`/proc/${pid}/ns/net`) === linkOf('/proc/self/ns/net')
    ? Math.min(backlog, somaxconn)
    : undefined;
}
