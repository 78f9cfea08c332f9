// Where a server is: an address and a port as they are written, and which addresses mean more than one machine's own.

import type { SocketAddress } from '../posix/socket-address.js';

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function place({ address, port }: SocketAddress): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** All of 127.0.0.0/8 is this machine (RFC 1122, section 3.2.1.3). */
export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** What a server listens on to be reached at every address of its machine. */
export const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** Of one network, with no way beyond it (RFC 3927, RFC 4291). */
export const isLinkLocal = (address: string): boolean => /^(169\.254\.|fe[89ab])/i.test(address);
