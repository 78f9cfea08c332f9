// A server's state at any moment: the events of some time, and between them snapshots to start from.
// For every view that goes back: a report, a replay, a live page that is paused.

import type { LifecycleEvent } from './events.js';
import { ServerState, type Watcher } from './state.js';

/** How many events are kept, by default. */
const MOST_EVENTS = 200_000;
/**
 * The least number of events between two snapshots. There are also at least as many as a snapshot has entries, so that
 * all snapshots together cost no more than the events.
 */
const LEAST_BETWEEN = 512;

interface Chapter {
  /** How many events came before its first one. */
  readonly start: number;
  /** The state before its first event. */
  readonly before: ServerState;
  readonly events: LifecycleEvent[];
}

export class StateHistory {
  /** The state after the last event. */
  now = new ServerState();
  readonly #most: number;
  readonly #chapters: Chapter[] = [{ start: 0, before: new ServerState(), events: [] }];
  #kept = 0;
  #added = 0;

  /** Beyond `most` events the oldest are forgotten, so memory is bounded. */
  constructor(most = MOST_EVENTS) {
    this.#most = most;
  }

  add(event: LifecycleEvent, watcher?: Watcher): void {
    let chapter = this.#chapters.at(-1)!;
    if (chapter.events.length >= Math.max(LEAST_BETWEEN, this.now.size)) {
      chapter = { start: this.#added, before: this.now.clone(), events: [] };
      this.#chapters.push(chapter);
    }
    chapter.events.push(event);
    this.#kept++;
    this.#added++;
    while (this.#kept > this.#most && this.#chapters.length > 1)
      this.#kept -= this.#chapters.shift()!.events.length;
    this.now.apply(event, watcher);
  }

  /** Events in between are not known; this is the state after them. What follows stands on it. */
  jump(state: ServerState): void {
    this.now = state;
    this.#chapters.push({ start: this.#added, before: state.clone(), events: [] });
  }

  /** The earliest moment that is still known, in microseconds; -Infinity where nothing was forgotten. */
  get from(): number {
    return this.#chapters[0]!.before.at;
  }

  /** How many events were added so far, and the first of them that is still known. */
  get length(): number {
    return this.#added;
  }

  get first(): number {
    return this.#chapters[0]!.start;
  }

  /** The state after the first `count` events, from `first` to `length`. Whoever reads it must not change it. */
  after(count: number): ServerState {
    if (count >= this.#added) return this.now;
    const { start, before, events } = this.#chapterOf(count);
    const state = before.clone();
    for (const event of events.slice(0, count - start)) state.apply(event);
    return state;
  }

  /** Of the first `count` events the last ones, in their order: as many as are asked for and still known. */
  lastOf(count: number, most: number): LifecycleEvent[] {
    const found: LifecycleEvent[] = [];
    for (let i = Math.max(this.first, count - most); i < count; i++) {
      const { start, events } = this.#chapterOf(i);
      found.push(events[i - start]!);
    }
    return found;
  }

  #chapterOf(count: number): Chapter {
    return this.#chapters.findLast(({ start }) => start <= count) ?? this.#chapters[0]!;
  }

  /**
   * The state at a moment: after the last event that is not later, in the order in which the events came. An event that came
   * after a later one counts from then on. Before `from` it is the state of that moment. The caller may keep and change it.
   */
  at(time: number): ServerState {
    const { before, events } =
      this.#chapters.findLast((each) => each.before.at <= time) ?? this.#chapters[0]!;
    const state = before.clone();
    for (const event of events) {
      if (state.at > time || event.at > time) break;
      state.apply(event);
    }
    return state;
  }
}
