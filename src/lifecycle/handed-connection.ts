// A connection on its way to another thread, where it lies in memory that both share: in a thread's part, or in a queue.
// Descriptors belong to the whole process, so a number is all of the socket that has to be handed over.

import { SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';

const CONNECTION = 0;
const FD = 1;
const HANDED_AT_BYTE = 8;
const PEER_BYTE = 16;
const LOCAL_BYTE = 48;

export class HandedConnection {
  static readonly BYTES = 80;
  /** Its two ends, each a sockaddr. */
  readonly peer: Uint8Array;
  readonly local: Uint8Array;
  readonly #words: Int32Array;
  readonly #handedAt: Float64Array;

  /** `offset` is a multiple of eight. */
  constructor(memory: ArrayBufferLike, offset: number) {
    this.#words = new Int32Array(memory, offset, 2);
    this.#handedAt = new Float64Array(memory, offset + HANDED_AT_BYTE, 1);
    this.peer = new Uint8Array(memory, offset + PEER_BYTE, SOCKET_ADDRESS_BYTES);
    this.local = new Uint8Array(memory, offset + LOCAL_BYTE, SOCKET_ADDRESS_BYTES);
  }

  get connection(): number {
    return Atomics.load(this.#words, CONNECTION);
  }

  set connection(id: number) {
    Atomics.store(this.#words, CONNECTION, id);
  }

  /** Its descriptor, or -1. */
  get fd(): number {
    return Atomics.load(this.#words, FD) - 1;
  }

  set fd(fd: number) {
    Atomics.store(this.#words, FD, fd + 1);
  }

  /** When the connection was accepted, on the common clock. */
  get handedAt(): number {
    return this.#handedAt[0]!;
  }

  set handedAt(at: number) {
    this.#handedAt[0] = at;
  }
}
