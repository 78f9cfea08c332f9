// Which model a server follows, from what its threads did: who accepted, who served, and who waited for several at once.

import type { Connection, Epoll, File } from './files.js';
import type { Thread } from './processes.js';

export interface ModelSeen {
  /** Such as `one loop on epoll`. */
  readonly model: string;
  /** How we know. */
  readonly because: string;
}

/** What is watched together: an epoll instance, or the descriptors of one thread's poll(2) or select(2). */
interface Group {
  readonly poller: string;
  readonly watches: Set<File>;
  /** Whether it was ever more than a wait for one connection. */
  isLoop: boolean;
}

interface Served {
  readonly acceptedBy: Thread;
  readonly acceptedAt: number;
  readonly servedBy: Set<Thread>;
  group: Group | undefined;
}

/** Connections that are remembered: the last ones say what a server does. */
const REMEMBERED = 1000;

export class ModelDetective {
  /** By the epoll instance, or by the thread. */
  readonly #groups = new Map<Epoll | number, Group>();
  readonly #connections = new Map<number, Served>();
  /** The processes that waited for connections. */
  readonly #acceptors = new Set<number>();
  #completion = false;

  accepts({ process }: Thread): void {
    this.#acceptors.add(process.pid);
  }

  accepted(thread: Thread, { id }: Connection, at: number): void {
    this.accepts(thread);
    this.#connections.set(id, { acceptedBy: thread, acceptedAt: at, servedBy: new Set(), group: undefined });
    if (this.#connections.size > REMEMBERED) this.#connections.delete(this.#connections.keys().next().value!);
  }

  served(thread: Thread, { id }: Connection): void {
    this.#connections.get(id)?.servedBy.add(thread);
  }

  watches(thread: Thread, owner: Epoll | number, poller: string, file: File): void {
    if (file.kind === 'listener') this.accepts(thread);
    let group = this.#groups.get(owner);
    if (group === undefined) {
      group = { poller, watches: new Set(), isLoop: typeof owner !== 'number' };
      this.#groups.set(owner, group);
    }
    group.watches.add(file);
    if (group.watches.size > 1) group.isLoop = true;
    const connection = file.kind === 'connection' ? this.#connections.get(file.id) : undefined;
    if (connection !== undefined) connection.group = group;
  }

  unwatches(owner: Epoll | number, file: File): void {
    this.#groups.get(owner)?.watches.delete(file);
  }

  submits(): void {
    this.#completion = true;
  }

  /** Undefined as long as nothing was served. */
  get verdict(): ModelSeen | undefined {
    const served = [...this.#connections.values()].filter(({ servedBy }) => servedBy.size > 0);
    if (served.length === 0) return this.#withoutConnections();
    const looped = served.filter(({ group }) => group?.isLoop === true);
    return looped.length * 2 > served.length ? this.#loop(looped) : this.#blocking(served);
  }

  #withoutConnections(): ModelSeen | undefined {
    if (!this.#completion) return undefined;
    return {
      model: 'completion on io_uring',
      because: 'it calls io_uring_enter; strace cannot see what it asks for, so no connection is shown',
    };
  }

  #loop(served: readonly Served[]): ModelSeen {
    const groups = new Set(served.map(({ group }) => group!));
    const pollers = [...new Set([...groups].map(({ poller }) => poller))].join(' and ');
    const threads = threadsOf(served);
    const watched = `${pollers} watched ${served.length === 1 ? 'its connection' : `${all(served.length)} connections`}`;
    const processes = this.#acceptors.size;
    if (processes > 1)
      return {
        model: `prefork with ${processes}, each a loop on ${pollers}`,
        because: `${processes} processes wait at the same port, and ${watched}`,
      };
    if (groups.size > 1)
      return {
        model: `${groups.size} loops on ${pollers}`,
        because: `${groups.size} threads each have a list of their own, and ${watched}`,
      };
    if (threads.size === 1)
      return {
        model: `one loop on ${pollers}`,
        because: `${watched}, and one thread served ${them(served)}`,
      };
    return {
      model: `one ${pollers}, ${threads.size} threads`,
      because: `${watched}, and ${threads.size} threads took turns to serve ${them(served)}`,
    };
  }

  #blocking(served: readonly Served[]): ModelSeen {
    const threads = threadsOf(served);
    const processes = new Set([...threads].map(({ process }) => process.pid));
    const itself = served.filter(({ acceptedBy, servedBy }) => servedBy.has(acceptedBy));
    if (itself.length === served.length) return this.#acceptorsServe(served, threads.size);
    const count = served.length;
    if (served.every((each) => isForked(each)) && processes.size >= count)
      return {
        model: 'a process each',
        because: `${count === 1 ? 'the connection was' : `${all(count)} connections were`} served by a process that was started for it`,
      };
    if (served.every((each) => isFresh(each)) && threads.size >= count)
      return {
        model: 'a thread each',
        because: `${count === 1 ? 'the connection was' : `${all(count)} connections were`} served by a thread that was started for it`,
      };
    return {
      model: `a pool of ${threads.size} ${processes.size > 1 ? 'processes' : threads.size === 1 ? 'thread' : 'threads'}`,
      because: `one thread accepts; ${count} ${count === 1 ? 'connection was' : 'connections were'} served by ${threads.size} that existed before or served several`,
    };
  }

  #acceptorsServe(served: readonly Served[], threads: number): ModelSeen {
    const processes = this.#acceptors.size;
    if (processes > 1)
      return {
        model: `prefork with ${processes}`,
        because: `${processes} processes wait at the same port, and each served what it accepted`,
      };
    if (threads > 1)
      return {
        model: `${threads} threads that each accept`,
        because: `${threads} threads accepted, and each served what it accepted`,
      };
    return {
      model: 'one at a time',
      because: `one thread accepted and served ${served.length === 1 ? 'the only connection' : `${all(served.length)} connections`}, and watched no others meanwhile`,
    };
  }
}

const all = (count: number): string => (count === 2 ? 'both' : `all ${count}`);
const them = (served: readonly Served[]): string => (served.length === 1 ? 'it' : 'them');

const threadsOf = (served: readonly Served[]): Set<Thread> =>
  new Set(served.flatMap(({ servedBy }) => [...servedBy]));

/** Served only by a thread of the same process that began after the accept. */
const isFresh = ({ acceptedBy, acceptedAt, servedBy }: Served): boolean =>
  [...servedBy].every(
    (thread) =>
      thread === acceptedBy || (thread.process === acceptedBy.process && thread.startedAt >= acceptedAt),
  );

const isForked = ({ acceptedBy, acceptedAt, servedBy }: Served): boolean =>
  [...servedBy].every(({ process }) => process === acceptedBy.process || process.startedAt >= acceptedAt) &&
  [...servedBy].some(({ process }) => process !== acceptedBy.process);
