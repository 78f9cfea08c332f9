// The running servers of this program, found in /proc: their command line is ours, and they listen.

import { basename } from 'node:path';
import type { Engine, Mode } from '../models/options.js';
import { modeOfThreads } from '../models/thread-names.js';
import { addressAndPort } from '../net/address.js';
import { listeners, type TcpSocket } from '../net/tcp-table.js';
import { linkOf, processIds, readProc } from '../posix/proc.js';
import { descriptorsOf } from './descriptors.js';
import type { InterestList } from './interest-lists.js';
import { threadNames } from './threads.js';

export interface FoundServer {
  readonly pid: number;
  readonly uid: number;
  readonly mode: Mode;
  readonly engine: Engine;
  readonly address: string;
  readonly port: number;
  /** The listener. Unknown for another user's process. */
  readonly fd: number | undefined;
  readonly inode: number;
  /** The listeners of all its loops, that one first. */
  readonly listeners: readonly Pick<FoundServer, 'fd' | 'inode'>[];
  /** How many loops it has; 1 where it has none. */
  readonly loops: number;
  /** Threads that compute for the loop. */
  readonly workers: number;
  /** As its command line says. */
  readonly backlog: number | undefined;
}

/** What the command line of a `serve` says, with defaults; undefined where it makes no sense. */
export type FlagsOf = (args: readonly string[]) => { port: number; backlog: number } | undefined;

export function findServers(flagsOf: FlagsOf): FoundServer[] {
  return processIds()
    .flatMap((pid) => serversOf(pid, flagsOf))
    .sort((a, b) => a.port - b.port || a.pid - b.pid);
}

function serversOf(pid: number, flagsOf: FlagsOf): FoundServer[] {
  const args = serveArguments(pid);
  if (args === undefined) return [];
  const flags = flagsOf(args);
  const uid = userOf(pid);
  const names = threadNames(pid);
  const { sockets, interestLists, readable } = descriptorsOf(pid);
  const mine = ({ inode, uid: owner, local }: TcpSocket): boolean =>
    readable ? sockets.has(inode) : owner === uid && local.port === flags?.port;
  const numbered = (name: string): number => [...names].filter((each) => each.startsWith(`${name}-`)).length;
  const [loops, workers] = [numbered('loop') || 1, numbered('compute')];
  return byAddress(listeners(pid).filter(mine)).flatMap((group) => {
    const listening = group
      .map(({ inode }) => ({ fd: sockets.get(inode), inode }))
      .sort((a, b) => (a.fd ?? 0) - (b.fd ?? 0));
    const { fd, inode } = listening[0]!;
    const { address, port } = group[0]!.local;
    const model = readable ? modelOf(fd!, interestLists, names) : modelByName(names);
    if (model === undefined) return [];
    const { backlog } = flags ?? {};
    return [{ pid, uid, ...model, address, port, fd, inode, listeners: listening, loops, workers, backlog }];
  });
}

/** Several listeners with one address are those of a server's loops (SO_REUSEPORT). */
function byAddress(all: readonly TcpSocket[]): TcpSocket[][] {
  const groups = new Map<string, TcpSocket[]>();
  for (const socket of all) {
    const address = addressAndPort(socket.local);
    groups.set(address, [...(groups.get(address) ?? []), socket]);
  }
  return [...groups.values()];
}

/**
 * What follows `evented-demo serve` on the command line, or undefined. The name alone is not enough: an argument of another
 * program may end in it, and `connect` may listen too, for a debugger.
 */
export function serveArguments(pid: number): string[] | undefined {
  const words = readProc(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  const at = words.findIndex(
    (word, index) => /^evented-demo(\.js)?$/.test(basename(word)) && words[index + 1] === 'serve',
  );
  return at < 0 ? undefined : words.slice(at + 2);
}

type ModeAndEngine = Pick<FoundServer, 'mode' | 'engine'>;

/** The model that serves a listener. A listener that libuv watches beside our threads belongs to no server. */
function modelOf(
  fd: number,
  lists: readonly InterestList[],
  names: ReadonlySet<string>,
): ModeAndEngine | undefined {
  const list = lists.find(({ watches }) => watches.some((watch) => watch.fd === fd));
  if (list === undefined) return modelByName(names);
  if (!list.ofNode) return modelByName(names) ?? { mode: 'evented', engine: 'system-calls' };
  return modelByName(names) === undefined ? { mode: 'evented', engine: 'portable' } : undefined;
}

function modelByName(names: ReadonlySet<string>): ModeAndEngine | undefined {
  const mode = modeOfThreads(names);
  return mode && { mode, engine: 'system-calls' };
}

/** The effective user id; -1 where the process has ended. */
function userOf(pid: number): number {
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`))?.[1] ?? -1);
}

/** A process id is used again, a socket's inode hardly ever. */
export function stillListens({ pid, fd, inode }: FoundServer): boolean {
  if (fd !== undefined) return linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
  return listeners(pid).some((each) => each.inode === inode);
}
