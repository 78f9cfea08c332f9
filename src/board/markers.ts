// Moments worth a look, found in the events as they come: the chapters of a recording.

import { type LifecycleEvent, waitsForAll } from '../lifecycle/events.js';
import { duration } from '../terminal/quantities.js';
import { allBusy, threadOrProcess } from '../terminal/words.js';

/** A loop that serves one connection for this time, in microseconds, makes all others wait. */
const STUCK_US = 200_000;

export class Markers {
  /** When each loop woke, by tid. */
  readonly #wokeAt = new Map<number, number>();
  /** Then a loop looks busy while it pauses. */
  #isPaced = false;

  /** What there is to see at this event; undefined for most. */
  take(event: LifecycleEvent): string | undefined {
    switch (event.event) {
      case 'listening':
        this.#isPaced = event.pace !== undefined;
        return undefined;
      case 'pace-changed':
        this.#isPaced = true;
        return undefined;
      case 'thread-started':
        return event.connection === undefined ? undefined : `a ${threadOrProcess(event)} has started`;
      case 'advice':
        return `advice: ${event.rule}`;
      case 'threads-busy':
        return allBusy(event);
      case 'refused':
        return 'a client is refused';
      case 'timed-out':
        return 'a client has run out of time';
      case 'reset':
        return 'a client has reset its connection';
      case 'failed':
      case 'crashed':
        return 'a connection has failed';
      case 'resumed':
        if (waitsForAll(event.call)) this.#wokeAt.set(event.tid, event.at);
        return undefined;
      case 'blocked':
        return this.#afterWork(event);
      default:
        return undefined;
    }
  }

  #afterWork({ tid, at }: LifecycleEvent): string | undefined {
    const workedUs = at - (this.#wokeAt.get(tid) ?? at);
    this.#wokeAt.delete(tid);
    return this.#isPaced || workedUs < STUCK_US ? undefined : `the loop was busy for ${duration(workedUs)}`;
  }
}
