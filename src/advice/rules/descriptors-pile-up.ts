// Descriptors that are no connections and pile up: one more with each client.

import type { EventOf, LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerState } from '../../lifecycle/state.js';
import { number } from '../../terminal/quantities.js';
import type { Advice, Rule } from '../rule.js';

/** A step is so many closed connections. */
const STEP = 8;
/** Of those this part at least must have left a descriptor, in so many steps in a row: a pool fills up, a cache is read once. */
const MOST = 0.75;
const STEPS = 3;

interface Counted {
  readonly closed: number;
  readonly others: number;
  readonly threads: number;
}

export class DescriptorsPileUp implements Rule {
  /** By process: where each step began, the last one first. None as long as nobody was served: a first client loads much. */
  readonly #steps = new Map<number, readonly Counted[]>();

  take(event: LifecycleEvent, state: ServerState): Advice | undefined {
    if (event.event !== 'descriptors') return undefined;
    const { process, others } = event;
    const now = { closed: state.counts.closed, others, threads: state.threads.size };
    const [last, ...before] = this.#steps.get(process) ?? [];
    if (last === undefined) {
      if (now.closed > 0) this.#steps.set(process, [now]);
      return undefined;
    }
    if (now.closed - last.closed < STEP) return undefined;
    const steps = isGrowing(last, now) ? [now, last, ...before] : [now];
    this.#steps.set(process, steps);
    const first = steps[STEPS];
    return first && advice(event, now.closed - first.closed, others - first.others);
  }
}

/** As the connections were closed. Further threads have descriptors of their own. */
const isGrowing = (before: Counted, now: Counted): boolean =>
  now.threads <= before.threads && now.others - before.others >= MOST * (now.closed - before.closed);

function advice(
  { process, others, most, times }: EventOf<'descriptors'>,
  closed: number,
  more: number,
): Advice {
  return {
    happened: `while ${number(closed)} connections were closed, process ${process} got ${number(more)} more descriptors that are no connections. Of all ${number(others)} such descriptors ${number(times)} are: ${most}`,
    matters: 'Descriptors run out at the limit of `ulimit -n`. Then accept and open fail with EMFILE.',
    instead: 'Close whatever a request opens, also on the paths that end early.',
    page: 'close(2)',
  };
}
