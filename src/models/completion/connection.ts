// What the loop remembers of a connection while the kernel works for it: which step it stands at, and what is in flight.

import type { CloseReason, Operation } from '../../lifecycle/events.js';
import { addressOf } from '../../posix/system-calls.js';
import { Timespec } from '../../posix/timespec.js';
import type { Timed } from '../loop/timers.js';
import { ServerConnection } from '../server-connection.js';

export type Step = 'receive' | 'answer' | 'sleep' | 'send' | 'linger' | 'ended';

export class CompletionConnection extends ServerConnection implements Timed {
  /** The number by which a completion names it. A descriptor would not do: it may be another connection's by then. */
  readonly slot: number;
  /** Where the kernel writes the peer's address. */
  readonly peerAddress = addressOf(this.peer);
  /** How long the kernel is to wait. */
  readonly timespec = new Timespec();
  at: Step = 'receive';
  /** The operation with whose completion the conversation continues. */
  awaits: Operation | undefined;
  /** Whether these are in flight; of recv also whether it is being cancelled. */
  naming = false;
  receiving = false;
  cancelling = false;
  sleeping = false;
  sending = false;
  closing = false;
  /** How many completions are still to come. Until then neither this object nor its memory serves another connection. */
  inFlight = 0;
  /** The client has sent its last byte, and we have it. */
  peerClosed = false;
  /** Bytes that lay unread when the reply was sent. */
  unreadBytes = 0;
  reason: CloseReason = 'replied';
  due = Number.POSITIVE_INFINITY;
  heapIndex = -1;
  heapTime = 0;

  constructor(slot: number, ...session: ConstructorParameters<typeof ServerConnection>) {
    super(...session);
    this.slot = slot;
  }

  override opened(id: number, fd: number): void {
    super.opened(id, fd);
    this.at = 'receive';
    this.awaits = undefined;
    this.closing = false;
    this.peerClosed = false;
    this.unreadBytes = 0;
  }
}
