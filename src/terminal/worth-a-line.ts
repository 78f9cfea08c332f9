// Which events of a server that is not ours are worth a line: its program does much that is about no connection.
// For `watch`, and for `replay` of what it recorded.

import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Folded } from './words.js';

export class WorthALine {
  readonly #isWatched: () => boolean;
  /** What came before the server listens; undefined afterwards. */
  #before: LifecycleEvent[] | undefined = [];
  /** Threads that have accepted, served, or waited for connections, by tid. */
  readonly #serving = new Set<number>();

  /** `isWatched` is asked once the server listens: of one of our own, all events are. */
  constructor(isWatched: () => boolean) {
    this.#isWatched = isWatched;
  }

  take(events: readonly LifecycleEvent[]): readonly Folded[] {
    if (this.#before === undefined) return this.#worth(events);
    for (const event of events) this.#before.push(event);
    return events.some(({ at }) => at >= 0) ? this.end() : [];
  }

  /** What still waits for the server to listen. */
  end(): readonly Folded[] {
    const before = this.#before ?? [];
    this.#before = undefined;
    return this.#isWatched() ? this.#worth(withoutHelpers(before)) : before;
  }

  /** The sleeps of threads that have nothing to do with connections get no line: a Node server has ten such threads. */
  #worth(events: readonly Folded[]): readonly Folded[] {
    if (!this.#isWatched()) return events;
    return events.filter((event) => {
      const isAboutServing =
        ('connection' in event && event.connection !== undefined) ||
        ['listening', 'watching', 'ready'].includes(event.event) ||
        ('call' in event && event.call === 'accept4');
      if (isAboutServing) this.#serving.add(event.tid);
      return (event.event !== 'blocked' && event.event !== 'resumed') || this.#serving.has(event.tid);
    });
  }
}

/** One event in place of all those of processes that have ended before the server listens: a script starts a hundred. */
function withoutHelpers(events: readonly LifecycleEvent[]): readonly Folded[] {
  const before = events.filter(({ at }) => at < 0);
  const ended = before.filter(({ event, tid, pid }) => event === 'thread-ended' && tid === pid);
  const last = ended.at(-1);
  if (last === undefined) return events;
  const helpers = new Set(ended.map(({ tid }) => tid));
  const isAboutHelpers = (event: LifecycleEvent): boolean =>
    helpers.has(event.pid ?? event.tid) ||
    (event.event === 'process-ended' && helpers.has(event.child)) ||
    (event.event === 'signal' && event.signal === 'SIGCHLD');
  const others = before.filter((event) => !isAboutHelpers(event));
  const summary: Folded = { ...last, thread: '', processes: helpers.size };
  return [summary, ...others, ...events.filter(({ at }) => at >= 0)];
}
