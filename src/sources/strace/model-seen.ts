// Which model a server follows, from what its threads did: who accepted, who served, and who waited for several at once.

import type { Epoll, File, OpenConnection } from './files.js';
import type { TracedProcess, TracedThread } from './processes.js';

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
  readonly acceptedBy: TracedThread;
  readonly acceptedAt: number;
  readonly servedBy: Set<TracedThread>;
  /** Whether it waited for a thread that served another one after its accept, and no further thread was on its way. */
  waited: boolean;
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
  /** The threads of a process that were started and have not begun with a connection. */
  readonly #onTheirWay = new WeakMap<TracedProcess, Set<TracedThread>>();
  /** By tid: when a thread last served a connection. */
  readonly #lastServed = new Map<number, number>();
  #completion = false;

  accepts({ process }: TracedThread): void {
    this.#acceptors.add(process.pid);
  }

  accepted(thread: TracedThread, { id }: OpenConnection, at: number): void {
    this.accepts(thread);
    this.#connections.set(id, {
      acceptedBy: thread,
      acceptedAt: at,
      servedBy: new Set(),
      waited: false,
      group: undefined,
    });
    if (this.#connections.size > REMEMBERED) this.#connections.delete(this.#connections.keys().next().value!);
  }

  served(thread: TracedThread, { id }: OpenConnection, at: number): void {
    const last = this.#lastServed.get(thread.tid);
    this.#lastServed.set(thread.tid, at);
    const connection = this.#connections.get(id);
    if (connection === undefined || connection.servedBy.has(thread)) return;
    connection.servedBy.add(thread);
    const onTheirWay = this.#onTheirWay.get(thread.process);
    if (last !== undefined && last > connection.acceptedAt && !onTheirWay?.size) connection.waited = true;
  }

  /** Threads that were there before the first connection are not for one. */
  started(thread: TracedThread): void {
    if (this.#connections.size === 0) return;
    const others = this.#onTheirWay.get(thread.process);
    if (others === undefined) this.#onTheirWay.set(thread.process, new Set([thread]));
    else others.add(thread);
  }

  /** It begins to receive from a connection, and may sleep for it. */
  begins(thread: TracedThread): void {
    this.#onTheirWay.get(thread.process)?.delete(thread);
  }

  ended(thread: TracedThread): void {
    this.begins(thread);
    this.#lastServed.delete(thread.tid);
  }

  watches(thread: TracedThread, owner: Epoll | number, poller: string, file: File): void {
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
    return looped.length * 2 > served.length ? this.#loop(looped, served.length) : this.#blocking(served);
  }

  #withoutConnections(): ModelSeen | undefined {
    if (!this.#completion) return undefined;
    return {
      model: 'completion on io_uring',
      because: 'it calls io_uring_enter; strace cannot see what it asks for, so no connection is shown',
    };
  }

  #loop(served: readonly Served[], total: number): ModelSeen {
    const groups = new Set(served.map(({ group }) => group!));
    const pollers = [...new Set([...groups].map(({ poller }) => poller))].join(' and ');
    const threads = threadsOf(served);
    const which = served.length < total ? `${served.length} of ${total}` : all(total);
    const watched = `${pollers} watched ${total === 1 ? 'its connection' : `${which} connections`}`;
    const processes = this.#acceptors.size;
    if (processes > 1 && threads.size > groups.size)
      return {
        model: `prefork with ${processes}, each one ${pollers} and several threads`,
        because: `${processes} processes wait at the same port, ${watched}, and ${threads.size} threads served them`,
      };
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
    const acceptors = this.#acceptors.size;
    if (acceptors > 1 && threads.size > processes.size)
      return {
        model: `prefork with ${acceptors}, each a pool of threads`,
        because: `${acceptors} processes wait at the same port; in each one thread accepts, and ${threads.size} others served ${all(count)} connections`,
      };
    if (served.some((each) => isFresh(each)) && !served.some(({ waited }) => waited))
      return {
        model: 'a thread each, used again',
        because: `${all(count)} connections were served by ${threads.size} threads; one was started where none was free, and no connection waited for one`,
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

const threadsOf = (served: readonly Served[]): Set<TracedThread> =>
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
