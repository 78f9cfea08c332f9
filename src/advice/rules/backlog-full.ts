// An accept queue that was full, and connections that the kernel dropped for that reason.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import { count, number } from '../../terminal/quantities.js';
import type { Advice, Rule } from '../rule.js';

export class BacklogFull implements Rule {
  take(event: LifecycleEvent): Advice | undefined {
    if (event.event !== 'accept-queue' || event.limit === undefined) return undefined;
    const { fd, length, limit, overflows } = event;
    if (length <= limit || overflows === 0) return undefined;
    return {
      fd,
      happened: `the accept queue of fd ${fd} is full: ${count(length, 'client')}, with a backlog of ${number(limit)}. The kernel has dropped ${count(overflows, 'attempt')} to connect`,
      matters: 'Those clients try again after 1 s, then 3 s, then 7 s; to them the server seems to hang.',
      instead:
        'Accept sooner: find out what the accepting thread does meanwhile. Against short bursts give listen a larger backlog.',
      page: 'listen(2)',
    };
  }
}
