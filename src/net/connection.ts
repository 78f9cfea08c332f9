// One accepted connection: its id, its descriptor, its two ends and what has passed over it.
// The id is never used again. A later connection may get the same descriptor, and the same object.

import { SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';

export class Connection {
  id = 0;
  fd = -1;
  /** The client's address and this server's, each a sockaddr. */
  peer: Uint8Array = new Uint8Array(SOCKET_ADDRESS_BYTES);
  local: Uint8Array = new Uint8Array(SOCKET_ADDRESS_BYTES);
  /** The socket's SO_RCVTIMEO, in milliseconds; 0, as at first, is no limit. */
  receiveTimeoutMs = 0;

  // For the report of its close. No server decides anything by these.
  /** On the common clock, in microseconds. */
  acceptedAt = 0;
  bytesIn = 0;
  bytesOut = 0;
  requests = 0;

  opened(id: number, fd: number): void {
    this.id = id;
    this.fd = fd;
    this.receiveTimeoutMs = 0;
    this.bytesIn = this.bytesOut = this.requests = 0;
  }

  copy(): Connection {
    return Object.assign(new Connection(), this, { peer: this.peer.slice(), local: this.local.slice() });
  }
}
