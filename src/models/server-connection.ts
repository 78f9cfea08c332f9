// A connection as a model serves it: what the kernel says of it, and the protocol's state.

import type { Handler } from '../http/handler.js';
import { type Clock, Session, type SessionRules } from '../http/session.js';
import { Connection } from '../net/connection.js';

export class ServerConnection extends Connection {
  readonly session: Session;

  constructor(rules: SessionRules, handle: Handler, clock?: Clock) {
    super();
    this.session = new Session(rules, handle, clock);
  }

  override opened(id: number, fd: number): void {
    super.opened(id, fd);
    this.session.open();
  }
}
