// Who has a port: the kernel's TCP table says which socket listens there, and /proc which process holds that socket.
// For the sentences that say why a server could not start, or is not found.

import { collide, sameAddress } from './address.js';
import { holdersOf } from './socket-holders.js';
import { listeners, type TcpSocket } from './tcp-table.js';

/** False where the port is only kept by connections, as in TIME_WAIT. */
export const someoneListens = (port: number, address: string): boolean =>
  listenersAt(port, address).length > 0;

/**
 * `node (pid 1234)`; undefined if it is not known, as for another user's process (proc(5)). With an address: only a
 * process that blocks this address; another one may have the same port at another address.
 */
export function whoListens(port: number, address?: string): string | undefined {
  const there = listenersAt(port, address);
  const exact = ({ local }: TcpSocket): number =>
    address !== undefined && sameAddress(local.address, address) ? 0 : 1;
  const inodes = there.toSorted((a, b) => exact(a) - exact(b)).map(({ inode }) => inode);
  const holders = holdersOf(new Set(inodes));
  const holder = inodes.map((inode) => holders.get(inode)).find((each) => each !== undefined);
  return holder === undefined ? undefined : `${holder.name} (pid ${holder.pid})`;
}

const listenersAt = (port: number, address?: string): TcpSocket[] =>
  listeners().filter(
    ({ local }) => local.port === port && (address === undefined || collide(local.address, address)),
  );
