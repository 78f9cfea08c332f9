// A connection on its way from the acceptor to its thread, through that thread's shared memory.
// Descriptors belong to the whole process, so a number is all of the socket that has to be handed over.

import type { ThreadMemory } from '../../lifecycle/server-memory.js';
import type { Connection } from '../../net/connection.js';

export function handOver(shared: ThreadMemory, { id, fd, acceptedAt, peer, local }: Connection): void {
  shared.connection = id;
  shared.handedAt = acceptedAt;
  shared.peer.set(peer);
  shared.local.set(local);
  shared.fd = fd;
}

/** The two ends stay where they are: nothing else is handed over before this connection is closed. */
export function takeOver(shared: ThreadMemory, connection: Connection): void {
  connection.opened(shared.connection, shared.fd);
  connection.acceptedAt = shared.handedAt;
  connection.peer = shared.peer;
  connection.local = shared.local;
}
