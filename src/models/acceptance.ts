// accept(2) and what can come of it, the same for every model: a connection, nothing yet, no room, or the end.

import type { SleepCall } from '../lifecycle/events.js';
import { NOBODY } from '../lifecycle/teller.js';
import type { Connection } from '../net/connection.js';
import type { Listener } from '../net/listener.js';
import { POLLIN, SOCK_CLOEXEC } from '../posix/constants.js';
import { interrupted, notListening, outOfResources, SystemCallError, wouldBlock } from '../posix/errors.js';
import { SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import { closeConnection, type ServerThread, wakerOf } from './server-thread.js';

export type Acceptance = 'accepted' | 'would-block' | 'no-room' | 'again' | 'stopped';

const ACCEPT: SleepCall = 'accept4';

export class Acceptor<C extends Connection> {
  /** The one that was accepted last. */
  connection!: C;
  readonly #thread: ServerThread;
  readonly #listener: Listener;
  readonly #flags: number;
  readonly #objectFor: (fd: number) => C;
  readonly #peer = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #local = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #length = new Int32Array(1);
  #lastId = 0;
  #saidNoRoom = false;

  /**
   * `flags` go to accept4(2) beside SOCK_CLOEXEC: SOCK_NONBLOCK, or 0 for a connection whose calls sleep.
   * `objectFor` gives the object that is to stand for the connection with this descriptor.
   */
  constructor(thread: ServerThread, listener: Listener, flags: number, objectFor: (fd: number) => C) {
    this.#thread = thread;
    this.#listener = listener;
    this.#flags = SOCK_CLOEXEC | flags;
    this.#objectFor = objectFor;
    this.#local.set(listener.address);
  }

  /** Sleeps in accept(2) until a connection is there. */
  acceptBlocking(): Acceptance {
    const { tell } = this.#thread;
    const since = tell.blocked(ACCEPT, 0, this.#listener.fd);
    const fd = this.#call();
    const errno = fd < 0 ? this.#thread.sys.errno() : 0;
    const woken = fd < 0 ? wakerOf(errno, this.#thread) : undefined;
    tell.resumed(ACCEPT, since, 0, this.#listener.fd, woken);
    return this.#outcome(fd, errno);
  }

  /** Takes a connection that is there; on a non-blocking listener it never sleeps. */
  accept(): Acceptance {
    this.#thread.tell.about(NOBODY);
    const fd = this.#call();
    return this.#outcome(fd, fd < 0 ? this.#thread.sys.errno() : 0);
  }

  /** Whether a connection lies in the accept queue, so that the next accept will not sleep (poll(2)). */
  get someoneWaits(): boolean {
    this.#thread.tell.about(NOBODY);
    return this.#thread.sys.poll(Int32Array.of(this.#listener.fd, POLLIN), 1, 0) > 0;
  }

  #call(): number {
    this.#length[0] = SOCKET_ADDRESS_BYTES;
    return this.#thread.sys.accept4(this.#listener.fd, this.#peer, this.#length, this.#flags);
  }

  #outcome(fd: number, errno: number): Acceptance {
    const { sys, tell, memory, options } = this.#thread;
    if (fd >= 0) {
      if (this.#listener.wildcard) {
        this.#length[0] = SOCKET_ADDRESS_BYTES;
        sys.getsockname(fd, this.#local, this.#length);
      }
      this.#saidNoRoom = false;
      this.connection = this.#objectFor(fd);
      this.connection.opened(++this.#lastId, fd);
      tell.accepted(this.connection, this.#peer, this.#local);
      if (memory.openConnections > options.limits.maxConnections) return this.#refuse(this.connection);
      return 'accepted';
    }
    if (wouldBlock(errno)) {
      tell.wouldBlock(ACCEPT, 0, this.#listener.fd);
      return 'would-block';
    }
    if (interrupted(errno)) return 'again';
    if (outOfResources(errno)) {
      if (!this.#saidNoRoom) tell.refused('out-of-descriptors');
      this.#saidNoRoom = true;
      return 'no-room';
    }
    if (notListening(errno)) {
      if (this.#thread.memory.stopping) return 'stopped';
      throw new SystemCallError(ACCEPT, errno);
    }
    return 'again'; // an error of the connection that was to be accepted, not of the listener (accept(2), Errors)
  }

  /** One too many: closed without a byte, so that those who are here are served. */
  #refuse(connection: Connection): Acceptance {
    const { tell } = this.#thread;
    tell.refused('too-many-connections', connection.id, connection.fd);
    closeConnection(this.#thread, connection, 'refused');
    return 'again';
  }
}
