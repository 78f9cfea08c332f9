// Which process has a socket open: /proc/PID/fd links each descriptor to what it refers to (proc(5)).

import { linkOf, listProc, processIds, readProc } from '../posix/proc.js';

export interface Holder {
  readonly pid: number;
  readonly name: string;
  readonly fd: number;
}

/**
 * By inode; if several processes have a socket open, the first. This process is left out: it inherits other programs'
 * sockets from the shell that started it. Other users' processes cannot be read.
 */
export function holdersOf(inodes: ReadonlySet<number>): Map<number, Holder> {
  const holders = new Map<number, Holder>();
  for (const pid of inodes.size > 0 ? processIds() : []) {
    if (pid === process.pid) continue;
    for (const [inode, fd] of socketDescriptors(pid)) {
      if (!inodes.has(inode) || holders.has(inode)) continue;
      holders.set(inode, { pid, name: processName(pid), fd });
      if (holders.size === inodes.size) return holders;
    }
  }
  return holders;
}

export function processName(pid: number): string {
  return readProc(`/proc/${pid}/comm`).trim() || 'a process';
}

/** Inode and descriptor of each socket. */
export function* socketDescriptors(pid: number): Generator<[inode: number, fd: number]> {
  for (const fd of listProc(`/proc/${pid}/fd`)) {
    const inode = socketInode(linkOf(`/proc/${pid}/fd/${fd}`));
    if (inode !== undefined) yield [inode, Number(fd)];
  }
}

/** 12345 of `socket:[12345]`. */
export function socketInode(link: string): number | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
  return inode === undefined ? undefined : Number(inode);
}
