// From the calls that strace shows to lifecycle events. Connections get their ids here, in the order of accept.
// Without I/O. Nothing is guessed: what a call does not show makes no event.

import {
  type CloseReason,
  type LifecycleEvent,
  type RefuseReason,
  SIGNALS,
  type SleepCall,
  type Waker,
} from '../../lifecycle/events.js';
import {
  bytesOf,
  descriptorOf,
  descriptorsIn,
  fourTupleIn,
  isTcp,
  localAddressOf,
  sizeOf,
  socketAddressOf,
  splitArguments,
} from './arguments.js';
import type { Call, Traced } from './calls.js';
import {
  type File,
  isListenerOrConnection,
  type OnFileClosed,
  type OpenConnection,
  type OpenListener,
  release,
  WatchedFiles,
} from './files.js';
import type { Begun } from './line.js';
import { ModelDetective } from './model-seen.js';
import { Processes, type TracedProcess, type TracedThread } from './processes.js';
import { askedFor, epollEvents, familyOf, found, onlyLooks } from './waits.js';

/** Nobody can see a shorter wait, and strace itself makes every call longer: microseconds. */
const SHORTEST_SLEEP_US = 1000;
/** The bytes of a request's first line that are waited for. */
const LONGEST_FIRST_LINE = 4096;

/** An event without what all events have. */
type Body = LifecycleEvent extends infer E
  ? E extends LifecycleEvent
    ? Omit<E, 'at' | 'thread' | 'tid'>
    : never
  : never;

/** What an event says of its connection. */
interface On {
  readonly connection: number;
  readonly fd: number;
}

/** Where a server listens; the rest of the `listening` event comes from the clock. */
export interface ListensAt {
  readonly fd: number;
  readonly address: string;
  readonly port: number;
  readonly backlog: number;
  readonly pid: number;
  /** Absent where its socket(2) was not seen. */
  readonly options?: readonly string[];
}

export interface Listeners {
  /** In the order of strace's lines; `at` is the wall clock in microseconds. */
  readonly onEvent: (event: LifecycleEvent) => void;
  readonly onListening: (listens: ListensAt, thread: TracedThread, at: number) => void;
}

export class Translator {
  readonly processes = new Processes();
  readonly detective = new ModelDetective();
  readonly #listeners: Listeners;
  /** The open ones by their 4-tuple: by it a descriptor is known that came from another process. */
  readonly #byTuple = new Map<string, OpenConnection>();
  readonly #connections = new Set<OpenConnection>();
  #accepted = 0;
  /** Lines of threads whose clone(2) has not returned yet in their parent. */
  readonly #unborn = new Map<number, Traced[]>();
  /** By thread: when the call began whose sleep was reported, or whose beginning was looked at. */
  readonly #asleepSince = new Map<number, number>();
  readonly #entered = new Map<number, number>();
  /** What a thread's last poll(2) or select(2) watched. */
  readonly #polled = new Map<number, Map<number, { readonly file: File; readonly events: string }>>();
  /** Descriptors in messages between processes that nobody has received yet. */
  readonly #inFlight: File[] = [];
  #outOf: RefuseReason | undefined;
  readonly totals = {
    connections: 0,
    requests: 0,
    bytesIn: 0,
    bytesOut: 0,
    peakConnections: 0,
    peakThreads: 0,
  };

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  get connections(): ReadonlySet<OpenConnection> {
    return this.#connections;
  }

  take(traced: Traced): void {
    const thread = this.#threadOf(traced);
    if (thread !== undefined) this.#takeOf(thread, traced);
  }

  /** Those that still sleep: strace has only shown how their calls begin. `now`: the wall clock in microseconds. */
  asleep(begun: Iterable<Begun>, now: number): void {
    for (const each of begun) {
      const thread = this.processes.thread(each.tid);
      if (thread === undefined || now - each.at < SHORTEST_SLEEP_US) continue;
      this.#enter(thread, each);
      this.#fallAsleep(thread, each);
    }
  }

  /** A process that runs already: its threads and its listeners. */
  attach(pid: number, tids: readonly number[], listeners: readonly ListensAt[], at: number): void {
    const leader = this.processes.first(pid, at);
    for (const tid of tids) if (tid !== pid) this.processes.born(tid, leader, 'CLONE_THREAD', at);
    this.#serves(leader);
    for (const listens of listeners) {
      leader.process.table.set(
        listens.fd,
        { kind: 'listener', nonBlocking: false, holders: 0 },
        false,
        () => {},
      );
      this.#listeners.onListening(listens, leader, at);
    }
  }

  #threadOf(traced: Traced): TracedThread | undefined {
    const thread = this.processes.thread(traced.tid);
    if (thread !== undefined) return thread;
    if (!this.processes.hasBegun) return this.processes.first(traced.tid, traced.at);
    const waiting = this.#unborn.get(traced.tid);
    if (waiting === undefined) this.#unborn.set(traced.tid, [traced]);
    else waiting.push(traced);
    return undefined;
  }

  #countThreads(): void {
    this.totals.peakThreads = Math.max(this.totals.peakThreads, this.processes.serving);
  }

  #serves({ process }: TracedThread): void {
    this.processes.serves(process);
    this.#countThreads();
  }

  #emit(thread: TracedThread, at: number, body: Body): void {
    const { name, tid, process } = thread;
    const pid = process.isFirst ? {} : { pid: process.pid };
    this.#listeners.onEvent({ at, thread: name, tid, ...pid, ...body } as LifecycleEvent);
  }

  #takeOf(thread: TracedThread, traced: Traced): void {
    switch (traced.kind) {
      case 'begun':
        return this.#enter(thread, traced);
      case 'call':
        this.#enter(thread, traced);
        this.#wake(thread, traced);
        return this.#returned(thread, traced);
      case 'signal':
        if (traced.signal === 'SIGURG') return; // by it Go's scheduler stops its own threads, again and again
        return this.#emit(thread, traced.at, { event: 'signal', signal: traced.signal });
      case 'ended':
        return this.#ended(thread, traced);
    }
  }

  /** What takes effect when a call begins. */
  #enter(thread: TracedThread, begun: Begun): void {
    if (this.#entered.get(thread.tid) === begun.at) return;
    this.#entered.set(thread.tid, begun.at);
    const { name, args, at } = begun;
    const family = familyOf(name);
    // The kernel frees the number at once: an accept in another thread may have it before close(2) returns.
    if (name === 'close') this.#close(thread, args, at);
    else if (family === 'poll' || family === 'select') this.#polls(thread, family, args, at);
    else if (family === 'accept4' && this.#file(thread, args, at)?.kind === 'listener')
      this.detective.accepts(thread);
    else if (family === 'recv' && this.#file(thread, args, at)?.kind === 'connection')
      this.detective.begins(thread);
  }

  /** The call in which a thread sleeps, and for whom; undefined where it does not sleep. */
  #sleepOf(thread: TracedThread, { name, args, at }: Begun) {
    const family =
      name === 'restart_syscall' ? familyOf(/interrupted (\w+)/.exec(args)?.[1] ?? '') : familyOf(name);
    if (family === undefined || onlyLooks(family, args)) return undefined;
    if (family === 'poll' || family === 'select') return { call: family, ...this.#onlyOnePolled(thread) };
    const takesDescriptor = ['accept4', 'recv', 'send', 'epoll_wait'].includes(family);
    if (!takesDescriptor) return { call: family };
    const file = this.#file(thread, args, at);
    const fd = descriptorOf(args)?.fd;
    if (fd === undefined) return undefined;
    if (family === 'epoll_wait') return { call: family, fd };
    if (file?.nonBlocking || args.includes('MSG_DONTWAIT')) return undefined;
    if (file?.kind === 'connection') return { call: family, connection: file.id, fd };
    if (family === 'accept4') return { call: family, fd };
    // A file on a disk takes its time, but there is nothing that it waits for.
    const isPath = descriptorOf(args)!.refersTo.startsWith('/');
    return family === 'recv' && !isPath ? { call: 'read' as const, fd } : undefined;
  }

  /** A thread that polls one connection alone sleeps for that one. */
  #onlyOnePolled({ tid }: TracedThread): { connection?: number; fd?: number } {
    const polled = [...(this.#polled.get(tid) ?? [])];
    const [only] = polled;
    if (only === undefined || polled.length > 1) return {};
    const [fd, { file }] = only;
    return file.kind === 'connection' ? { connection: file.id, fd } : { fd };
  }

  #fallAsleep(thread: TracedThread, begun: Begun): void {
    if (this.#asleepSince.get(thread.tid) === begun.at) return;
    const sleep = this.#sleepOf(thread, begun);
    if (sleep === undefined) return;
    this.#asleepSince.set(thread.tid, begun.at);
    this.#emit(thread, begun.at, { event: 'blocked', ...sleep });
  }

  #wake(thread: TracedThread, call: Call): void {
    const waitedUs = call.until - call.at;
    if (waitedUs >= SHORTEST_SLEEP_US) this.#fallAsleep(thread, call);
    if (this.#asleepSince.get(thread.tid) !== call.at) return;
    const sleep = this.#sleepOf(thread, call);
    this.#asleepSince.delete(thread.tid);
    if (sleep === undefined) return;
    const wokenBy = wakerOf(call, sleep.call);
    this.#emit(thread, call.until, {
      event: 'resumed',
      ...sleep,
      waitedUs: Math.round(waitedUs),
      ...(wokenBy === undefined ? {} : { wokenBy }),
    });
  }

  #returned(thread: TracedThread, call: Call): void {
    const { name, result } = call;
    switch (familyOf(name)) {
      case 'accept4':
        return this.#acceptReturned(thread, call);
      case 'recv':
        return this.#received(thread, call);
      case 'send':
        return this.#sent(thread, call);
      case 'epoll_wait':
        return this.#epollFound(thread, call);
      case 'poll':
      case 'select':
        return this.#pollFound(thread, call);
      case 'io_uring_enter':
        return this.detective.submits();
    }
    if (result === undefined || result < 0) return;
    const { table } = thread.process;
    const { args } = call;
    const fd = descriptorOf(args)?.fd ?? -1;
    switch (name) {
      case 'clone':
      case 'clone3':
      case 'fork':
      case 'vfork':
        return this.#born(thread, call);
      case 'execve':
      case 'execveat':
        return table.closeOnExec(this.#onClosed(thread, call.until));
      case 'socket':
        return this.#open(thread, call, args.includes('SOCK_NONBLOCK'), args.includes('SOCK_CLOEXEC'));
      case 'listen':
        return this.#listening(thread, call);
      case 'dup':
      case 'dup2':
      case 'dup3':
        return this.#duplicate(thread, call, args.includes('O_CLOEXEC'));
      case 'fcntl':
        return this.#fcntl(thread, call, fd);
      case 'setsockopt':
        return this.#setOption(thread, call);
      case 'ioctl':
        return this.#ioctl(thread, call, fd);
      case 'close_range':
        return this.#closeRange(thread, call);
      case 'epoll_create':
      case 'epoll_create1':
        return table.set(
          result,
          { kind: 'epoll', nonBlocking: false, holders: 0, interest: new WatchedFiles() },
          args.includes('CLOEXEC'),
          this.#onClosed(thread, call.until),
        );
      case 'epoll_ctl':
        return this.#interest(thread, call);
    }
  }

  // Threads and processes

  #born(parent: TracedThread, call: Call): void {
    const tid = call.result!;
    const waiting = this.#unborn.get(tid) ?? [];
    this.#unborn.delete(tid);
    const startedAt = Math.min(call.until, waiting[0]?.at ?? call.until);
    const thread = this.processes.born(tid, parent, call.args, startedAt);
    this.#countThreads();
    this.detective.started(thread);
    const tookUs = Math.round(startedAt - call.at);
    this.#emit(thread, startedAt, { event: 'thread-started', serial: thread.serial, tookUs });
    for (const each of waiting) this.take(each);
  }

  #ended(thread: TracedThread, { at, how }: Traced & { kind: 'ended' }): void {
    this.#polled.delete(thread.tid);
    this.#entered.delete(thread.tid);
    this.#asleepSince.delete(thread.tid);
    this.detective.ended(thread);
    const process = this.processes.ended(thread);
    process?.table.closeRange(0, Number.MAX_SAFE_INTEGER, this.#onClosed(thread, at, process.isFirst));
    this.#emit(thread, at, { event: 'thread-ended' });
    if (thread.process.threads.size === 0) this.#processEnded(thread.process, at, how);
  }

  /** In order it has no event of its own: its threads have ended. */
  #processEnded({ pid }: TracedProcess, at: number, how: string): void {
    const status = Number(/^exited with (\d+)/.exec(how)?.[1] ?? 0);
    const signal = SIGNALS.find((name) => name !== undefined && how.startsWith(`killed by ${name}`));
    if (status === 0 && signal === undefined) return;
    this.#listeners.onEvent({
      ...{ at, thread: 'main', tid: process.pid, event: 'process-ended', child: pid },
      ...(signal === undefined ? { status } : { signal }),
    });
  }

  // Descriptors

  /**
   * What the descriptor at the beginning of the arguments refers to. Where strace names another connection than we do, a
   * message or a call that we did not see has changed it, and strace is right.
   */
  #file(thread: TracedThread, args: string, at: number): File | undefined {
    const { table } = thread.process;
    const descriptor = descriptorOf(args);
    if (descriptor === undefined) return undefined;
    const { fd, refersTo } = descriptor;
    const known = table.file(fd);
    const fourTuple = fourTupleIn(refersTo);
    if (fourTuple !== undefined) {
      const named = this.#byTuple.get(String(fourTuple));
      if (named === known) return known;
      if (named !== undefined) table.set(fd, named, false, this.#onClosed(thread, at));
      else if (known?.kind === 'connection') table.close(fd, this.#onClosed(thread, at));
      return named;
    }
    const isSocket = refersTo === '' || isTcp(refersTo) || refersTo.startsWith('socket:');
    if (known?.kind !== 'connection' || isSocket) return known;
    table.close(fd, this.#onClosed(thread, at));
    return undefined;
  }

  #open(thread: TracedThread, { result, until }: Call, nonBlocking: boolean, closeOnExec: boolean): void {
    thread.process.table.set(
      result!,
      { kind: 'other', nonBlocking, holders: 0, options: new Set() },
      closeOnExec,
      this.#onClosed(thread, until),
    );
  }

  #duplicate(thread: TracedThread, { args, result, until }: Call, closeOnExec: boolean): void {
    const file = this.#file(thread, args, until);
    const { table } = thread.process;
    if (file === undefined) table.close(result!, this.#onClosed(thread, until));
    else if (table.file(result!) !== file)
      table.set(result!, file, closeOnExec, this.#onClosed(thread, until));
  }

  #fcntl(thread: TracedThread, call: Call, fd: number): void {
    const { args } = call;
    if (args.includes('F_DUPFD')) return this.#duplicate(thread, call, args.includes('F_DUPFD_CLOEXEC'));
    const file = this.#file(thread, args, call.until);
    if (args.includes('F_SETFL') && file !== undefined) file.nonBlocking = args.includes('O_NONBLOCK');
    if (args.includes('F_SETFD')) thread.process.table.setCloseOnExec(fd, args.includes('FD_CLOEXEC'));
  }

  #setOption(thread: TracedThread, { args, until }: Call): void {
    const file = this.#file(thread, args, until);
    const [, , name = '', value = ''] = splitArguments(args);
    if (file?.kind !== 'other' || file.options === undefined) return;
    if (value === '[0]') file.options.delete(name);
    else file.options.add(name);
  }

  #ioctl(thread: TracedThread, { args, until }: Call, fd: number): void {
    const file = args.includes('FIONBIO') ? this.#file(thread, args, until) : undefined;
    if (file !== undefined) file.nonBlocking = !args.includes('[0]');
    if (args.includes('FIOCLEX')) thread.process.table.setCloseOnExec(fd, true);
    if (args.includes('FIONCLEX')) thread.process.table.setCloseOnExec(fd, false);
  }

  #close(thread: TracedThread, args: string, at: number): void {
    this.#file(thread, args, at);
    const fd = descriptorOf(args)?.fd;
    if (fd !== undefined) thread.process.table.close(fd, this.#onClosed(thread, at));
  }

  #closeRange(thread: TracedThread, { args, until }: Call): void {
    const [first = '', last = '', flags = ''] = splitArguments(args);
    if (flags.includes('CLOEXEC')) return;
    const to = /^\d/.test(last) ? Number.parseInt(last, 10) : Number.MAX_SAFE_INTEGER;
    thread.process.table.closeRange(Number.parseInt(first, 10), to, this.#onClosed(thread, until));
  }

  readonly #onClosed =
    (thread: TracedThread, at: number, stopping = false): OnFileClosed =>
    (file, fd) => {
      if (file.kind !== 'connection') return;
      this.#connections.delete(file);
      const key = String(file.fourTuple);
      if (this.#byTuple.get(key) === file) this.#byTuple.delete(key);
      const { id, bytesIn, bytesOut, requests } = file;
      this.#emit(thread, at, {
        event: 'closed',
        connection: id,
        fd,
        reason: stopping ? 'stopping' : reasonOf(file),
        durationUs: Math.round(at - file.acceptedAt),
        bytesIn,
        bytesOut,
        requests,
      });
    };

  /** Descriptors in a message (SCM_RIGHTS, unix(7)): until it is received, the message itself refers to them. */
  #passed(thread: TracedThread, { name, args, until }: Call): void {
    const data = /cmsg_type=SCM_RIGHTS, cmsg_data=(\[.*?\])\}/.exec(args)?.[1];
    if (data === undefined) return;
    const { table } = thread.process;
    for (const { fd, refersTo } of descriptorsIn(data)) {
      if (name === 'sendmsg') {
        const file = table.file(fd);
        if (file === undefined) continue;
        file.holders++;
        this.#inFlight.push(file);
        continue;
      }
      const isIt = (file: File): boolean =>
        file.kind === 'connection'
          ? String(file.fourTuple) === String(fourTupleIn(refersTo))
          : file.kind === 'listener' && localAddressOf(refersTo) !== undefined;
      const index = this.#inFlight.findIndex(isIt);
      const [file] = index < 0 ? [] : this.#inFlight.splice(index, 1);
      if (file === undefined) continue;
      table.set(fd, file, args.includes('MSG_CMSG_CLOEXEC'), this.#onClosed(thread, until));
      release(file, fd, this.#onClosed(thread, until));
    }
  }

  // Connections

  #listening(thread: TracedThread, { args, until, at }: Call): void {
    const descriptor = descriptorOf(args)!;
    const { table } = thread.process;
    const before = table.file(descriptor.fd);
    const local = localAddressOf(descriptor.refersTo);
    if (local === undefined || before?.kind === 'listener') return;
    const listener: OpenListener = {
      kind: 'listener',
      nonBlocking: before?.nonBlocking ?? false,
      holders: 0,
    };
    table.set(descriptor.fd, listener, false, this.#onClosed(thread, at));
    this.#serves(thread);
    const backlog = Number(splitArguments(args)[1]);
    const options = before?.kind === 'other' && before.options ? { options: [...before.options] } : {};
    this.#listeners.onListening(
      { fd: descriptor.fd, ...local, backlog, pid: thread.process.pid, ...options },
      thread,
      until,
    );
  }

  #acceptReturned(thread: TracedThread, call: Call): void {
    const { args, result, detail, until } = call;
    const listener = this.#file(thread, args, call.at);
    const local = localAddressOf(descriptorOf(args)?.refersTo ?? '');
    if (listener?.kind !== 'listener') return;
    if (result === undefined) return;
    if (result < 0) return this.#notAccepted(thread, listener, call);
    this.#outOf = undefined;
    const peer = socketAddressOf(args);
    const fourTuple =
      fourTupleIn(descriptorOf(`${result}${detail}`)?.refersTo ?? '') ??
      // The client has reset it already, so the kernel no longer knows its addresses.
      ([peer?.address ?? '?', peer?.port ?? 0, local?.address ?? '?', local?.port ?? 0] as const);
    const connection: OpenConnection = {
      kind: 'connection',
      id: ++this.#accepted,
      fd: result,
      nonBlocking: args.includes('SOCK_NONBLOCK'),
      holders: 0,
      fourTuple,
      acceptedAt: until,
      bytesIn: 0,
      bytesOut: 0,
      requests: 0,
      peerClosed: false,
      reset: false,
      head: '',
    };
    this.#serves(thread);
    thread.process.table.set(
      result,
      connection,
      args.includes('SOCK_CLOEXEC'),
      this.#onClosed(thread, until),
    );
    this.#byTuple.set(String(fourTuple), connection);
    this.#connections.add(connection);
    this.totals.connections++;
    this.totals.peakConnections = Math.max(this.totals.peakConnections, this.#connections.size);
    this.detective.accepted(thread, connection, until);
    this.#emit(thread, until, { event: 'accepted', connection: connection.id, fd: result, fourTuple });
  }

  #notAccepted(thread: TracedThread, listener: OpenListener, { args, errno = '', until }: Call): void {
    const { fd } = descriptorOf(args)!;
    if (errno === 'EAGAIN') {
      if (listener.nonBlocking) this.#emit(thread, until, { event: 'would-block', fd, call: 'accept4' });
      return;
    }
    const reason = SHORTAGES[errno];
    if (reason === undefined || reason === this.#outOf) return;
    this.#outOf = reason;
    this.#emit(thread, until, { event: 'refused', reason });
  }

  #received(thread: TracedThread, call: Call): void {
    const { name, args, result, until } = call;
    if (name === 'recvmsg' && result !== undefined && result >= 0) this.#passed(thread, call);
    const connection = this.#file(thread, args, call.at);
    if (connection?.kind !== 'connection' || result === undefined) return;
    const on = { connection: connection.id, fd: descriptorOf(args)!.fd };
    if (result < 0) return this.#failed(thread, connection, on, 'recv', call);
    this.detective.served(thread, connection, until);
    if (result > 0 && args.includes('MSG_PEEK')) return;
    if (result > 0) {
      this.#cameIn(thread, connection, on, call, roomIn(call));
      this.#request(thread, connection, on, call);
    } else if (!connection.peerClosed) {
      connection.peerClosed = true;
      this.#emit(thread, until, { event: 'peer-closed', ...on });
    }
  }

  #cameIn(
    thread: TracedThread,
    connection: OpenConnection,
    on: On,
    { result, until }: Call,
    room = {},
  ): void {
    const bytes = result!;
    connection.bytesIn += bytes;
    this.totals.bytesIn += bytes;
    this.#emit(thread, until, { event: 'received', ...on, bytes, ...room });
  }

  /** The first line of an HTTP request, if strace shows the whole of it. */
  #request(thread: TracedThread, connection: OpenConnection, on: On, call: Call): void {
    if (connection.head === undefined) return;
    const shown = bytesOf(/(?:^[^,]*, |iov_base=)(".*)/s.exec(call.args)?.[1] ?? '');
    connection.head += shown?.bytes ?? '';
    const line = /^([A-Z]{1,16}) (\S+) HTTP\/\d\.\d\r?\n/.exec(connection.head);
    if (line !== null) {
      connection.head = undefined;
      connection.requests++;
      this.totals.requests++;
      const [, method, target] = line as unknown as [string, string, string];
      this.#emit(thread, call.until, { event: 'request', ...on, method, target, shownBy: 'strace' });
    } else if (!shown?.whole || connection.head.includes('\n') || connection.head.length > LONGEST_FIRST_LINE)
      connection.head = undefined;
  }

  #sent(thread: TracedThread, call: Call): void {
    const { name, args, result, until } = call;
    if (name === 'sendmsg' && result !== undefined && result >= 0) this.#passed(thread, call);
    const target = name === 'splice' ? (splitArguments(args)[2] ?? '') : args;
    if (name === 'splice') this.#splicedFrom(thread, call);
    const connection = this.#file(thread, target, call.at);
    if (connection?.kind !== 'connection' || result === undefined) return;
    const on = { connection: connection.id, fd: descriptorOf(target)!.fd };
    if (result < 0) return this.#failed(thread, connection, on, 'send', call);
    this.detective.served(thread, connection, until);
    if (result === 0) return;
    connection.bytesOut += result;
    connection.head = ''; // what comes now is the next request
    this.totals.bytesOut += result;
    this.#emit(thread, until, { event: 'sent', ...on, bytes: result, ...askedOf(call, result) });
  }

  /** splice(2) also takes bytes from a connection. */
  #splicedFrom(thread: TracedThread, call: Call): void {
    const { args, result = 0, at } = call;
    const connection = this.#file(thread, args, at);
    if (connection?.kind !== 'connection' || result <= 0) return;
    connection.head = undefined;
    this.#cameIn(thread, connection, { connection: connection.id, fd: descriptorOf(args)!.fd }, call);
  }

  #failed(
    thread: TracedThread,
    connection: OpenConnection,
    on: On,
    call: 'recv' | 'send',
    { errno = '', until }: Call,
  ): void {
    if (errno === 'EAGAIN') {
      if (connection.nonBlocking) this.#emit(thread, until, { event: 'would-block', ...on, call });
    } else if (RESETS.has(errno)) {
      if (!connection.reset) this.#emit(thread, until, { event: 'reset', ...on });
      connection.reset = true;
    } else if (!AGAIN.has(errno)) this.#emit(thread, until, { event: 'failed', ...on, call, errno });
  }

  // Pollers

  #interest(thread: TracedThread, { args, until, at }: Call): void {
    const [epollText = '', operation = '', target = '', event = ''] = splitArguments(args);
    const epoll = this.#file(thread, epollText, at);
    const file = this.#file(thread, target, at);
    if (epoll?.kind !== 'epoll' || file === undefined) return;
    const { fd } = descriptorOf(target)!;
    if (operation === 'EPOLL_CTL_DEL') {
      epoll.interest.delete(fd);
      this.detective.unwatches(epoll, file);
      if (isListenerOrConnection(file)) this.#emit(thread, until, { event: 'unwatched', ...on(file, fd) });
      return;
    }
    const [watched] = epollEvents(event);
    if (watched === undefined) return;
    epoll.interest.set(fd, file, watched.data);
    if (!isListenerOrConnection(file)) return;
    this.detective.watches(thread, epoll, 'epoll', file);
    this.#emit(thread, until, { event: 'watching', ...on(file, fd), interest: watched.events });
  }

  #epollFound(thread: TracedThread, { args, result = 0, until, at }: Call): void {
    const epoll = this.#file(thread, args, at);
    if (epoll?.kind !== 'epoll' || result <= 0) return;
    for (const { events, data } of epollEvents(args)) {
      const watched = epoll.interest.watched(data);
      if (isListenerOrConnection(watched?.file))
        this.#emit(thread, until, { event: 'ready', ...on(watched!.file, watched!.fd), readiness: events });
    }
  }

  /** poll(2) and select(2) get their whole list with each call: what is new in it, and what is gone, are the events. */
  #polls(thread: TracedThread, family: 'poll' | 'select', args: string, at: number): void {
    const before = this.#polled.get(thread.tid);
    const now = new Map<number, { file: File; events: string }>();
    for (const { fd, events } of askedFor(family, args)) {
      const file = thread.process.table.file(fd);
      if (isListenerOrConnection(file)) now.set(fd, { file, events });
    }
    if (before === undefined && now.size === 0) return;
    this.#polled.set(thread.tid, now);
    for (const [fd, { file }] of before ?? []) {
      if (now.get(fd)?.file === file) continue;
      this.detective.unwatches(thread.tid, file);
      if (file.holders > 0) this.#emit(thread, at, { event: 'unwatched', ...on(file, fd) });
    }
    for (const [fd, { file, events }] of now) {
      const last = before?.get(fd);
      this.detective.watches(thread, thread.tid, family, file);
      if (last?.file !== file || last.events !== events)
        this.#emit(thread, at, { event: 'watching', ...on(file, fd), interest: events });
    }
  }

  #pollFound(thread: TracedThread, { name, detail, result = 0, until }: Call): void {
    if (result <= 0) return;
    const polled = this.#polled.get(thread.tid);
    for (const { fd, events } of found(familyOf(name)!, detail)) {
      const file = polled?.get(fd)?.file;
      if (file !== undefined)
        this.#emit(thread, until, { event: 'ready', ...on(file, fd), readiness: events });
    }
  }
}

function roomIn({ name, args }: Call): { room?: number } {
  const room = sizeOf(name, args);
  return room === undefined ? {} : { room };
}

/** What it was given, where the kernel took less. sendfile(2) and splice(2) end where their file does. */
function askedOf({ name, args }: Call, bytes: number): { asked?: number } {
  const asked = name === 'sendfile' || name === 'splice' ? undefined : sizeOf(name, args);
  return asked === undefined || asked <= bytes ? {} : { asked };
}

const on = (file: File, fd: number): { connection?: number; fd: number } =>
  file.kind === 'connection' ? { connection: file.id, fd } : { fd };

/** From outside nobody can say more than what was last seen. */
function reasonOf({ reset, peerClosed, bytesOut }: OpenConnection): CloseReason {
  if (reset) return 'reset';
  if (peerClosed) return 'peer-closed';
  return bytesOut > 0 ? 'replied' : 'unanswered';
}

function wakerOf({ errno, result }: Call, call: SleepCall): Waker | undefined {
  if (errno === 'EINTR' || errno?.startsWith('ERESTART') === true) return 'signal';
  const isPoller = call === 'epoll_wait' || call === 'poll' || call === 'select';
  return isPoller && result === 0 ? 'timer' : undefined;
}

const SHORTAGES: Readonly<Record<string, RefuseReason>> = {
  EMFILE: 'out-of-descriptors',
  ENFILE: 'out-of-descriptors',
  ENOBUFS: 'out-of-memory',
  ENOMEM: 'out-of-memory',
};

/** The client has reset the connection, or can no longer be reached. */
const RESETS = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTCONN']);
/** The call is made again. */
const AGAIN = new Set([
  '',
  'EINTR',
  'ERESTARTSYS',
  'ERESTARTNOHAND',
  'ERESTARTNOINTR',
  'ERESTART_RESTARTBLOCK',
]);
