// What a stretch of a lane is, in words: for the tooltip, and for whoever hears the page instead of seeing it.

import type { LifecycleEvent } from '../../../lifecycle/events.js';
import { formatFourTuple } from '../../../net/four-tuple.js';
import { count, duration, seconds } from '../../../ui/quantities.js';
import { whatHappened } from '../../../ui/words.js';
import type { Lane, Segment } from '../lanes.js';
import type { Model } from './model.js';

/** A shorter wait, in microseconds, may have been no sleep at all: the call had something at once. */
const SURELY_ASLEEP_US = 1000;
const MOST_EVENTS = 7;

export interface Description {
  readonly thread: string;
  readonly state: string;
  /** `#3 (127.0.0.1, 50000, 127.0.0.1, 8080)`. */
  readonly connection: string | undefined;
  readonly time: string;
  readonly events: readonly { readonly at: string; readonly text: string }[];
  readonly further: string | undefined;
}

export function describe(model: Model, lane: Lane, segment: Segment): Description {
  const { from, to, connection } = segment;
  const within = lane.events.filter(({ at }) => at >= from && at <= to);
  const left = within.length - MOST_EVENTS;
  return {
    thread: `${lane.thread}, tid ${lane.tid}`,
    state:
      stateOf(segment, lane.thread, model.atWork) +
      (segment.call === 'epoll_wait' ? watched(model, from) : ''),
    connection: connection === undefined ? undefined : nameOf(model, connection),
    time: `${seconds(from)} s to ${seconds(to)} s: ${duration(to - from)}`,
    events: within.slice(0, MOST_EVENTS).map((event) => ({ at: seconds(event.at), text: told(event) })),
    further: left > 0 ? `and ${count(left, 'event')} more` : undefined,
  };
}

export function nameOf(model: Model, connection: number): string {
  const fourTuple = model.fourTuples.get(connection);
  return `#${connection}${fourTuple === undefined ? '' : ` ${formatFourTuple(fourTuple)}`}`;
}

export function told(event: LifecycleEvent): string {
  const id = 'connection' in event && event.connection ? `#${event.connection} ` : '';
  return id + whatHappened(event);
}

function stateOf(segment: Segment, thread: string, atWork: string): string {
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
    case 'asleep':
      return to - from < SURELY_ASLEEP_US ? `in ${where}, too short to say it slept` : `asleep in ${where}`;
  }
}

function watched(model: Model, at: number): string {
  const open = model.openAt(at);
  if (open.length === 0) return '; no connection is open';
  const some = open.slice(0, 12).map((id) => `#${id}`);
  const more = open.length > some.length ? ` and ${open.length - some.length} more` : '';
  return `; open: ${some.join(' ')}${more}`;
}
