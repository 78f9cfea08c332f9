// Who has a port: the kernel's TCP table says which socket listens on it, and /proc which process holds that socket.
// For the sentences that tell why a server could not start, or is not found.

import { holdersOf } from '../net/socket-holders.js';
import { listeners } from '../net/tcp-table.js';

/** `node (pid 1234)`; undefined where it can't be known, as for a process of somebody else (proc(5)). */
export function whoListens(port: number): string | undefined {
  const inodes = listeners()
    .filter(({ local }) => local.port === port)
    .map(({ inode }) => inode);
  const [holder] = holdersOf(new Set(inodes)).values();
  return holder === undefined ? undefined : `${holder.name} (pid ${holder.pid})`;
}
