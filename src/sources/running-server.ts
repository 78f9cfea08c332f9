// A server and its events: starts the engine, drains the rings of its threads and hands the events on, in order of time.
// All of it runs on the main thread, every few milliseconds.

import { nowUs } from '../lifecycle/clock.js';
import { Decoder, type ServerFacts } from '../lifecycle/decoder.js';
import type { LifecycleEvent, OnEvents, Totals } from '../lifecycle/events.js';
import { ServerMemory, type ThreadMemory } from '../lifecycle/server-memory.js';
import { MAIN_PART } from '../models/blocking/process-data.js';
import { BY_HAND, formatPace, type ServeOptions, variantOf } from '../models/options.js';
import type { ServerFailure, ServerHandle, StartServer } from '../models/server-handle.js';
import { threadName } from '../models/thread-names.js';
import { DESCRIBE_MASK } from '../posix/readiness.js';
import { Steering } from './steering.js';

/** How often the rings are drained, in milliseconds: often enough for the eye. */
const DRAIN_EVERY_MS = 15;

/** How many threads it may have beside those that listen. */
function otherThreads({ mode, maxThreads, pool, processes, workers }: ServeOptions): number {
  if (mode === 'processes') return 1 + (processes.prefork || processes.most); // and the main thread
  if (mode === 'pool') return pool.threads;
  return mode === 'blocking' ? maxThreads : workers;
}

export class RunningServer {
  readonly #memory: ServerMemory;
  readonly #server: ServerHandle;
  readonly #onEvents: OnEvents;
  /** The parts of the memory that threads have used so far, each with the decoder of its ring. */
  readonly #threads: { shared: ThreadMemory; decoder: Decoder }[] = [];
  readonly #options: ServeOptions;
  readonly #open: (index: number) => { shared: ThreadMemory; decoder: Decoder };
  readonly #timer: NodeJS.Timeout;
  /** In the first event and in the last: the times between them are not the server's own. */
  #pace: { readonly pace?: string };
  /** How its user changes its pace; only where it is to be `steered`. */
  readonly steering: Steering;
  /** What this thread itself has to report with the next events. */
  #own: LifecycleEvent[] = [];
  #dropped = 0;
  /** Resolves when the last event was handed on, with the reason if the server failed. */
  readonly ended: Promise<ServerFailure | undefined>;

  constructor(
    options: ServeOptions,
    startServer: StartServer,
    onEvents: OnEvents,
    allocate = ServerMemory.allocate,
  ) {
    this.#options = options;
    const threads = options.loops + otherThreads(options);
    const accepting = options.processes.prefork > 0 ? threads : options.loops;
    this.#memory = allocate(threads, accepting);
    this.#onEvents = onEvents;
    this.#pace = options.pace === undefined ? {} : { pace: formatPace(options.pace) };
    this.steering = new Steering(this.#memory, options.pace, (pace) => this.#paceChanged(pace));
    if (options.steered === 'step') {
      this.#memory.stepping = true;
      this.#pace = { pace: BY_HAND };
    }
    const { pace } = this.#pace;
    const variant = variantOf(options);
    const facts = (): ServerFacts => ({
      mode: options.mode,
      ...(variant.length === 0 ? {} : { variant: variant.join(':') }),
      engine: options.engine,
      pid: process.pid,
      startedAt: new Date(Date.now() - (nowUs() - this.#memory.listeningAt) / 1e3).toISOString(),
      monotonicUs: Math.round(this.#memory.listeningAt),
      ...(pace === undefined ? {} : { pace }),
    });
    const describeMask = DESCRIBE_MASK[options.poller];
    this.#open = (index) => {
      const shared = this.#memory.ofThread(index);
      const nameOf = (serial: number): string => threadName(options, index, serial);
      const ofProcess = options.mode === 'processes' && index > MAIN_PART;
      return { shared, decoder: new Decoder(shared, facts, nameOf, describeMask, ofProcess) };
    };
    this.#server = startServer(options, this.#memory);
    this.#timer = setInterval(() => this.#drain(), DRAIN_EVERY_MS);
    this.ended = this.#server.ended.then((failure) => {
      clearInterval(this.#timer);
      this.#drain();
      if (failure === undefined)
        this.#onEvents([this.#event({ event: 'stopped', ...this.totals, ...this.#pace })]);
      return failure;
    });
  }

  stop(): void {
    this.#server.stop();
  }

  #paceChanged(pace: string): void {
    this.#pace = { pace: BY_HAND };
    this.#own.push(this.#event({ event: 'pace-changed', pace }));
  }

  #drain(): void {
    const until = nowUs(); // before the rings are read: see Decoder.drain
    const epoch = this.#memory.listeningAt;
    if (epoch === 0 || epoch > until) return; // not listening yet, so the times have no zero
    const events: { at: number }[] = []; // just decoded, and not read-only yet
    while (this.#threads.length < this.#memory.threadsUsed)
      this.#threads.push(this.#open(this.#threads.length));
    let dropped = 0;
    for (const { shared, decoder } of this.#threads) {
      decoder.drain(until, epoch, (event) => events.push(event));
      dropped += shared.ring.dropped;
    }
    events.push(...this.#own.splice(0));
    events.sort((a, b) => a.at - b.at);
    for (const event of events) event.at = Math.round(event.at);
    if (dropped > this.#dropped) {
      events.push(this.#event({ event: 'events-dropped', count: dropped - this.#dropped }));
      this.#dropped = dropped;
    }
    if (events.length > 0) this.#onEvents(events as LifecycleEvent[]);
  }

  #event<T extends object>(event: T): { at: number; thread: string; tid: number } & T {
    return { at: Math.round(nowUs() - this.#memory.listeningAt), thread: 'main', tid: process.pid, ...event };
  }

  /** What it has done so far; exact, whatever became of its events. */
  get totals(): Totals {
    const totals = { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 };
    for (const { shared } of this.#threads) {
      const each = shared.totals;
      totals.connections += each.connections;
      totals.requests += each.requests;
      totals.bytesIn += each.bytesIn;
      totals.bytesOut += each.bytesOut;
    }
    const { peakQueue } = this.#memory;
    return {
      ...totals,
      peakConnections: this.#memory.peakConnections,
      peakThreads: this.#memory.peakThreads,
      ...(peakQueue > 0 ? { peakQueue } : {}),
      leftOpen: this.#memory.openConnections,
      ...this.#loopTotals(),
      eventsDropped: this.#dropped,
    };
  }

  #loopTotals(): Pick<Totals, 'loops'> {
    const { loops } = this.#options;
    if (loops === 1) return {};
    return {
      loops: Array.from({ length: loops }, (_, index) => {
        const { connections, requests } = this.#memory.ofThread(index).totals;
        return { thread: threadName(this.#options, index, 0), connections, requests };
      }),
    };
  }
}
