// A loop that never sleeps, because it watches a descriptor for something that is always true, or does nothing about what is reported.

import type { EventOf, LifecycleEvent } from '../../lifecycle/events.js';
import { duration, number } from '../../terminal/quantities.js';
import { type Advice, actsOn, connectionName, type Rule } from '../rule.js';

/** As often in a row the poller must have reported the same, and no more than so far apart on average, in microseconds. */
const TIMES = 100;
const APART_US = 5000;

interface Repeated {
  readonly readiness: string;
  readonly since: number;
  times: number;
}

export class BusyLoop implements Rule {
  readonly #repeated = new Map<number, Repeated>();

  take(event: LifecycleEvent): Advice | undefined {
    const id = actsOn(event);
    if (id === undefined) return undefined;
    if (event.event !== 'ready') {
      this.#repeated.delete(id);
      return undefined;
    }
    const { readiness, at } = event;
    const before = this.#repeated.get(id);
    if (before?.readiness !== readiness) {
      this.#repeated.set(id, { readiness, since: at, times: 1 });
      return undefined;
    }
    before.times++;
    if (before.times < TIMES) return undefined;
    this.#repeated.delete(id);
    const tookUs = at - before.since;
    return tookUs > TIMES * APART_US ? undefined : advice(event, id, tookUs);
  }
}

function advice({ fd, readiness }: EventOf<'ready'>, connection: number, tookUs: number): Advice {
  const isWritable = /^(EPOLLOUT|POLLOUT|writefds)$/.test(readiness);
  const ignored = isWritable ? 'it had nothing to send' : 'it did nothing about it';
  return {
    connection,
    fd,
    happened: `in ${duration(tookUs, 2)} the loop was told ${number(TIMES)} times in a row that ${connectionName({ connection, fd })} is ready (${readiness}), and ${ignored}`,
    matters: 'Such a loop never sleeps: it takes a whole CPU while no client wants anything.',
    instead: isWritable
      ? 'A socket is nearly always writable. Watch it for writing only after a send that took less than all, and stop when the rest is sent.'
      : 'Receive until there is no more. When recv returns 0 or an error, close the connection.',
    page: 'epoll_ctl(2)',
  };
}
