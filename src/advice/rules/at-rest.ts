// Whether a thread has nothing to do: then what it has left undone stays undone until something else happens.

import { waitsForAll } from '../../lifecycle/events.js';
import type { ThreadState } from '../../lifecycle/state.js';

/** It sleeps until a client connects, until any of its descriptors is ready, or until it is given work. */
export function isAtRest({ activity: { doing, call } }: ThreadState): boolean {
  return doing === 'idle' || (doing === 'asleep' && (call === 'accept4' || waitsForAll(call)));
}
