// What the loop remembers of a connection between two of its turns. A thread would have it on its stack.

import { Outbox, type Reply } from '../../http/reply.js';
import { RequestReader } from '../../http/request-reader.js';
import type { CloseReason } from '../../lifecycle/events.js';
import { Connection } from '../../net/connection.js';
import type { Timed } from './timers.js';

/** Where the conversation stands, and so what the next readiness or timer means. */
export type State = 'receiving' | 'sleeping' | 'sending' | 'lingering' | 'left-open' | 'closed';

export class EventedConnection extends Connection implements Timed {
  readonly inbox: RequestReader;
  readonly outbox = new Outbox();
  state: State = 'closed';
  /** What it is on the poller's interest list with. */
  interest = 0;
  /** The reply that is being slept for or sent. */
  reply: Reply | undefined;
  /** Why it will be closed when its reply is sent. */
  reason: CloseReason = 'replied';
  /** How much may still come while it lingers. */
  lingerBytes = 0;

  due = Number.POSITIVE_INFINITY;
  heapIndex = -1;
  heapTime = 0;

  /** Waiting for a next request, and no byte of it has come. */
  idle = false;

  constructor(maxHead: number) {
    super();
    this.inbox = new RequestReader(maxHead);
  }

  override opened(id: number, fd: number): void {
    super.opened(id, fd);
    this.inbox.reset();
    this.outbox.clear();
    this.state = 'receiving';
    this.interest = 0;
    this.idle = false;
    this.reply = undefined;
  }
}
