// What a look at the kernel's tables can give: events without what all events have.

import type { EventOf } from '../../lifecycle/events.js';

type Name = 'accept-queue' | 'unread' | 'close-wait' | 'descriptors';

export type SeenEvent = { [E in Name]: Omit<EventOf<E>, 'at' | 'thread' | 'tid'> }[Name];
