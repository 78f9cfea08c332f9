// The lanes of a server whose events still come: each event may end a stretch, and what goes on lasts until now.

import type { Segment, Track } from '../compare/report/lanes.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { type Activity, ServerState, type Stage, type Watcher } from '../lifecycle/state.js';

/** Stretches of one lane that are remembered: far more than can be seen. */
const MOST_SEGMENTS = 20_000;

export interface MovingLane extends Track {
  readonly name: string;
  /** Of a lane that is a connection's. */
  readonly connection?: number;
  readonly segments: Segment[];
}

export class MovingLanes {
  readonly threads = new Map<number, MovingLane>();
  readonly connections = new Map<number, MovingLane>();
  #state = new ServerState();
  readonly #watcher: Watcher = {
    activityEnded: ({ tid, name, activity }, to) => {
      const lane = this.threads.get(tid) ?? { name, segments: [], events: [] };
      this.threads.set(tid, lane);
      if (activity.doing !== 'ended') add(lane, activityOf(activity, to));
    },
    stageEnded: ({ id, stage, since }, to) => {
      const lane = this.connections.get(id) ?? { name: `#${id}`, connection: id, segments: [], events: [] };
      this.connections.set(id, lane);
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
    const threads = new Map([...this.threads].map(([tid, lane]) => [tid, lane.segments] as const));
    const names = new Map([...this.threads].map(([tid, { name }]) => [tid, name]));
    for (const { tid, name, activity } of this.#state.threads.values()) {
      names.set(tid, name);
      const now = activityOf(activity, Number.MAX_SAFE_INTEGER);
      threads.set(tid, [...(threads.get(tid) ?? []), now]);
    }
    const lanes = [...threads]
      .map(([tid, segments]) => ({ name: names.get(tid)!, segments, events: [] }))
      .sort((a, b) => serial(a.name) - serial(b.name));
    return [...lanes, ...this.#connectionLanes(from, to).slice(-mostConnections)].filter(({ segments }) =>
      overlaps(segments, from, to),
    );
  }

  #connectionLanes(from: number, to: number): MovingLane[] {
    const lanes = new Map(this.connections);
    for (const { id, stage, since } of this.#state.connections.values()) {
      const known = lanes.get(id)?.segments ?? [];
      const now: Segment = {
        from: since,
        to: Number.MAX_SAFE_INTEGER,
        state: stageOf(stage),
        connection: id,
      };
      lanes.set(id, { name: `#${id}`, connection: id, segments: [...known, now], events: [] });
    }
    return [...lanes.values()].filter(({ segments }) => overlaps(segments, from, to));
  }

  /** Connections that ended before this moment are no longer drawn. */
  forget(before: number): void {
    for (const [id, { segments }] of this.connections)
      if ((segments.at(-1)?.to ?? before) < before && !this.#state.connections.has(id))
        this.connections.delete(id);
  }
}

/** `conn-12` is the twelfth; the thread that accepts comes first. */
const serial = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? 0);

function overlaps(segments: readonly Segment[], from: number, to: number): boolean {
  const [first, last] = [segments[0], segments.at(-1)];
  return first !== undefined && first.from <= to && last!.to >= from;
}

function activityOf({ doing, since, call, fd, connection }: Activity, to: number): Segment {
  return {
    from: since,
    to,
    state: doing === 'ended' ? 'idle' : doing,
    ...(call === undefined ? {} : { call }),
    ...(fd === undefined ? {} : { fd }),
    ...(connection === undefined ? {} : { connection }),
  };
}

const stageOf = (stage: Stage): Exclude<Stage, 'closed'> => (stage === 'closed' ? 'answered' : stage);

function add({ segments }: MovingLane, segment: Segment): void {
  if (segment.to <= segment.from) return;
  segments.push(segment);
  if (segments.length > MOST_SEGMENTS) segments.splice(0, MOST_SEGMENTS / 4);
}
