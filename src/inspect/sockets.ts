// The TCP table of one server: its listener and both ends of each connection, where both are on this machine.

import { isAny, isLoopback, sameAddress } from '../net/address.js';
import type { FourTuple } from '../net/four-tuple.js';
import { everyOwnAddress } from '../net/own-addresses.js';
import { type Holder, holdersOf } from '../net/socket-holders.js';
import { socketsOfPort, type TcpSocket } from '../net/tcp-table.js';
import type { Descriptors } from './descriptors.js';
import type { FoundServer } from './find-servers.js';
import { connectionOf } from './interest-lists.js';
import type { Thread } from './threads.js';

export interface OwnedSocket extends TcpSocket {
  readonly end: 'server' | 'client';
  /** The listener has none. */
  readonly fourTuple: FourTuple | undefined;
  /** In the process that has it open. */
  readonly fd: number | undefined;
  /** Only of the server's end, where an interest list holds it. */
  readonly connection: number | undefined;
  /** Only of the server's end: the thread that sleeps in a call on it. */
  readonly thread: string | undefined;
  /** Of the client's end: who has it open, where that may be read. Of the server's end: its child process. */
  readonly process: Pick<Holder, 'pid' | 'name'> | undefined;
  /** Still in the accept queue, so nobody has a descriptor of it. */
  readonly awaitsAccept: boolean;
}

/** The listener first, then the two ends of each connection together, in the order of the server's descriptors. */
export function socketsOf(
  server: FoundServer,
  processes: readonly (Descriptors & { readonly pid: number })[],
  threads: readonly Thread[],
): OwnedSocket[] {
  const table = socketsOfPort(server.port, server.pid);
  const ours = table.filter((socket) => isServerEnd(server, socket));
  const tuples = new Set(ours.map((socket) => String(tupleOf(socket, 'server'))));
  const theirs = table.filter(
    (socket) =>
      socket.peer.port === server.port &&
      (tuples.has(String(tupleOf(socket, 'client'))) || leadsTo(server, socket.peer.address)),
  );
  const holders = holdersOf(new Set(theirs.map(({ inode }) => inode).filter((inode) => inode !== 0)));
  const uses = new Map(processes.flatMap((process) => usesOf(process, threads)));
  return inOrder([
    ...ours.map((socket) => serverEnd(socket, server, uses.get(socket.inode))),
    ...theirs.map((socket) => clientEnd(socket, holders.get(socket.inode))),
  ]);
}

function isServerEnd({ listeners, port, address }: FoundServer, socket: TcpSocket): boolean {
  if (socket.local.port !== port) return false;
  if (socket.state === 'LISTEN') return listeners.some(({ inode }) => inode === socket.inode);
  return isAny(address) || socket.local.address === address;
}

/** Whether a client that connected to this address, at the server's port, has connected to the server. */
function leadsTo(server: FoundServer, address: string): boolean {
  if (!isAny(server.address)) return address === server.address;
  if (isLoopback(address)) return true;
  return everyOwnAddress().some((own) => sameAddress(own, address));
}

/** What a descriptor of the server, or of one of its child processes, is there for. */
interface Use {
  readonly pid: number;
  /** What the process is called. */
  readonly name: string;
  readonly fd: number;
  readonly connection: number | undefined;
  readonly thread: string | undefined;
}

/** By the socket's inode, which is the same in all processes. */
function usesOf(
  { pid, sockets, interestLists }: Descriptors & { readonly pid: number },
  threads: readonly Thread[],
): [inode: number, use: Use][] {
  const connections = new Map<number, number>();
  for (const { ofNode, watches } of interestLists)
    for (const watch of watches) {
      const id = ofNode ? undefined : connectionOf(watch);
      if (id !== undefined) connections.set(watch.fd, id);
    }
  const names = new Map<number, string>();
  const name = threads.find(({ tid }) => tid === pid)?.name ?? '';
  for (const { pid: process, ofServer, fd, name } of threads)
    if (process === pid && ofServer && fd !== undefined) names.set(fd, name);
  return [...sockets].map(([inode, fd]) => [
    inode,
    { pid, name, fd, connection: connections.get(fd), thread: names.get(fd) },
  ]);
}

function serverEnd(socket: TcpSocket, server: FoundServer, use: Use | undefined): OwnedSocket {
  return {
    ...socket,
    end: 'server',
    fourTuple: socket.state === 'LISTEN' ? undefined : tupleOf(socket, 'server'),
    fd: use?.fd,
    connection: use?.connection,
    thread: use?.thread,
    process: use === undefined || use.pid === server.pid ? undefined : { pid: use.pid, name: use.name },
    // A client may have closed its side before anyone accepted.
    awaitsAccept: socket.inode === 0 && (socket.state === 'ESTABLISHED' || socket.state === 'CLOSE_WAIT'),
  };
}

function clientEnd(socket: TcpSocket, holder: Holder | undefined): OwnedSocket {
  return {
    ...socket,
    end: 'client',
    fourTuple: tupleOf(socket, 'client'),
    fd: holder?.fd,
    connection: undefined,
    thread: undefined,
    process: holder && { pid: holder.pid, name: holder.name },
    awaitsAccept: false,
  };
}

/** The same for both ends: that is what makes them one connection. */
function tupleOf({ local, peer }: TcpSocket, end: 'server' | 'client'): FourTuple {
  const [client, server] = end === 'server' ? [peer, local] : [local, peer];
  return [client.address, client.port, server.address, server.port];
}

function inOrder(sockets: readonly OwnedSocket[]): OwnedSocket[] {
  const byTuple = new Map<string, OwnedSocket[]>();
  for (const socket of sockets) {
    const key = String(socket.fourTuple ?? socket.inode);
    const ends = byTuple.get(key);
    if (ends === undefined) byTuple.set(key, [socket]);
    else if (!ends.some(({ end }) => end === socket.end)) ends.push(socket); // the table changed while it was read
  }
  return [...byTuple.values()].sort(([a], [b]) => rank(a!) - rank(b!) || order(a!) - order(b!)).flat();
}

/** The listener, then by descriptor, then those that wait for accept, then those whose descriptor is closed. */
function rank({ state, end, fd, awaitsAccept }: OwnedSocket): number {
  if (state === 'LISTEN') return -1;
  if (end === 'server' && fd !== undefined) return fd;
  return awaitsAccept ? 1e9 : 2e9;
}

/** By the client's port; listeners by descriptor. */
const order = ({ fourTuple, fd }: OwnedSocket): number => fourTuple?.[1] ?? fd ?? 0;
