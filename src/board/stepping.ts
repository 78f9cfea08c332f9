// `serve --step`: which of the threads that have stopped is selected, and the keys that let it make its step.
// A thread is selected until it ends or another is: no key ever moves a thread that was not on the screen as selected.

import type { ServerState, ThreadState } from '../lifecycle/state.js';
import type { Steering } from '../sources/steering.js';
import { stepOf } from '../terminal/words.js';
import { doingOf } from './doing.js';

const hasStopped = ({ activity }: ThreadState): boolean => activity.doing === 'stopped';

export class Stepping {
  readonly #steering: Steering;
  #selected: number | undefined;

  constructor(steering: Steering) {
    this.#steering = steering;
  }

  hasKey(key: string): boolean {
    return ['s', 'enter', 'c', 'tab', 'down', 'up'].includes(key);
  }

  /** Until one was chosen, the first that has stopped. */
  selectedIn({ threads }: ServerState): ThreadState | undefined {
    return threads.get(this.#selected ?? 0) ?? [...threads.values()].find(hasStopped);
  }

  press(key: string, state: ServerState): void {
    if (key === 'c') return this.#steering.goOn();
    if (key !== 's' && key !== 'enter') return this.#select(key === 'up' ? -1 : 1, state);
    if (!this.#steering.stepping) return this.#steering.stopBeforeSteps();
    const thread = this.selectedIn(state);
    if (thread === undefined || !hasStopped(thread)) return;
    this.#selected = thread.tid;
    this.#steering.step(thread.tid);
  }

  /** The next one that has stopped. */
  #select(direction: 1 | -1, state: ServerState): void {
    const selected = this.selectedIn(state)?.tid;
    const tids = [...state.threads.values()]
      .filter((each) => each.tid === selected || hasStopped(each))
      .map(({ tid }) => tid);
    const at = tids.indexOf(selected ?? 0);
    this.#selected = tids.at((at + direction) % tids.length);
  }

  /** What the keys would do now; undefined where all threads go on by themselves. */
  status(state: ServerState): string | undefined {
    if (!this.#steering.stepping) return undefined;
    const thread = this.selectedIn(state);
    if (thread !== undefined && hasStopped(thread)) {
      const { next = {}, fd } = thread.activity;
      return `next for ${thread.name}: ${stepOf(next, fd)}`;
    }
    if ([...state.threads.values()].some(hasStopped))
      return `${thread!.name} is ${doingOf(thread!)}: press Tab`;
    return 'step by step: no thread has stopped';
  }
}
