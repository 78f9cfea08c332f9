// A lock in shared memory: one thread at a time between lock() and unlock(), and the others sleep in futex(2).
// As in Drepper's "Futexes Are Tricky", the second of its mutexes.

const FREE = 0;
const TAKEN = 1;
/** Taken, and a thread may be asleep for it: the one that unlocks has to wake one. */
const AWAITED = 2;

export class Mutex {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** Runs `work` while no other thread is in here. */
  with<T>(work: () => T): T {
    this.#lock();
    try {
      return work();
    } finally {
      if (Atomics.exchange(this.#words, this.#index, FREE) === AWAITED)
        Atomics.notify(this.#words, this.#index, 1);
    }
  }

  #lock(): void {
    if (Atomics.compareExchange(this.#words, this.#index, FREE, TAKEN) === FREE) return;
    while (Atomics.exchange(this.#words, this.#index, AWAITED) !== FREE)
      Atomics.wait(this.#words, this.#index, AWAITED);
  }
}
