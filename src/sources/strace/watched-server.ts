// A program that is not ours, run under strace(1) or attached to: its events, in order of time, as those of our own server.
// strace opens its pipe by itself, so the program inherits nothing from us but its output.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { nowUs } from '../../lifecycle/clock.js';
import type { EventOf, LifecycleEvent, OnEvents, Totals } from '../../lifecycle/events.js';
import { socketDescriptors } from '../../net/socket-holders.js';
import { listeners } from '../../net/tcp-table.js';
import { guardSession } from '../../posix/guard.js';
import { listProc } from '../../posix/proc.js';
import { reap } from '../../posix/system-calls.js';
import { CallReader } from './calls.js';
import { KernelLook } from './kernel-look.js';
import type { ModelSeen } from './model-seen.js';
import type { TracedThread } from './processes.js';
import { type ListensAt, Translator } from './translator.js';
import { TRACED } from './waits.js';

/** How often events are handed on, in milliseconds: often enough for the eye. */
const HAND_ON_EVERY_MS = 15;
/** Events wait so long for earlier ones, in microseconds: strace shows a call when it returns. */
const ORDER_US = 5000;
/** Bytes of a buffer that strace shows: enough for the first line of most requests. */
const SHOWN_BYTES = 512;
/** How long a program may take to end after each signal, in milliseconds. */
const PATIENCE_MS = 2000;

export type Target = { readonly command: readonly string[] } | { readonly pid: number };

export interface WatchOptions {
  readonly target: Target;
  readonly onEvents: OnEvents;
  /** A line that the program itself has written, to standard output or standard error. */
  readonly onOutput: (line: string) => void;
}

/** How it ended. */
export interface WatchEnd {
  /** Of the program; undefined where a signal ended it, or it runs on. */
  readonly status: number | null;
  readonly listened: boolean;
  /** What strace itself said, such as why it could not begin, a line each. */
  readonly complaints: readonly string[];
}

export class WatchedServer {
  readonly #options: WatchOptions;
  readonly #reader = new CallReader();
  readonly #translator: Translator;
  readonly #kernel: KernelLook;
  /** The wall clock just before strace was started. */
  readonly #startedAt = wallUs();
  readonly #strace: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  #waiting: { at: number }[] = [];
  /** The wall clock when it began to listen, in microseconds: `at` 0. */
  #zero: number | undefined;
  /** Whether strace wrote something since the last turn. */
  #busy = false;
  readonly #complaints: string[] = [];
  #model: ModelSeen | undefined;
  #stopping = false;
  #attached = false;
  /** Rejects where strace is not there. */
  readonly ended: Promise<WatchEnd>;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#translator = new Translator({
      onEvent: (event) => {
        // An orphan is our child (adoptOrphans()), and stays in the kernel's table until we take its status.
        if (event.event === 'thread-ended' && event.tid === event.pid) reap(event.pid);
        this.#waiting.push(event);
      },
      onListening: (listens, thread, at) => this.#listening(listens, thread, at),
    });
    const { processes, connections } = this.#translator;
    this.#kernel = new KernelLook(processes, connections);
    const { reading, holding } = openPipe();
    const output = `/proc/${process.pid}/fd/${holding}`;
    this.#strace = spawn('strace', straceArguments(output, options.target), {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // One that is attached to lives on: strace lets go of it when it is ended.
    if ('command' in options.target && this.tracer !== undefined) guardSession(this.tracer);
    const lines = new Socket({ fd: reading, readable: true, writable: false });
    lines.setEncoding('utf8').on('data', (text) => this.#take(String(text)));
    const printed = [this.#strace.stdout, this.#strace.stderr].map((pipe) => this.#passOn(pipe!));
    this.#timer = setInterval(() => this.#turn(), HAND_ON_EVERY_MS);
    const read = [lines, ...printed].map((each) => once(each, 'close'));
    this.ended = this.#untilEnded(holding, read);
  }

  async #untilEnded(holding: number, read: readonly Promise<unknown>[]): Promise<WatchEnd> {
    try {
      // When it has ended nobody writes, and the reader comes to its end.
      const [status] = await once(this.#strace, 'exit').finally(() => closeSync(holding));
      await Promise.all(read);
      return this.#finish(status);
    } finally {
      clearInterval(this.#timer);
    }
  }

  /** strace's own process; undefined where it could not be started. */
  get tracer(): number | undefined {
    return this.#strace.pid;
  }

  /** What it has done so far. */
  get totals(): Totals {
    return { ...this.#translator.totals, leftOpen: this.#translator.connections.size, eventsDropped: 0 };
  }

  /** As Ctrl-C does: the program first, then everything that it started. One that was attached to runs on. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    if ('pid' in this.#options.target) {
      this.#strace.kill('SIGINT');
      return;
    }
    const group = this.#strace.pid;
    if (group === undefined) return;
    signal(-group, 'SIGINT');
    const steps = [() => this.#signalAll('SIGTERM'), () => this.#signalAll('SIGKILL')];
    steps.forEach((step, i) => {
      const timer = setTimeout(step, PATIENCE_MS * (i + 1));
      void this.ended.finally(() => clearTimeout(timer)).catch(() => {});
    });
  }

  /** strace lives as long as the last of them. */
  #signalAll(name: NodeJS.Signals): void {
    for (const { pid } of this.#translator.processes.all) signal(pid, name);
  }

  /** The first word from strace, or the first call, says that it may. */
  #attach(): void {
    const { target } = this.#options;
    if (this.#attached || !('pid' in target)) return;
    this.#attached = true;
    const { pid } = target;
    const tids = listProc(`/proc/${pid}/task`).map(Number);
    if (tids.length > 0) this.#translator.attach(pid, tids, listenersOf(pid), this.#startedAt);
  }

  /** strace's own messages come the same way as what the program writes to standard error. */
  #passOn(pipe: Readable): Interface {
    const lines = createInterface({ input: pipe });
    lines.on('line', (line) => {
      if (ATTACHED.test(line)) this.#attach();
      else if (line.startsWith('strace: ')) this.#complaints.push(line.slice('strace: '.length));
      else this.#options.onOutput(line);
    });
    return lines;
  }

  #take(text: string): void {
    this.#busy = true;
    this.#attach();
    for (const traced of this.#reader.take(text)) this.#translator.take(traced);
  }

  #turn(): void {
    const now = wallUs();
    // The last line may be cut anywhere as long as strace is still writing it.
    this.#translator.asleep(this.#reader.inCalls(!this.#busy), now);
    this.#busy = false;
    for (const seen of this.#kernel.look())
      this.#waiting.push({ at: now, thread: 'main', tid: process.pid, ...seen } as LifecycleEvent);
    this.#handOn(now - ORDER_US);
  }

  #listening(listens: ListensAt, { name, tid }: TracedThread, at: number): void {
    this.#kernel.listens(listens);
    const { pid, ...where } = listens;
    const common = { at, thread: name, tid, ...where };
    if (this.#zero !== undefined) {
      this.#waiting.push({ ...common, event: 'also-listening' } as LifecycleEvent);
      return;
    }
    this.#zero = at;
    const facts = {
      mode: 'watched',
      engine: 'strace',
      pid,
      startedAt: new Date(at / 1000).toISOString(),
      monotonicUs: Math.round(at + monotonicOffsetUs()),
    };
    this.#waiting.push({ ...common, event: 'listening', ...facts } as LifecycleEvent);
  }

  /** Events up to a moment of the wall clock, in order. What came before it listened waits for it, too. */
  #handOn(until: number): void {
    if (this.#zero === undefined) return;
    const zero = this.#zero;
    this.#seeModel();
    this.#waiting.sort((a, b) => a.at - b.at);
    const later = this.#waiting.findIndex(({ at }) => at > until);
    const due = later < 0 ? this.#waiting : this.#waiting.slice(0, later);
    this.#waiting = later < 0 ? [] : this.#waiting.slice(later);
    const events = due.map((event) => ({ ...event, at: Math.round(event.at - zero) }) as LifecycleEvent);
    if (events.length > 0) this.#options.onEvents(events);
  }

  /** Where we have learnt which model it is, or changed our mind: an event, behind all that led to it. */
  #seeModel(): void {
    const seen = this.#waiting.length === 0 ? undefined : this.#translator.detective.verdict;
    if (seen === undefined) return;
    const isNew = seen.model !== this.#model?.model;
    this.#model = seen;
    if (isNew) this.#waiting.push(modelSeen(seen, Math.max(...this.#waiting.map(({ at }) => at))));
  }

  #finish(status: number | null): WatchEnd {
    this.#handOn(Number.POSITIVE_INFINITY);
    const listened = this.#zero !== undefined;
    if (listened) {
      const at = Math.round(wallUs() - this.#zero!);
      this.#options.onEvents([
        ...(this.#model === undefined ? [] : [modelSeen(this.#model, at)]),
        { at, thread: 'main', tid: process.pid, event: 'stopped', ...this.totals },
      ]);
    }
    return { status, listened, complaints: this.#complaints };
  }
}

/** What strace says of each thread that it attaches to, and lets go. */
const ATTACHED = /^strace: Process \d+ (attached|detached)/;

const modelSeen = (seen: ModelSeen, at: number): EventOf<'model-seen'> => ({
  at,
  thread: 'main',
  tid: process.pid,
  event: 'model-seen',
  ...seen,
});

const wallUs = (): number => Date.now() * 1000;

/** What to add to a wall clock's time: read where Date.now(), which has whole milliseconds, has just changed. */
function monotonicOffsetUs(): number {
  const once = (): number => {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    return nowUs() - now * 1000;
  };
  return Math.min(once(), once(), once()); // another thread may have had the CPU between the two readings
}

function straceArguments(output: string, target: Target): string[] {
  return [
    ...('pid' in target ? ['-f'] : ['-f', '-q']), // without -q it says when it has attached
    ...['-yy', '-ttt', '-T', '-s', String(SHOWN_BYTES)],
    ...['-e', `trace=${TRACED.map((name) => `?${name}`).join(',')}`], // ?: a CPU may lack a call
    ...['-e', 'abbrev=execve,execveat'], // lists of descriptors are shown whole
    ...['-o', output],
    ...('pid' in target ? ['-p', String(target.pid)] : ['--', ...target.command]),
  ];
}

/** Without a name from the moment it is open. `holding` keeps the reader from its end until strace has ended. */
function openPipe(): { readonly reading: number; readonly holding: number } {
  const folder = mkdtempSync(join(tmpdir(), 'evented-demo-watch-'));
  try {
    const fifo = join(folder, 'calls');
    execFileSync('mkfifo', ['-m', '600', fifo]);
    const reading = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    return { reading, holding: openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where a process listens, from /proc. */
function listenersOf(pid: number): ListensAt[] {
  const byInode = new Map(listeners(pid).map(({ inode, local }) => [inode, local]));
  return [...socketDescriptors(pid)].flatMap(([inode, fd]) => {
    const local = byInode.get(inode);
    return local === undefined ? [] : [{ fd, ...local, backlog: -1, pid }];
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
