// A connection on its way from the acceptor to its thread, through that thread's lane of shared memory.
// Descriptors belong to the whole process, so a number is all of the socket that has to be handed over.

import type { Lane } from '../../lifecycle/server-memory.js';
import type { Connection } from '../../net/connection.js';

export function handOver(lane: Lane, { id, fd, acceptedAt, peer, local }: Connection): void {
  lane.connection = id;
  lane.handedAt = acceptedAt;
  lane.peer.set(peer);
  lane.local.set(local);
  lane.fd = fd;
}

export function takeOver(lane: Lane, connection: Connection): void {
  connection.opened(lane.connection, lane.fd);
  connection.acceptedAt = lane.handedAt;
  connection.peer.set(lane.peer);
  connection.local.set(lane.local);
}
