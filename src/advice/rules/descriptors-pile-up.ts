// Descriptors that are no connections and pile up: one more with each client.

import type { EventOf, LifecycleEvent } from '../../lifecycle/events.js';
import type { ServerState } from '../../lifecycle/state.js';
import { count, number } from '../../terminal/quantities.js';
import type { Finding, Rule } from '../rule.js';

/** So many more: a pool or a cache that fills up looks the same in the beginning. */
const MANY = 15;
/** As many of the closed connections must have left a descriptor; where fewer have left one, it is something else. */
const MOST = 0.9;
const FEW = 0.5;

interface Counted {
  readonly closed: number;
  readonly others: number;
  readonly threads: number;
}

export class DescriptorsPileUp implements Rule {
  /** By process: what it is compared with. None as long as nobody was served: a first client loads much. */
  readonly #before = new Map<number, Counted>();

  take(event: LifecycleEvent, state: ServerState): Finding | undefined {
    if (event.event !== 'descriptors') return undefined;
    const { process, others } = event;
    const now = { closed: state.counts.closed, others, threads: state.threads.size };
    const before = this.#before.get(process);
    if (before === undefined || isNoLeak(before, now)) {
      if (now.closed > 0) this.#before.set(process, now);
      return undefined;
    }
    const more = others - before.others;
    const closed = now.closed - before.closed;
    return more < MANY || more < MOST * closed ? undefined : advice(event, closed, more);
  }
}

/** Further threads have descriptors of their own. */
function isNoLeak(before: Counted, now: Counted): boolean {
  const closed = now.closed - before.closed;
  const more = now.others - before.others;
  return more < 0 || now.threads > before.threads || (closed >= MANY && more < FEW * closed);
}

function advice(
  { process, others, most, times }: EventOf<'descriptors'>,
  closed: number,
  more: number,
): Finding {
  return {
    happened: `since ${count(closed, 'further connection')} ${closed === 1 ? 'was' : 'were'} closed, process ${process} has ${number(more)} more descriptors that are no connections. Of these ${number(others)} now, ${number(times)} are: ${most}`,
    matters: 'Descriptors run out at the limit of `ulimit -n`. Then accept and open fail with EMFILE.',
    instead: 'Close whatever a request opens, also on the paths that end early.',
    page: 'close(2)',
  };
}
