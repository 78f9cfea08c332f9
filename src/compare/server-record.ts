// What is kept of one server while a comparison runs: its events on the common time axis, what the kernel said of it
// from time to time, and in the end its figures.

import type { TallyFigures } from '../clients/tally.js';
import { type LifecycleEvent, type Totals, wasKilled } from '../lifecycle/events.js';
import { ServerState } from '../lifecycle/state.js';
import type { ServerName } from '../models/options.js';
import type { ClientMoment } from '../sources/recording-entry.js';
import { ClientConnections } from './client-connections.js';
import type { Figures, LoadFigures, ModelResult, Sample } from './comparison.js';
import { type KernelFigures, KernelWatch } from './kernel-figures.js';

/** As many events, and as many clients' connections, as a page can show at once. */
const MOST_EVENTS = 20_000;
const MOST_CLIENTS = 20_000;

const NOTHING: TallyFigures = { answered: 0, failed: 0, failures: {} };

export class ServerRecord {
  readonly mode: ServerName;
  /** Of a server that is not ours. */
  readonly #command: string | undefined;
  readonly #events: LifecycleEvent[] = [];
  readonly #samples: Sample[] = [];
  readonly #startsUs: number[] = [];
  readonly #clients = new ClientConnections();
  /** On the server's own time axis. */
  readonly #state = new ServerState();
  /** Events for which there was no room. */
  #left = 0;
  #watch: KernelWatch | undefined;
  #kernel: KernelFigures | undefined;
  /** What it had used when it began to listen: its start is not counted. */
  #kernelAtStart: KernelFigures | undefined;
  #zeroUs = 0;
  #mostQueued = 0;
  #longestQueuedUs = 0;
  #killedAt: number | undefined;
  #replacedUs: number | undefined;
  /** Where the clients connect; 0 where it never listened. */
  port = 0;
  tally: TallyFigures = NOTHING;
  failure: string | undefined;
  load: LoadFigures | undefined;

  constructor(mode: ServerName, command?: string) {
    this.mode = mode;
    this.#command = command;
  }

  get isOurs(): boolean {
    return this.#command === undefined;
  }

  get pid(): number {
    return this.#state.listening?.pid ?? 0;
  }

  /** Its own totals, which it gives when it has stopped. */
  get stopped(): Totals | undefined {
    return this.#state.stopped;
  }

  /** Whether a client is still connected, as far as has been told. */
  get busy(): boolean {
    return this.failure === undefined && this.#state.connections.size > 0;
  }

  /** From here on times count from the moment `zeroUs` of the common clock. Gives what happened before. */
  begin(zeroUs: number): readonly LifecycleEvent[] {
    this.#zeroUs = zeroUs;
    if (this.#state.listening === undefined) return [];
    const before = this.#events.splice(0);
    this.#events.push(...this.#onAxis(before));
    return [...this.#events];
  }

  /** Takes events as the server told them, and gives them back on the common axis: none as long as there is no axis. */
  take(events: readonly LifecycleEvent[]): readonly LifecycleEvent[] {
    for (const event of events) {
      this.#state.apply(event);
      if (event.event === 'listening') this.#watchKernel(event.pid);
      if (event.event === 'thread-started' && event.connection !== undefined)
        this.#startsUs.push(event.tookUs);
      if (event.event === 'queued') this.#mostQueued = Math.max(this.#mostQueued, event.place);
      if (event.event === 'dequeued') this.#longestQueuedUs = Math.max(this.#longestQueuedUs, event.waitedUs);
      if (wasKilled(event)) this.#killedAt ??= event.at;
      if (event.event === 'thread-started' && event.pid !== undefined && this.#killedAt !== undefined)
        this.#replacedUs ??= event.at - this.#killedAt;
    }
    const hasAxis = this.#zeroUs > 0;
    const taken = hasAxis ? this.#onAxis(events) : events;
    const room = MOST_EVENTS - this.#events.length;
    this.#events.push(...taken.slice(0, room));
    this.#left += Math.max(0, taken.length - room);
    return hasAxis ? taken : [];
  }

  /** Takes what happened to the clients, on the common clock, and gives it back on the common axis. */
  takeMoments(moments: readonly ClientMoment[]): ClientMoment[] {
    const onAxis = moments.map((each) => ({ ...each, at: Math.round(each.at - this.#zeroUs) }));
    for (const moment of onAxis) if (moment.client <= MOST_CLIENTS) this.#clients.take(moment);
    return onAxis;
  }

  /** Asks the kernel; `at` is the time on the common axis. */
  sample(at: number): Sample | undefined {
    const kernel = this.#watch?.look();
    if (kernel === undefined) return undefined;
    this.#kernel = kernel;
    const { threads, memory } = kernel;
    const { answered } = this.tally;
    const cpuSeconds = kernel.cpuSeconds - (this.#kernelAtStart?.cpuSeconds ?? 0);
    const sample = { at, connections: this.#state.connections.size, threads, answered, memory, cpuSeconds };
    this.#samples.push(sample);
    return sample;
  }

  get result(): ModelResult {
    return {
      mode: this.mode,
      ...(this.#command === undefined ? {} : { command: this.#command }),
      pid: this.pid,
      port: this.port,
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      figures: this.#figures,
      ...(this.load === undefined ? {} : { load: this.load }),
      samples: this.#samples,
      events: this.#events.sort((a, b) => a.at - b.at),
      eventsMissing: this.#left + this.#state.counts.eventsMissing,
      clients: this.#clients.all,
    };
  }

  get #figures(): Figures {
    const peak = (of: (sample: Sample) => number): number =>
      this.#samples.reduce((most, each) => Math.max(most, of(each)), 0);
    const { stopped, counts } = this.#state;
    const threadStartUs = median(this.#startsUs);
    return {
      ...this.tally,
      peakConnections: stopped?.peakConnections ?? counts.peakConnections,
      peakThreads: stopped?.peakThreads ?? peak(({ threads }) => threads),
      ...this.#kernelSays,
      threadsStarted: this.#startsUs.length,
      ...(threadStartUs === undefined ? {} : { threadStartUs }),
      ...(this.#mostQueued === 0
        ? {}
        : { mostQueued: this.#mostQueued, longestQueuedUs: this.#longestQueuedUs }),
      ...(this.#replacedUs === undefined ? {} : { replacedUs: this.#replacedUs }),
    };
  }

  /** Nothing on a system without /proc: what was not measured has no figure. */
  get #kernelSays(): Partial<Figures> {
    const before = this.#kernelAtStart;
    const now = this.#kernel;
    if (before === undefined || now === undefined) return {};
    return {
      peakMemory: this.#samples.reduce((most, { memory }) => Math.max(most, memory), 0),
      memoryAtStart: before.memory,
      cpuSeconds: now.cpuSeconds - before.cpuSeconds,
      voluntarySwitches: now.voluntarySwitches - before.voluntarySwitches,
      involuntarySwitches: now.involuntarySwitches - before.involuntarySwitches,
    };
  }

  #onAxis(events: readonly LifecycleEvent[]): LifecycleEvent[] {
    const shift = (this.#state.listening?.monotonicUs ?? 0) - this.#zeroUs;
    return events.map((event) => ({ ...event, at: Math.round(event.at + shift) }));
  }

  #watchKernel(pid: number): void {
    this.#watch = new KernelWatch(pid, this.isOurs);
    this.#kernelAtStart = this.#watch.look();
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
