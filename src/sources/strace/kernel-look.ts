// What no call of a watched server shows, looked up in /proc (proc(5)) from time to time. What two looks in a row agree on
// becomes an event: strace's lines come a little later than the calls.

import { DescriptorLook } from './descriptor-look.js';
import type { OpenConnection } from './files.js';
import type { Processes } from './processes.js';
import type { SeenEvent } from './seen.js';
import { SocketLook } from './socket-look.js';
import type { ListensAt } from './translator.js';

/** How often it looks, in milliseconds; less often where a look takes long: it may take this part of the time. */
const EVERY_MS = 250;
const MOST_OF_THE_TIME = 1 / 10;

export class KernelLook {
  readonly #sockets: SocketLook;
  readonly #descriptors: DescriptorLook;
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(processes: Processes, connections: ReadonlySet<OpenConnection>) {
    this.#sockets = new SocketLook(connections);
    this.#descriptors = new DescriptorLook(processes);
  }

  listens(where: ListensAt): void {
    this.#sockets.listens(where);
    this.#nextMs = Math.min(this.#nextMs, performance.now());
  }

  /** What is new, if it is time for a look. */
  look(): SeenEvent[] {
    const began = performance.now();
    if (began < this.#nextMs) return [];
    const seen = [...this.#sockets.look(), ...this.#descriptors.look()];
    const ended = performance.now();
    this.#nextMs = ended + Math.max(EVERY_MS, (ended - began) / MOST_OF_THE_TIME);
    return seen;
  }
}
