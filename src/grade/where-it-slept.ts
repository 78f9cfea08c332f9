// What the threads of a server did at the moment when a check failed, as the kernel says (proc(5)): the evidence.

import { type Thread, threadsOf } from '../inspect/threads.js';
import { socketDescriptors } from '../net/socket-holders.js';
import { socketsOfPort } from '../net/tcp-table.js';
import { count } from '../terminal/quantities.js';
import type { GradeClient } from './client.js';

const MOST_SHOWN = 3;
/** Reading a thread takes a while, and many threads do the same. */
const MOST_READ = 1000;

/** A sentence; undefined where no thread is left. */
export function whereItSlept(
  pids: readonly number[],
  port: number,
  clients: readonly GradeClient[],
): string | undefined {
  const all = pids.flatMap((pid) => threadsOf(pid, () => {}));
  const threads = [...new Map(all.map((thread) => [thread.tid, thread])).values()];
  if (threads.length === 0) return undefined;
  const whose = nameSockets(port, clients);
  const groups = new Map<string, number>();
  for (const thread of threads.slice(0, MOST_READ)) {
    const what = `${doing(thread)}${whose(thread)}`;
    groups.set(what, (groups.get(what) ?? 0) + 1);
  }
  // Those on a socket first: a runtime has threads of its own, which wait for something else.
  const isOnSocket = (what: string): number => (what.includes(', the ') ? 0 : 1);
  const sorted = [...groups].toSorted(([a, many], [b, few]) => isOnSocket(a) - isOnSocket(b) || few - many);
  if (threads.length === 1) return `At that moment its only thread was ${sorted[0]![0]}.`;
  const parts = sorted.slice(0, MOST_SHOWN).map(([what, number]) => `${number} ${what}`);
  const rest = sorted.length > MOST_SHOWN ? '; the others did something else' : '';
  return `At that moment it had ${count(threads.length, 'thread')}: ${parts.join('; ')}${rest}.`;
}

/** Whose socket a thread's call is on: the listener, or that of a client. */
function nameSockets(port: number, clients: readonly GradeClient[]): (thread: Thread) => string {
  const names = new Map(clients.map(({ port: own, name }) => [own, name]));
  const sockets = new Map(socketsOfPort(port).map((socket) => [socket.inode, socket]));
  const inodesOf = new Map<number, Map<number, number>>();
  return ({ pid, fd }) => {
    if (fd === undefined) return '';
    const byFd =
      inodesOf.get(pid) ?? new Map([...socketDescriptors(pid)].map(([inode, own]) => [own, inode]));
    inodesOf.set(pid, byFd);
    const socket = sockets.get(byFd.get(fd) ?? -1);
    if (socket?.state === 'LISTEN') return ', the listener';
    const client = names.get(socket?.peer.port ?? -1);
    return client === undefined ? '' : `, the connection of ${client}`;
  };
}

function doing({ call, fd, state }: Thread): string {
  if (call !== undefined) return `asleep in ${call}${fd === undefined ? '' : ` on fd ${fd}`}`;
  return state === 'R' ? 'running' : 'in no call that can be seen';
}
