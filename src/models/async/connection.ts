// What the loop remembers of a connection whose conversation waits. Where it stands, the suspended function itself remembers.

import { ServerConnection } from '../server-connection.js';

export class AsyncConnection extends ServerConnection {
  /** Whether recv(2) and send(2) may have something to do. They are not asked in vain. */
  mayRead = false;
  mayWrite = true;
  /** Lets the function that awaits continue. */
  resume = (): void => {};

  override opened(id: number, fd: number): void {
    super.opened(id, fd);
    this.mayRead = false;
    this.mayWrite = true;
  }
}
