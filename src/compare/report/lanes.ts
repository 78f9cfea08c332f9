// A server's events as lanes, one for each thread: when it slept and in which call, when it worked and for whom.
// Data in, data out; the report page draws what comes of it.

import type { LifecycleEvent, SleepCall } from '../../lifecycle/events.js';

/** `idle`: asleep until there is a connection to serve. `starting`: a thread is being started, and is no help yet. */
export type LaneState = 'starting' | 'asleep' | 'idle' | 'working';

/** A stretch of a thread's time, in microseconds on the axis of the events. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly state: LaneState;
  /** What it sleeps in, and the descriptor where that call has one. */
  readonly call?: SleepCall;
  readonly fd?: number;
  /** For whom; absent where it is for nobody yet, or for all. */
  readonly connection?: number;
  /** Of the thread that starts another: which. */
  readonly starts?: string;
}

export interface Lane {
  readonly thread: string;
  readonly tid: number;
  /** In the order of time; none is empty and no two overlap. */
  readonly segments: readonly Segment[];
  /** What this thread told, in the order of time. */
  readonly events: readonly LifecycleEvent[];
}

/** The thread that narrates serves nobody. */
const NARRATOR = 'main';

/** A lane for each thread, the accepting one first. What goes on when the events end is drawn up to `until`. */
export function lanesOf(events: readonly LifecycleEvent[], until: number): Lane[] {
  const lanes = new Map<string, LaneInProgress>();
  for (const event of events) {
    if (event.thread === NARRATOR) continue;
    const key = `${event.thread} ${event.tid}`;
    const lane = lanes.get(key) ?? new LaneInProgress(event);
    lanes.set(key, lane);
    lane.take(event);
  }
  const starts = threadStarts(events);
  return [...lanes.values()]
    .map((lane) => ({ ...lane.end(until), events: lane.events }))
    .map((lane) => ({
      ...lane,
      segments: lane.segments.flatMap((each) => markStart(each, lane.thread, starts)),
    }))
    .sort((a, b) => serial(a.thread) - serial(b.thread));
}

/** `conn-12` is the twelfth; the thread that accepts comes before all of them. */
const serial = (thread: string): number => Number(/^conn-(\d+)$/.exec(thread)?.[1] ?? 0);

type What = Omit<Segment, 'from' | 'to'>;

class LaneInProgress {
  readonly events: LifecycleEvent[] = [];
  readonly #thread: string;
  readonly #tid: number;
  readonly #segments: Segment[] = [];
  #now: What = { state: 'working' };
  #since: number;
  /** When its last event was. */
  #last: number;
  #ended = false;

  constructor({ thread, tid, at }: LifecycleEvent) {
    this.#thread = thread;
    this.#tid = tid;
    this.#since = at;
    this.#last = at;
  }

  take(event: LifecycleEvent): void {
    this.events.push(event);
    this.#take(event);
    this.#last = event.at;
  }

  #take(event: LifecycleEvent): void {
    const { at } = event;
    const whose = 'connection' in event && event.connection ? { connection: event.connection } : {};
    switch (event.event) {
      case 'thread-started':
        this.#since = at - event.tookUs;
        this.#now = { state: 'starting', ...whose };
        return this.#become(at, { state: 'working', ...whose });
      case 'blocked':
        return this.#become(at, this.#sleep(event));
      case 'resumed':
        if (!this.#asleep) this.#become(Math.max(this.#last, at - event.waitedUs), this.#sleep(event));
        if (event.slept === false) this.#now = { state: 'working', ...whose }; // ready, and another had its CPU
        return this.#become(at, { state: 'working', ...whose });
      // These two are told before the work, all others after it.
      case 'ready':
      case 'thread-reused':
        return this.#become(at, { state: 'working', ...whose });
      case 'thread-ended':
        this.#close(at);
        this.#ended = true;
        return;
      default:
        this.#become(this.#asleep ? at : this.#last, { state: 'working', ...whose });
        if (event.event === 'closed' || event.event === 'left-open') this.#become(at, { state: 'working' });
    }
  }

  /** The rest, up to `until` where the thread has not ended. */
  end(until: number): { thread: string; tid: number; segments: Segment[] } {
    if (!this.#ended) this.#close(until);
    return { thread: this.#thread, tid: this.#tid, segments: this.#segments };
  }

  get #asleep(): boolean {
    return this.#now.state === 'asleep' || this.#now.state === 'idle';
  }

  /** A connection thread waits in futex(2) for work, the acceptor for a thread. */
  #sleep(event: LifecycleEvent & { event: 'blocked' | 'resumed' }): What {
    const idle = event.call === 'futex' && this.#thread !== 'acceptor';
    return {
      state: idle ? 'idle' : 'asleep',
      call: event.call,
      ...(event.fd === undefined ? {} : { fd: event.fd }),
      ...(event.connection === undefined ? {} : { connection: event.connection }),
    };
  }

  /** From `at` on it does something else, or goes on with the same. */
  #become(at: number, what: What): void {
    if (!this.#asleep && same(this.#now, what)) return;
    this.#close(at);
    this.#now = what;
    this.#since = at;
  }

  #close(at: number): void {
    if (at <= this.#since) return;
    const last = this.#segments.at(-1);
    if (last !== undefined && last.state === 'working' && last.to === this.#since && same(last, this.#now))
      this.#segments[this.#segments.length - 1] = { ...last, to: at };
    else this.#segments.push({ from: this.#since, to: at, ...this.#now });
  }
}

const same = (a: What, b: What): boolean => a.state === b.state && a.connection === b.connection;

interface Start {
  readonly thread: string;
  readonly from: number;
}

/** For each connection that a thread was started for: which thread, and when it was asked for. */
function threadStarts(events: readonly LifecycleEvent[]): Map<number, Start> {
  const starts = new Map<number, Start>();
  for (const event of events) {
    if (event.event !== 'thread-started' || !event.connection) continue;
    starts.set(event.connection, { thread: event.thread, from: event.at - event.tookUs });
  }
  return starts;
}

/** While a thread starts, the one that asked for it looks after the start: it sleeps more than it works. */
function markStart(segment: Segment, thread: string, starts: ReadonlyMap<number, Start>): Segment[] {
  const start = segment.connection === undefined ? undefined : starts.get(segment.connection);
  if (start === undefined || start.thread === thread || segment.state !== 'working') return [segment];
  if (start.from >= segment.to || start.from < segment.from) return [segment];
  const begins = { ...segment, from: start.from, state: 'starting' as const, starts: start.thread };
  return start.from > segment.from ? [{ ...segment, to: start.from }, begins] : [begins];
}
