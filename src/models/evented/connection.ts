// What the loop remembers of a connection while it serves others. A thread would have it on its stack.

import { ServerConnection } from '../server-connection.js';

/** The step that comes next. */
export type Step = 'receive' | 'answer' | 'sleep' | 'send' | 'linger';

export class EventedConnection extends ServerConnection {
  at: Step = 'receive';
  /** Whether recv(2) may return something. If not, it is not called. */
  mayRead = false;
  /** Whether a worker computes for it, or will (--workers). */
  computing = false;

  override opened(id: number, fd: number): void {
    super.opened(id, fd);
    this.at = 'receive';
    this.mayRead = false;
    this.computing = false;
  }
}
