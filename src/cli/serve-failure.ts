// Why a server could not start, or could not go on, as one sentence.

import type { Failure } from '../models/engine.js';
import type { ServeOptions } from '../models/options.js';
import { everyOwnAddress } from '../net/own-addresses.js';
import { whoListens } from '../serve/who-listens.js';

export function failureSentence(
  { code, message }: Failure,
  { address, port }: ServeOptions,
  listening: boolean,
): string {
  if (listening) return `expected the server to go on, found ${message}; start it again.`;
  switch (code) {
    case 'EADDRINUSE': {
      const who = whoListens(port) ?? 'another process';
      return `expected port ${port} of ${address} to be free, found ${who} on it; stop that or choose another --port (0 takes a free one).`;
    }
    case 'EACCES':
      return `expected the right to listen on port ${port}, found none: ports below 1024 are the administrator's; choose a higher --port, such as 8080.`;
    case 'EADDRNOTAVAIL':
      return `expected --host to be an address of this machine, found ${address}; it has ${everyOwnAddress().join(', ')}.`;
    case 'EAFNOSUPPORT':
      return `expected IPv6 for --host ${address}, found a system without it; use an IPv4 address.`;
    case undefined:
      return `${message}; try another --host or --port.`;
    default:
      return `expected to listen on port ${port} of ${address}, found ${message}; try another --host or --port.`;
  }
}
