// accept(2) and its outcomes, the same for every model: a connection, nobody, or no room for one more.

import type { RefuseReason } from '../lifecycle/events.js';
import type { Connection } from '../net/connection.js';
import type { Listener } from '../net/listener.js';
import { interrupted, notListening, SystemCallError, shortageOf, wouldBlock } from '../posix/errors.js';
import { SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import type { Calls } from './calls.js';
import type { ServerThread } from './server-thread.js';

/** Why there is no connection. `nobody`: no client waits, or the server stops. `again`: the next call may give one. */
export type NotAccepted = 'nobody' | 'again' | 'no-room';

/** How long the acceptor leaves the accept queue alone when the system has no room for one more connection. */
export const WITHOUT_ROOM_MS = 100;
/** For a loop: so that many new clients cannot keep the present ones waiting. */
export const ACCEPTS_A_TURN = 64;

export class Acceptor<C extends Connection> {
  readonly #thread: ServerThread;
  readonly #calls: Calls;
  readonly #listener: Listener;
  readonly #objectFor: (fd: number) => C;
  readonly #fdLimit: number;
  #peer: Uint8Array = new Uint8Array(SOCKET_ADDRESS_BYTES);
  #saidNoRoom = false;

  /**
   * `objectFor` returns the object for the connection with this descriptor. The server cannot use a descriptor with the
   * number `fdLimit` or a higher one.
   */
  constructor(
    thread: ServerThread,
    calls: Calls,
    listener: Listener,
    objectFor: (fd: number) => C,
    fdLimit = Number.POSITIVE_INFINITY,
  ) {
    this.#thread = thread;
    this.#calls = calls;
    this.#listener = listener;
    this.#objectFor = objectFor;
    this.#fdLimit = fdLimit;
  }

  /** If the listener's calls sleep, this sleeps until there is a connection. */
  accept(): C | NotAccepted {
    const fd = this.#calls.accept4(this.#listener, this.#peer);
    if (fd < 0) return this.notAccepted(fd);
    const c = this.opened(fd);
    [c.peer, this.#peer] = [this.#peer, c.peer]; // swapped, not copied: one was just filled, the other is free
    return this.admit(c);
  }

  /** The connection that has this descriptor from now on. */
  opened(fd: number): C {
    this.#saidNoRoom = false;
    const c = this.#objectFor(fd);
    c.opened(this.#thread.memory.nextConnection(), fd);
    return c;
  }

  /** One too many is closed without a byte, so that the present ones are served. Its peer's address is known. */
  admit(c: C): C | NotAccepted {
    if (this.#listener.wildcard) this.#calls.getsockname(c.fd, c.local);
    else c.local = this.#listener.address;
    const { report, memory, options } = this.#thread;
    const open = memory.connectionOpened();
    report.accepted(c);
    if (open <= options.limits.maxConnections && c.fd < this.#fdLimit) return c;
    this.refuse(c, c.fd < this.#fdLimit ? 'too-many-connections' : 'beyond-fd-setsize');
    return 'again';
  }

  /** Closes it without a byte. */
  refuse(c: C, reason: RefuseReason): void {
    const { report, memory } = this.#thread;
    report.refused(reason, c.id, c.fd);
    memory.connectionClosed();
    this.#calls.close(c, 'refused');
  }

  /** `result` is -errno. */
  notAccepted(result: number): NotAccepted {
    if (wouldBlock(result)) return 'nobody';
    if (interrupted(result)) return 'again';
    const shortage = shortageOf(result);
    if (shortage !== undefined) return this.#noRoom(shortage);
    if (!notListening(result)) return 'again'; // an error of the new connection, not of the listener (accept(2), Errors)
    if (this.#thread.memory.stopping) return 'nobody';
    throw new SystemCallError('accept4', -result);
  }

  /** Reported once, however long it lasts. A thread that may sleep does so here; a loop stops watching the listener. */
  #noRoom(shortage: RefuseReason): NotAccepted {
    if (!this.#saidNoRoom) this.#thread.report.refused(shortage);
    this.#saidNoRoom = true;
    if (!this.#calls.sleep) return 'no-room';
    this.#calls.nap(WITHOUT_ROOM_MS);
    return 'again';
  }
}
