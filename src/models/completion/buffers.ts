// The buffers that the kernel is given to receive into (io_uring_register(2), IORING_REGISTER_PBUF_RING). A recv in flight
// has none of its own: the kernel takes one when bytes have come, so that thousands of idle connections need no memory.

import { SystemCallError } from '../../posix/errors.js';
import { BUF, IORING_REGISTER_PBUF_RING, PBUF_RING } from '../../posix/io-uring.js';
import { mapMemory } from '../../posix/system-calls.js';
import type { Calls } from '../calls.js';

/** How many, a power of two. Where all are full, recv gives -ENOBUFS, and is asked for again. */
const BUFFERS = 64;
const BUFFER_BYTES = 16 * 1024;
export const BUFFER_GROUP = 1;

export class ReceiveBuffers {
  readonly #ring: Int32Array;
  /** The same as halves of words. */
  readonly #halves: Uint16Array;
  readonly #address: number;
  readonly #buffers: Buffer[];
  #given = 0;

  /** Throws a SystemCallError. */
  constructor(calls: Calls, ring: number) {
    const list = mapMemory(BUFFERS * BUF.words * 4);
    const memory = mapMemory(BUFFERS * BUFFER_BYTES);
    this.#ring = new Int32Array(list.buffer);
    this.#halves = new Uint16Array(list.buffer);
    this.#address = memory.address;
    this.#buffers = Array.from({ length: BUFFERS }, (_, i) =>
      Buffer.from(memory.buffer, i * BUFFER_BYTES, BUFFER_BYTES),
    );
    const argument = new DataView(new ArrayBuffer(PBUF_RING.bytes));
    argument.setBigUint64(PBUF_RING.address, BigInt(list.address), true);
    argument.setUint32(PBUF_RING.entries, BUFFERS, true);
    argument.setUint16(PBUF_RING.group, BUFFER_GROUP, true);
    const result = calls.io_uring_register(
      ring,
      IORING_REGISTER_PBUF_RING,
      new Uint8Array(argument.buffer),
      1,
    );
    if (result < 0) throw new SystemCallError('io_uring_register', -result);
    for (let number = 1; number <= BUFFERS; number++) this.give(number);
  }

  /** The buffer with this number; they count from 1. */
  at(number: number): Buffer {
    return this.#buffers[number - 1]!;
  }

  /** The kernel may fill it again. */
  give(number: number): void {
    const at = (this.#given & (BUFFERS - 1)) * BUF.words;
    const address = this.#address + (number - 1) * BUFFER_BYTES;
    this.#ring[at + BUF.address] = address | 0;
    this.#ring[at + BUF.address + 1] = address / 2 ** 32;
    this.#ring[at + BUF.length] = BUFFER_BYTES;
    this.#halves[at * 2 + BUF.numberHalf] = number;
    this.#given = (this.#given + 1) & 0xffff;
    this.#halves[BUF.tailHalf] = this.#given;
  }
}
