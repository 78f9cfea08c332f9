// Why a server could not start or had to stop, and what to do about it.

import type { ServeOptions } from '../../models/options.js';
import type { ServerFailure } from '../../models/server-handle.js';
import { addressAndPort } from '../../net/address.js';
import { everyOwnAddress } from '../../net/own-addresses.js';
import { keptByConnections, whoListens } from '../../net/who-listens.js';
import { shortageSentence } from '../../posix/shortage.js';
import { zoneProblem } from '../zone-problem.js';

export function failureSentence(
  failure: ServerFailure,
  { address, port }: ServeOptions,
  listening: boolean,
): string {
  const { call, code, message } = failure;
  const shortage = shortageSentence(failure);
  if (shortage !== undefined) return `The server ${listening ? 'stopped' : 'could not start'}. ${shortage}`;
  if (listening) return `The server stopped: ${message}. Start it again.`;
  const zone = code === 'EADDRINUSE' ? undefined : zoneProblem('--host', address);
  if (zone !== undefined) return zone;
  switch (code) {
    case 'EADDRINUSE': {
      if (keptByConnections(port, address))
        return `Port ${port} of ${address} is in use by connections that have ended, and no program listens there. Wait a minute, or choose another --port; 0 takes a free one.`;
      const who = whoListens(port, address) ?? 'another process';
      return `Port ${port} of ${address} is in use by ${who}. Stop it, or choose another --port; 0 takes a free one.`;
    }
    case 'EACCES':
      return `No permission to listen on port ${port}: only root may use ports below 1024. Choose a higher --port, such as 8080.`;
    case 'EADDRNOTAVAIL':
    case 'EINVAL': // node:net's answer to a zone without addresses
      return `--host ${address} is not an address of this machine. It has ${everyOwnAddress().join(', ')}.`;
    case 'EAFNOSUPPORT':
      return `This system has no IPv6, which --host ${address} needs. Use an IPv4 address.`;
    default:
      return call === undefined
        ? `Internal error: ${message}. Please report this bug.`
        : `Cannot listen on ${addressAndPort({ address, port })}: ${message}. Try another --host or --port.`;
  }
}
