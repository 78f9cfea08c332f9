// A run as a trace for Perfetto (ui.perfetto.dev) and chrome://tracing: a process for each server, in it a track for each
// thread and each connection, and arrows that follow a connection from thread to thread. Format: "Trace Event Format",
// JSON object form.

import { type Lane, lanesOf, type TrackSegment } from '../compare/report/lanes.js';
import type { ConnectionRow } from '../compare/report/waterfall.js';
import { endOf, type Run, type RunServer, rowsOf } from './run.js';

/** Times and durations are in microseconds. */
interface TraceEvent {
  /**
   * X: a stretch. b, e: begin and end of a stretch on a track of its own. s, t, f: an arrow's start, step, finish. i: a
   * moment. M: a name.
   */
  readonly ph: 'X' | 'b' | 'e' | 's' | 't' | 'f' | 'i' | 'M';
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  /** Unique in the whole trace. */
  readonly id?: string;
  /** A moment of all processes. */
  readonly s?: 'g';
  /** The arrow ends at the stretch that surrounds it. */
  readonly bp?: 'e';
  readonly args?: object;
}

export interface Trace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly TraceEvent[];
}

/** Every process has a lower one (proc(5), pid_max). */
const MOST_PIDS = 2 ** 22;

/** What goes on when the events end lasts until the last of them. */
export function traceOf(run: Run): Trace {
  const until = endOf(run);
  const pids = run.servers.map(
    ({ events }, i) => events.find(({ event }) => event === 'listening')?.pid ?? i,
  );
  return {
    displayTimeUnit: 'ms',
    traceEvents: [
      ...run.servers.flatMap((server, i) =>
        // Of two machines, or two containers, servers may have the same.
        processTracks(server, pids.indexOf(pids[i]!) < i ? MOST_PIDS + i : pids[i]!, until),
      ),
      ...run.steps.map(({ at, text }): TraceEvent => {
        return { ph: 'i', name: text, cat: 'step', pid: 0, tid: 0, ts: at, s: 'g' };
      }),
    ],
  };
}

function processTracks(server: RunServer, pid: number, until: number): TraceEvent[] {
  const lanes = lanesOf(server.events, until);
  return [
    { ph: 'M', name: 'process_name', pid, tid: 0, args: { name: `evented-demo ${server.name}` } },
    ...lanes.flatMap((lane) => threadTrack(lane, pid)),
    ...rowsOf(server, until).flatMap((row) => connectionTrack(row, pid)),
    ...arrows(lanes, pid),
  ];
}

const idOf = (pid: number, connection: number): string => `${pid}.${connection}`;

function threadTrack({ thread, tid, segments }: Lane, pid: number): TraceEvent[] {
  return [
    { ph: 'M', name: 'thread_name', pid, tid, args: { name: thread } },
    ...segments.map((segment): TraceEvent => {
      const { from, to, state, call, fd, connection } = segment;
      const name = call ?? (connection === undefined ? state : `#${connection}`);
      return { ph: 'X', name, cat: state, pid, tid, ts: from, dur: to - from, args: { connection, fd } };
    }),
  ];
}

function connectionTrack({ connection, fourTuple, segments }: ConnectionRow, pid: number): TraceEvent[] {
  const [first, last] = [segments[0], segments.at(-1)];
  if (connection === undefined || first === undefined || last === undefined) return [];
  const of = { cat: 'connection', id: idOf(pid, connection), pid, tid: 0 };
  const name = `#${connection}${fourTuple === undefined ? '' : ` :${fourTuple[1]}`}`;
  return [
    { ...of, ph: 'b', name, ts: first.from, args: { fourTuple } },
    ...segments.flatMap(({ from, to, state }): TraceEvent[] => [
      { ...of, ph: 'b', name: state, ts: from },
      { ...of, ph: 'e', name: state, ts: to },
    ]),
    { ...of, ph: 'e', name, ts: last.to },
  ];
}

/** For each connection that more than one stretch of work was for: an arrow through all of them. */
function arrows(lanes: readonly Lane[], pid: number): TraceEvent[] {
  const work = new Map<number, { tid: number; segment: TrackSegment }[]>();
  for (const { tid, segments } of lanes) {
    for (const segment of segments) {
      if (segment.state !== 'working' || segment.connection === undefined) continue;
      const all = work.get(segment.connection) ?? [];
      work.set(segment.connection, all);
      all.push({ tid, segment });
    }
  }
  return [...work].flatMap(([id, pieces]) => {
    if (pieces.length < 2) return [];
    pieces.sort((a, b) => a.segment.from - b.segment.from);
    return pieces.map(({ tid, segment }, i): TraceEvent => {
      const ph = i === 0 ? 's' : i === pieces.length - 1 ? 'f' : 't';
      const end = ph === 'f' ? { bp: 'e' as const } : {};
      return { ph, name: `#${id}`, cat: 'connection', id: idOf(pid, id), pid, tid, ts: segment.from, ...end };
    });
  });
}
