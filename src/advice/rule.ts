// What a rule is: it looks at the events of a server and at the state that follows from them, and at nothing else. So it
// judges a server that is watched, a recording, and our own models alike.

import type { EventOf, LifecycleEvent } from '../lifecycle/events.js';
import type { ServerState } from '../lifecycle/state.js';

/** What a rule has found: an `advice` event without what all events have, and without the rule's name. */
export type Advice = Omit<EventOf<'advice'>, 'event' | 'at' | 'thread' | 'tid' | 'rule'>;

/**
 * Keeps what it needs to judge one server. It speaks only when the events leave no other explanation: an accusation that is
 * wrong costs a student more than one that is missing.
 */
export interface Rule {
  /** The next event; `state` has it already. */
  take?(event: LifecycleEvent, state: ServerState): Advice | undefined;
  /** No event need come for time to pass. `at`: on the axis of the events, in microseconds. */
  timePassed?(at: number, state: ServerState): Advice | undefined;
}

/** `#3 (fd 7)`. */
export const connectionName = ({ connection, fd }: { connection: number; fd: number }): string =>
  `#${connection} (fd ${fd})`;

/** An event's connection; undefined where it is about none, or where the main thread reports it. */
export function actsOn(event: LifecycleEvent): number | undefined {
  return event.thread !== 'main' && 'connection' in event ? event.connection : undefined;
}
