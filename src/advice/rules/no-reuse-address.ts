// A listener whose port cannot be taken again while old connections are in TIME-WAIT.

import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { Advice, Rule } from '../rule.js';

export class NoReuseAddress implements Rule {
  take(event: LifecycleEvent): Advice | undefined {
    if (event.event !== 'listening' && event.event !== 'also-listening') return undefined;
    const { options, fd, port } = event;
    if (options === undefined || options.includes('SO_REUSEADDR') || options.includes('SO_REUSEPORT'))
      return undefined;
    return {
      ...(fd === undefined ? {} : { fd }),
      happened: `the server listens on port ${port} and has not set SO_REUSEADDR`,
      matters:
        'Where the server closes first, a connection stays in TIME-WAIT for a minute. Until then a new start of the server fails: EADDRINUSE, "Address already in use".',
      instead: 'Call setsockopt with SO_REUSEADDR before bind.',
      page: 'socket(7)',
    };
  }
}
