// What a stretch of a lane is, in words: for the tooltip, and for a reader who hears the page instead of seeing it.

import type { ConnectionPiece, Lane, Track, TrackSegment } from '../compare/report/lanes.js';
import type { ConnectionRow } from '../compare/report/waterfall.js';
import { type LifecycleEvent, type SleepCall, waitsForAll } from '../lifecycle/events.js';
import { formatFourTuple } from '../net/four-tuple.js';
import { count, duration, seconds } from '../terminal/quantities.js';
import { whatHappened } from '../terminal/words.js';
import type { ModelTimeline } from './model-timeline.js';

/** A shorter wait, in microseconds, may have been no sleep at all: the call had something at once. */
const SURELY_ASLEEP_US = 1000;
const MOST_EVENTS = 7;

export interface Description {
  readonly name: string;
  readonly state: string;
  readonly time: string;
  readonly events: readonly { readonly at: string; readonly text: string }[];
  readonly further: string | undefined;
}

const isLane = (track: Track): track is Lane => 'thread' in track;

export function describe(model: ModelTimeline, track: Track, segment: TrackSegment): Description {
  const { from, to } = segment;
  const within = track.events.filter(({ at }) => at >= from && at <= to);
  const left = within.length - MOST_EVENTS;
  return {
    name: isLane(track) ? `${track.thread}, tid ${track.tid}` : rowName(track as ConnectionRow),
    state:
      stateOf(segment, isLane(track) ? track.thread : '', model.atWork) +
      (waitsForAll(segment.call) ? awaited(model, segment.call, from) : ''),
    time: `${seconds(from)} s to ${seconds(to)} s: ${duration(to - from)}`,
    events: within.slice(0, MOST_EVENTS).map((event) => ({ at: seconds(event.at), text: told(event) })),
    further: left > 0 ? `and ${count(left, 'event')} more` : undefined,
  };
}

/** A connection, by its server's id; one that was never accepted has only its 4-tuple. */
function rowName({ connection, fourTuple }: ConnectionRow): string {
  if (connection !== undefined) return 'connection';
  return `connection ${fourTuple === undefined ? 'without a port' : formatFourTuple(fourTuple)}, never accepted`;
}

function told(event: LifecycleEvent): string {
  const id = 'connection' in event && event.connection ? `#${event.connection} ` : '';
  return id + whatHappened(event);
}

function stateOf(segment: TrackSegment, thread: string, atWork: string): string {
  const { state, call, fd, from, to, starts } = segment;
  const where = fd === undefined ? call : `${call} on fd ${fd}`;
  switch (state) {
    case 'working':
      return atWork;
    case 'starting':
      return starts === undefined
        ? `${thread} is being started`
        : `starts ${starts}, and looks after it until it runs`;
    case 'idle':
      return `idle: asleep in ${where} until it is given work`;
    case 'stopped':
      return 'stopped before its next step';
    case 'asleep':
      return to - from < SURELY_ASLEEP_US ? `in ${where}, too short to say it slept` : `asleep in ${where}`;
    default:
      return IN_WORDS[state];
  }
}

const IN_WORDS: Readonly<Record<ConnectionPiece, string>> = {
  connecting: 'its client connects, or has not heard yet that it is connected',
  waiting: 'waits in the accept queue: the kernel has connected it, and the server has not accepted it',
  abandoned: 'its client has left, and it is still in the accept queue',
  queued: 'accepted, waits for a thread',
  receiving: 'open: the server waits for a request',
  answering: 'is being answered',
  computing: 'a worker computes for it, or is waited for',
  sleeping: 'the request asked the server to wait',
  sending: 'the reply is being sent',
  answered: 'answered: a next request or the close follows',
  lingering: 'answered: the server drops what the client still sends',
  'left-open': 'left open: no close',
};

/** What a loop waits for: its connections, or what the kernel is asked to do for them. */
function awaited(model: ModelTimeline, call: SleepCall, at: number): string {
  const state = model.stateAt(at);
  if (call !== 'io_uring_enter')
    return listed(
      'open',
      'no connection is open',
      [...state.connections.keys()].map((id) => `#${id}`),
    );
  const operations = state.inFlight.flatMap(({ connection, operations }) =>
    operations.map((operation) => (connection === undefined ? operation : `#${connection} ${operation}`)),
  );
  return listed('in flight', 'nothing is in flight', operations);
}

function listed(what: string, none: string, all: readonly string[]): string {
  if (all.length === 0) return `; ${none}`;
  const some = all.slice(0, 12);
  const more = all.length > some.length ? ` and ${all.length - some.length} more` : '';
  return `; ${what}: ${some.join(', ')}${more}`;
}
