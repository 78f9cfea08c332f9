// A server's events as lanes, one for each thread: when it slept and in which call, when it worked and for whom.
// Data in, data out; the report page draws what comes of it.

import type { LifecycleEvent, SleepCall } from '../../lifecycle/events.js';
import {
  type Activity,
  type Doing,
  ServerState,
  type Stage,
  type ThreadState,
  type Watcher,
} from '../../lifecycle/state.js';
import { serialOf } from '../../models/thread-names.js';

/** `idle`: asleep until there is a connection to serve. `starting`: a thread is being started, and is no help yet. */
export type LaneState = Exclude<Doing, 'ended'>;

/**
 * What a connection goes through. `connecting`: the client calls connect(2). `waiting`: the kernel has connected it, and
 * no server has accepted it. `abandoned`: its client has left, and it still lies in the accept queue.
 */
export type ConnectionPiece = 'connecting' | 'waiting' | 'abandoned' | Exclude<Stage, 'closed'>;

/** A stretch of time in which one thing goes on, in microseconds on the axis of the events. */
export interface TrackSegment {
  readonly from: number;
  readonly to: number;
  readonly state: LaneState | ConnectionPiece;
  /** What a thread sleeps in, and the descriptor where that call has one. */
  readonly call?: SleepCall;
  readonly fd?: number;
  /** For whom; absent where it is for nobody yet, or for all. */
  readonly connection?: number;
  /** Of the thread that starts another: which. */
  readonly starts?: string;
}

/** What is drawn in one row. */
export interface Track {
  /** In the order of time; none is empty and no two overlap. */
  readonly segments: readonly TrackSegment[];
  /** Its events, in the order of time. */
  readonly events: readonly LifecycleEvent[];
}

export interface Lane extends Track {
  readonly thread: string;
  readonly tid: number;
}

/** A lane for each thread, the accepting one first. What goes on when the events end is drawn up to `until`. */
export function lanesOf(events: readonly LifecycleEvent[], until: number): Lane[] {
  const lanes = new Lanes();
  const state = new ServerState();
  for (const event of events) state.apply(event, lanes);
  for (const thread of state.threads.values()) lanes.activityEnded(thread, until);
  const starts = threadStarts(events);
  return lanes
    .of(events)
    .map((lane) => ({
      ...lane,
      segments: lane.segments.flatMap((each) => markStart(each, lane.thread, starts)),
    }))
    .sort((a, b) => serialOf(a.thread) - serialOf(b.thread));
}

/** The thread that narrates serves nobody. */
const NARRATOR = 'main';

class Lanes implements Watcher {
  readonly #segments = new Map<string, TrackSegment[]>();

  readonly activityEnded = ({ name, tid, activity }: ThreadState, to: number): void => {
    if (to <= activity.since) return;
    const key = keyOf(name, tid);
    const segments = this.#segments.get(key) ?? [];
    this.#segments.set(key, segments);
    const segment = segmentOf(activity, to);
    const last = segments.at(-1);
    if (last !== undefined && goesOn(last, segment)) segments[segments.length - 1] = { ...last, to };
    else segments.push(segment);
  };

  readonly stageEnded = (): void => {};

  /** In the order in which the threads were first heard of. */
  of(events: readonly LifecycleEvent[]): Lane[] {
    const lanes = new Map<string, Lane & { readonly events: LifecycleEvent[] }>();
    for (const event of events) {
      const { thread, tid } = event;
      if (thread === NARRATOR) continue;
      const key = keyOf(thread, tid);
      const lane = lanes.get(key) ?? { thread, tid, segments: this.#segments.get(key) ?? [], events: [] };
      lanes.set(key, lane);
      lane.events.push(event);
    }
    return [...lanes.values()];
  }
}

const keyOf = (thread: string, tid: number): string => `${thread} ${tid}`;

/** Of an activity that has not ended, or lasted until `to`. */
export function segmentOf({ doing, since, call, fd, connection }: Activity, to: number): TrackSegment {
  return {
    from: since,
    to,
    state: doing as LaneState, // what has ended lasts no time
    ...(call === undefined ? {} : { call }),
    ...(fd === undefined ? {} : { fd }),
    ...(connection === undefined ? {} : { connection }),
  };
}

/** Work that was taken for a sleep until its end belongs to the work before it. */
const goesOn = (last: TrackSegment, next: TrackSegment): boolean =>
  last.state === 'working' &&
  next.state === 'working' &&
  last.to === next.from &&
  last.connection === next.connection;

interface ThreadStart {
  readonly thread: string;
  readonly from: number;
}

/** For each connection that a thread was started for: which thread, and when it was asked for. */
function threadStarts(events: readonly LifecycleEvent[]): Map<number, ThreadStart> {
  const starts = new Map<number, ThreadStart>();
  for (const event of events) {
    if (event.event !== 'thread-started' || !event.connection) continue;
    starts.set(event.connection, { thread: event.thread, from: event.at - event.tookUs });
  }
  return starts;
}

/** While a thread starts, the one that asked for it looks after the start: it sleeps more than it works. */
function markStart(
  segment: TrackSegment,
  thread: string,
  starts: ReadonlyMap<number, ThreadStart>,
): TrackSegment[] {
  const start = segment.connection === undefined ? undefined : starts.get(segment.connection);
  if (start === undefined || start.thread === thread || segment.state !== 'working') return [segment];
  if (start.from >= segment.to || start.from < segment.from) return [segment];
  const begins = { ...segment, from: start.from, state: 'starting' as const, starts: start.thread };
  return start.from > segment.from ? [{ ...segment, to: start.from }, begins] : [begins];
}
