// What is kept of one server while a comparison runs: its events on the common time axis, what the kernel said of it
// from time to time, and in the end its figures.

import type { TallyFigures } from '../clients/tally.js';
import type { LifecycleEvent, Listening, Totals } from '../lifecycle/events.js';
import type { Mode } from '../models/options.js';
import type { Figures, LoadFigures, ModelResult, Sample } from './comparison.js';
import { type KernelFigures, KernelWatch } from './kernel-figures.js';

/** As many events as a page can show at once. */
const MOST_EVENTS = 20_000;

const NOTHING: TallyFigures = { answered: 0, failed: 0, failures: {} };

export class Story {
  readonly mode: Mode;
  readonly #events: LifecycleEvent[] = [];
  readonly #samples: Sample[] = [];
  readonly #startsUs: number[] = [];
  #missing = 0;
  #listening: Listening | undefined;
  #stopped: Totals | undefined;
  #watch: KernelWatch | undefined;
  #kernel: KernelFigures | undefined;
  /** What it had used when it began to listen: to start is no part of serving. */
  #kernelAtStart: KernelFigures | undefined;
  #connections = 0;
  #peakConnections = 0;
  #zeroUs = 0;
  tally: TallyFigures = NOTHING;
  failure: string | undefined;
  load: LoadFigures | undefined;

  constructor(mode: Mode) {
    this.mode = mode;
  }

  get port(): number {
    return this.#listening?.port ?? 0;
  }

  get pid(): number {
    return this.#listening?.pid ?? 0;
  }

  /** Whether a client is still connected, as far as has been told. */
  get busy(): boolean {
    return this.failure === undefined && this.#connections > 0;
  }

  /** From here on times count from the moment `zeroUs` of the common clock. */
  begin(zeroUs: number): void {
    this.#zeroUs = zeroUs;
    if (this.#listening === undefined) return;
    const shift = this.#shift;
    const before = this.#events.splice(0);
    for (const event of before) this.#events.push({ ...event, at: Math.round(event.at + shift) });
  }

  /** Takes events as the server told them, and gives them back on the common axis. */
  take(events: readonly LifecycleEvent[]): LifecycleEvent[] {
    const shifted = events.map((event) => {
      if (event.event === 'listening') this.#onListening(event);
      return this.#zeroUs === 0 ? event : { ...event, at: Math.round(event.at + this.#shift) };
    });
    for (const event of shifted) this.#count(event);
    const room = MOST_EVENTS - this.#events.length;
    this.#events.push(...shifted.slice(0, room));
    this.#missing += Math.max(0, shifted.length - room);
    return shifted;
  }

  /** Asks the kernel; `at` is the time on the common axis. */
  sample(at: number): Sample | undefined {
    const kernel = this.#watch?.look();
    if (kernel === undefined) return undefined;
    this.#kernel = kernel;
    const { threads, memory } = kernel;
    const { answered } = this.tally;
    const cpuSeconds = kernel.cpuSeconds - (this.#kernelAtStart?.cpuSeconds ?? 0);
    const sample = { at, connections: this.#connections, threads, answered, memory, cpuSeconds };
    this.#samples.push(sample);
    return sample;
  }

  get result(): ModelResult {
    return {
      mode: this.mode,
      pid: this.pid,
      port: this.port,
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      figures: this.#figures,
      ...(this.load === undefined ? {} : { load: this.load }),
      samples: this.#samples,
      events: this.#events.sort((a, b) => a.at - b.at),
      eventsMissing: this.#missing,
    };
  }

  get #figures(): Figures {
    const peak = (of: (sample: Sample) => number): number =>
      this.#samples.reduce((most, each) => Math.max(most, of(each)), 0);
    const threadStartUs = median(this.#startsUs);
    return {
      ...this.tally,
      peakConnections: this.#stopped?.peakConnections ?? this.#peakConnections,
      peakThreads: this.#stopped?.peakThreads ?? peak(({ threads }) => threads),
      ...this.#kernelSays,
      threadsStarted: this.#startsUs.length,
      ...(threadStartUs === undefined ? {} : { threadStartUs }),
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

  get #shift(): number {
    return (this.#listening?.monotonicUs ?? 0) - this.#zeroUs;
  }

  #onListening(event: Listening): void {
    this.#listening = event;
    this.#watch = new KernelWatch(event.pid);
    this.#kernelAtStart = this.#watch.look();
  }

  #count(event: LifecycleEvent): void {
    if (event.event === 'accepted')
      this.#peakConnections = Math.max(this.#peakConnections, ++this.#connections);
    else if (event.event === 'closed') this.#connections--;
    else if (event.event === 'thread-started' && event.connection !== undefined)
      this.#startsUs.push(event.tookUs);
    else if (event.event === 'events-dropped' || event.event === 'skipped') this.#missing += event.count;
    else if (event.event === 'stopped') this.#stopped = event;
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
