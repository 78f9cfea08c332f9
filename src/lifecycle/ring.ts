// A ring of records in shared memory, from one writer thread to one reader thread, without a lock and without a wait.
// A record that does not fit is dropped and counted: the server never waits for its reader.

/**
 * A record, in 32-bit words: [kind, total words] [connection, fd] [time, 64-bit float], then its payload, padded to
 * eight bytes. Positions are word indexes that stay below the capacity; head equals tail when the ring is empty.
 */
export const HEADER_WORDS = 6;

const HEAD = 0;
const TAIL = 1;
const DROPPED = 2;
const CONTROL_BYTES = 16;

/** This kind means: the rest of the memory is unused, continue at its start. */
const LAP = 0;

export class Ring {
  readonly #control: Int32Array;
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly bytes: Buffer;
  readonly #capacity: number;
  // What the writer knows without looking at the reader's side again.
  #head: number;
  #tailSeen: number;
  #next = 0;

  /** How much memory a ring of `bytes` takes. */
  static bytesFor(bytes: number): number {
    return CONTROL_BYTES + bytes;
  }

  /** `bytes` is a multiple of eight, and so is `offset`. Both sides open the same place. */
  constructor(memory: ArrayBufferLike, offset: number, bytes: number) {
    this.#control = new Int32Array(memory, offset, CONTROL_BYTES / 4);
    this.words = new Int32Array(memory, offset + CONTROL_BYTES, bytes / 4);
    this.floats = new Float64Array(memory, offset + CONTROL_BYTES, bytes / 8);
    this.bytes = Buffer.from(memory, offset + CONTROL_BYTES, bytes);
    this.#capacity = bytes / 4;
    this.#head = Atomics.load(this.#control, HEAD);
    this.#tailSeen = Atomics.load(this.#control, TAIL);
  }

  // The writer's side.

  /**
   * Makes room for a record and fills its header. Returns the word index of its payload, or -1 if there is no room.
   * The reader sees it after {@link publish}.
   */
  reserve(kind: number, connection: number, fd: number, at: number, payloadWords: number): number {
    const size = HEADER_WORDS + payloadWords + (payloadWords & 1);
    let start = this.#head;
    const untilEnd = this.#capacity - start;
    const needed = size <= untilEnd ? size : untilEnd + size;
    if (!this.#hasRoom(needed)) {
      Atomics.add(this.#control, DROPPED, 1);
      return -1;
    }
    if (size > untilEnd) {
      this.words[start] = LAP;
      start = 0;
    }
    this.words[start] = kind;
    this.words[start + 1] = size;
    this.words[start + 2] = connection;
    this.words[start + 3] = fd;
    this.floats[(start >> 1) + 2] = at;
    this.#next = start + size === this.#capacity ? 0 : start + size;
    return start + HEADER_WORDS;
  }

  publish(): void {
    this.#head = this.#next;
    Atomics.store(this.#control, HEAD, this.#head);
  }

  #hasRoom(words: number): boolean {
    if (words < this.#free()) return true;
    this.#tailSeen = Atomics.load(this.#control, TAIL);
    return words < this.#free();
  }

  /** One word less than this may be used: a full ring must not look like an empty one. */
  #free(): number {
    const free = this.#tailSeen - this.#head;
    return free > 0 ? free : free + this.#capacity;
  }

  // The reader's side.

  get dropped(): number {
    return Atomics.load(this.#control, DROPPED);
  }

  get isEmpty(): boolean {
    return Atomics.load(this.#control, HEAD) === Atomics.load(this.#control, TAIL);
  }

  /**
   * Calls `take` with the word index of each record that was published, oldest first, as long as it returns true; the
   * one it returns false for stays. The memory is the writer's again when this returns.
   */
  drain(take: (record: number) => boolean): void {
    const head = Atomics.load(this.#control, HEAD);
    let tail = Atomics.load(this.#control, TAIL);
    while (tail !== head) {
      if (this.words[tail] === LAP) {
        tail = 0;
        continue;
      }
      if (!take(tail)) break;
      tail += this.words[tail + 1]!;
      if (tail === this.#capacity) tail = 0;
    }
    Atomics.store(this.#control, TAIL, tail);
  }
}
