// An array of struct pollfd, as poll(2) takes it: a descriptor, what it is watched for, and what it is ready for.
// Eight bytes each: an int and two shorts.

export class PollFds {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly #ints: Int32Array;
  readonly #shorts: Int16Array;

  constructor(length: number) {
    this.length = length;
    this.#ints = new Int32Array(length * 2);
    this.#shorts = new Int16Array(this.#ints.buffer);
    this.bytes = new Uint8Array(this.#ints.buffer);
  }

  /** The same in an array twice as long. */
  grown(): PollFds {
    const larger = new PollFds(this.length * 2);
    larger.bytes.set(this.bytes);
    return larger;
  }

  set(index: number, fd: number, events: number): void {
    this.#ints[index * 2] = fd;
    this.#shorts[index * 4 + 2] = events;
    this.#shorts[index * 4 + 3] = 0;
  }

  fd(index: number): number {
    return this.#ints[index * 2]!;
  }

  events(index: number): number {
    return this.#shorts[index * 4 + 2]!;
  }

  /** Filled by the kernel. */
  revents(index: number): number {
    return this.#shorts[index * 4 + 3]!;
  }
}
