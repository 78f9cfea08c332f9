// Who has a port: the kernel's TCP table says which socket listens there, and /proc which process holds that socket.
// For the sentences that say why a server could not start, or is not found.

import { collide, sameAddress } from './address.js';
import { holdersOf } from './socket-holders.js';
import { listeners, socketsOfPort, type TcpSocket } from './tcp-table.js';

/** Whether only connections keep the port, as in TIME_WAIT. */
export function keptByConnections(port: number, address: string): boolean {
  const own = socketsOfPort(port).filter(
    ({ local }) => local.port === port && collide(local.address, address),
  );
  return own.length > 0 && own.every(({ state }) => state !== 'LISTEN');
}

/**
 * `node (pid 1234)`; undefined if it is not known, as for another user's process (proc(5)). With an address: only a
 * process that blocks this address; another one may have the same port at another address.
 */
export function whoListens(port: number, address?: string): string | undefined {
  const there = listeners().filter(
    ({ local }) => local.port === port && (address === undefined || collide(local.address, address)),
  );
  const exact = ({ local }: TcpSocket): number =>
    address !== undefined && sameAddress(local.address, address) ? 0 : 1;
  const inodes = there.toSorted((a, b) => exact(a) - exact(b)).map(({ inode }) => inode);
  const holders = holdersOf(new Set(inodes));
  const holder = inodes.map((inode) => holders.get(inode)).find((each) => each !== undefined);
  return holder === undefined ? undefined : `${holder.name} (pid ${holder.pid})`;
}
