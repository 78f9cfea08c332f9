// One look at a server: all that the kernel says of it, read as nearly at one moment as files can be.

import { linkOf, readProc } from '../posix/proc.js';
import { descriptorsOf } from './descriptors.js';
import { type Server, stillListens } from './find-servers.js';
import type { InterestList } from './interest-lists.js';
import { type Socket, socketsOf } from './sockets.js';
import { type Thread, threadsOf } from './threads.js';

export interface Snapshot {
  readonly at: Date;
  readonly server: Server;
  readonly acceptQueue: AcceptQueue;
  readonly sockets: readonly Socket[];
  readonly threads: readonly Thread[];
  /** Those of the server's loops; none where its threads wait for one descriptor each, or poll and select keep the list. */
  readonly interestLists: readonly InterestList[];
  /** Whether the descriptors, and so the interest list, could be read. */
  readonly descriptorsReadable: boolean;
  readonly callsReadable: boolean;
}

export interface AcceptQueue {
  /** Connections that the kernel has completed, and accept(2) has not fetched. */
  readonly waiting: number | undefined;
  /** As the kernel took it: the smaller of listen(2)'s and somaxconn. It lets one more than that wait. */
  readonly backlog: number | undefined;
}

/** Undefined where the server has ended. */
export function takeSnapshot(server: Server): Snapshot | undefined {
  const { pid } = server;
  const at = new Date();
  let callsReadable = true;
  const threads = threadsOf(pid, () => {
    callsReadable = false;
  });
  const descriptors = descriptorsOf(pid);
  const sockets = socketsOf(server, descriptors, threads);
  if (!stillListens(server)) return undefined; // asked last: whatever was read before was read while it ran
  return {
    at,
    server,
    acceptQueue: {
      waiting: waitingForAccept(sockets),
      backlog: backlogOf(server),
    },
    sockets,
    threads,
    interestLists: descriptors.interestLists.filter(({ watches }) =>
      watches.some((watch) => server.listeners.some(({ fd }) => fd === watch.fd)),
    ),
    descriptorsReadable: descriptors.readable,
    callsReadable,
  };
}

/** In the queues of all listeners together. */
function waitingForAccept(sockets: readonly Socket[]): number | undefined {
  const listening = sockets.filter(({ state }) => state === 'LISTEN');
  if (listening.length === 0) return undefined;
  return listening.reduce((sum, { receiveQueue }) => sum + receiveQueue, 0);
}

/** Somaxconn is a matter of each network namespace: that of another one can't be read here. */
function backlogOf({ pid, backlog }: Server): number | undefined {
  const somaxconn = Number(readProc('/proc/sys/net/core/somaxconn'));
  if (backlog === undefined || !(somaxconn > 0)) return undefined;
  return linkOf(`/proc/${pid}/ns/net`) === linkOf('/proc/self/ns/net')
    ? Math.min(backlog, somaxconn)
    : undefined;
}
