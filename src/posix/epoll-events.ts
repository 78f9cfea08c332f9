// An array of struct epoll_event, as epoll_wait(2) fills it: for each ready descriptor its readiness and our two words.
// Used by the poller: one event to say what to watch, many to receive what is ready.

/** `__attribute__((packed))`, so without padding, on x86-64 alone: 12 bytes there, 16 elsewhere. */
const WORDS = process.arch === 'x64' ? 3 : 4;
const DATA = WORDS - 2;

export class EpollEvents {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly #words: Int32Array;

  constructor(length: number) {
    this.length = length;
    this.#words = new Int32Array(length * WORDS);
    this.bytes = new Uint8Array(this.#words.buffer);
  }

  set(index: number, events: number, fd: number, id: number): void {
    const at = index * WORDS;
    this.#words[at] = events;
    this.#words[at + DATA] = fd;
    this.#words[at + DATA + 1] = id;
  }

  /** The readiness, a mask of EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. */
  readiness(index: number): number {
    return this.#words[index * WORDS]!;
  }

  /** The low half of epoll_data: we put the descriptor there. */
  fd(index: number): number {
    return this.#words[index * WORDS + DATA]!;
  }

  /** The high half of epoll_data, ours to choose: the connection's id, or 0. */
  id(index: number): number {
    return this.#words[index * WORDS + DATA + 1]!;
  }
}

/** Reads event `index` out of bytes that an EpollEvents laid out. */
export function readEpollEvent(
  bytes: Uint8Array,
  index: number,
): { events: number; data: bigint; fd: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset + index * WORDS * 4);
  return {
    events: view.getInt32(0, true),
    fd: view.getInt32(DATA * 4, true),
    data: view.getBigUint64(DATA * 4, true),
  };
}
