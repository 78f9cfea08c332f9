// Hands a connection over from the acceptor to its thread, through memory that both share.

import type { HandedConnection } from '../../lifecycle/handed-connection.js';
import type { Connection } from '../../net/connection.js';
import { SOCKET_ADDRESS_BYTES } from '../../posix/socket-address.js';

export function handOver(to: HandedConnection, { id, fd, acceptedAt, peer, local }: Connection): void {
  to.connection = id;
  to.handedAt = acceptedAt;
  copy(peer, to.peer);
  copy(local, to.local);
  to.fd = fd;
}

/** From one place to another. */
export function pass(from: HandedConnection, to: HandedConnection): void {
  to.connection = from.connection;
  to.handedAt = from.handedAt;
  copy(from.peer, to.peer);
  copy(from.local, to.local);
  to.fd = from.fd;
}

/** The two ends stay where they are: nothing else is handed over before this connection is closed. */
export function takeOver(from: HandedConnection, connection: Connection): void {
  connection.opened(from.connection, from.fd);
  connection.acceptedAt = from.handedAt;
  connection.peer = from.peer;
  connection.local = from.local;
}

/** A sockaddr. For so few bytes a loop takes less time than TypedArray.prototype.set(). */
function copy(from: Uint8Array, to: Uint8Array): void {
  for (let i = 0; i < SOCKET_ADDRESS_BYTES; i++) to[i] = from[i]!;
}
