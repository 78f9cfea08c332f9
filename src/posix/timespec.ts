// Times for io_uring: a struct timespec, and the struct that io_uring_enter(2) takes one in.

import { addressOf } from './system-calls.js';

/** struct timespec, at an address that the kernel can be given: seconds and nanoseconds, 64 bits each. */
export class Timespec {
  readonly #words = new Int32Array(4);
  readonly address = addressOf(new Uint8Array(this.#words.buffer));

  /** The low halves are enough. */
  set milliseconds(value: number) {
    this.#words[0] = Math.floor(value / 1000);
    this.#words[2] = Math.round((value % 1000) * 1e6);
  }
}

/** struct io_uring_getevents_arg: no signal mask, and the address of a struct timespec. */
export function waitLimit({ address }: Timespec): Uint8Array {
  return new Uint8Array(BigUint64Array.of(0n, 0n, BigInt(address)).buffer);
}
