// One accepted connection: its id, its descriptor and what has passed over it.
// The id is its own for ever; the descriptor is used again by a later connection, and so may this object be.

export class Connection {
  id = 0;
  fd = -1;
  /** On the common clock, in microseconds. */
  acceptedAt = 0;
  bytesIn = 0;
  bytesOut = 0;
  requests = 0;

  opened(id: number, fd: number): void {
    this.id = id;
    this.fd = fd;
    this.bytesIn = this.bytesOut = this.requests = 0;
  }
}
