// What the loop remembers of a connection whose conversation waits. The suspended function itself knows the step.

import { ServerConnection } from '../server-connection.js';

export class AsyncConnection extends ServerConnection {
  /** Whether recv(2) and send(2) may have something to do. If not, they are not called. */
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
