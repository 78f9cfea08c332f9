// The two ends of a connection as the kernel gives them, read as a 4-tuple.
// Apart from the 4-tuple itself, which pages in a browser know too.

import { decodeSocketAddress } from '../posix/socket-address.js';
import type { FourTuple } from './four-tuple.js';

/** From the two ends as the kernel gives them, each a sockaddr. */
export function fourTupleOf(peer: Uint8Array, local: Uint8Array): FourTuple {
  const source = decodeSocketAddress(peer);
  const destination = decodeSocketAddress(local);
  return [source.address, source.port, destination.address, destination.port];
}
