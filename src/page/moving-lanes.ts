// The lanes of a server whose events still come: each event may end a stretch, and what goes on lasts until now.

import { type ConnectionPiece, segmentOf, type Track, type TrackSegment } from '../compare/report/lanes.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { type ConnectionState, ServerState, type Watcher } from '../lifecycle/state.js';

/** Stretches of one lane that are remembered: far more than can be seen. */
const MOST_SEGMENTS = 20_000;
/** Connections that are remembered: more than a timeline has events for. */
const MOST_CONNECTIONS = 50_000;
/** The end of what has not ended: it is drawn up to now. */
const STILL = Number.MAX_SAFE_INTEGER;

export interface MovingLane extends Track {
  readonly name: string;
  /** Of a lane that is a connection's. */
  readonly connection?: number;
  /** The name of that connection's client. */
  client?: string | undefined;
  readonly segments: TrackSegment[];
}

export class MovingLanes {
  readonly #threads = new Map<number, MovingLane>();
  readonly #connections = new Map<number, MovingLane>();
  /** The same, in the order in which they began. */
  #inOrder: MovingLane[] = [];
  #state = new ServerState();
  readonly #watcher: Watcher = {
    activityEnded: ({ tid, name, activity }, to) => {
      const lane = this.#threads.get(tid) ?? { name, segments: [], events: [] };
      this.#threads.set(tid, lane);
      if (activity.doing !== 'ended') add(lane, segmentOf(activity, to));
    },
    stageEnded: ({ id, stage, since, client }, to) => {
      const lane = this.#connections.get(id) ?? this.#newConnection(id);
      lane.client = client;
      if (stage !== 'closed') add(lane, { from: since, to, state: stage, connection: id });
    },
  };

  add(event: LifecycleEvent): void {
    this.#state.apply(event, this.#watcher);
  }

  /** What happened in between is not known. */
  jump(state: ServerState): void {
    this.#state = state;
  }

  /** The lanes of threads and of connections that were there at some time in this view, the earliest first. */
  inView(from: number, to: number, mostConnections: number): MovingLane[] {
    const threads = new Map(this.#threads);
    for (const { tid, name, activity } of this.#state.threads.values()) {
      const ended = threads.get(tid)?.segments ?? [];
      threads.set(tid, { name, segments: [...ended, segmentOf(activity, STILL)], events: [] });
    }
    const shown = [...threads.values()].filter(({ segments }) => overlaps(segments, from, to));
    shown.sort((a, b) => serial(a.name) - serial(b.name));
    return [...shown, ...this.#connectionLanes(from, to, mostConnections)];
  }

  /** Also of a connection that the state has forgotten. */
  clientOf(connection: number): string | undefined {
    return this.#state.clientOf(connection) ?? this.#connections.get(connection)?.client;
  }

  #newConnection(id: number): MovingLane {
    const lane: MovingLane = { name: `#${id}`, connection: id, segments: [], events: [] };
    this.#connections.set(id, lane);
    this.#inOrder.push(lane);
    if (this.#inOrder.length > MOST_CONNECTIONS * 1.25)
      for (const { connection } of this.#inOrder.splice(0, MOST_CONNECTIONS / 4))
        this.#connections.delete(connection!);
    return lane;
  }

  /** The latest ones. Each picture asks for them, so it looks at no more than it must. */
  #connectionLanes(from: number, to: number, most: number): MovingLane[] {
    const open = this.#state.connections;
    const found: MovingLane[] = [];
    const look = (lane: MovingLane): void => {
      const still = open.get(lane.connection!);
      const [first, last] = [lane.segments[0]?.from ?? still?.since, lane.segments.at(-1)?.to];
      if (first === undefined || first > to || (still === undefined && last! < from)) return;
      found.push(still === undefined ? lane : { ...lane, segments: [...lane.segments, stageOf(still)] });
    };
    for (const id of [...open.keys()].reverse()) {
      if (found.length === most) break;
      if (!this.#connections.has(id)) look({ name: `#${id}`, connection: id, segments: [], events: [] });
    }
    for (let i = this.#inOrder.length - 1; i >= 0 && found.length < most; i--) look(this.#inOrder[i]!);
    return found.reverse();
  }
}

/** What an open connection goes through now. */
const stageOf = ({ id, stage, since }: ConnectionState): TrackSegment => ({
  from: since,
  to: STILL,
  state: stage as ConnectionPiece,
  connection: id,
});

/** `conn-12` is the twelfth; whoever accepts comes first. */
const serial = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 0);

function overlaps(segments: readonly TrackSegment[], from: number, to: number): boolean {
  const [first, last] = [segments[0], segments.at(-1)];
  return first !== undefined && first.from <= to && last!.to >= from;
}

function add({ segments }: MovingLane, segment: TrackSegment): void {
  if (segment.to <= segment.from) return;
  segments.push(segment);
  if (segments.length > MOST_SEGMENTS) segments.splice(0, MOST_SEGMENTS / 4);
}
