// The queue of a pool: accepted connections that wait for a thread, in memory that the acceptor and all threads share.
// The textbook's bounded buffer: a lock, and two conditions to sleep on, "there is a connection" and "there is room".

import { nowUs } from '../../lifecycle/clock.js';
import { Connection } from '../../net/connection.js';
import { SOCKET_ADDRESS_BYTES } from '../../posix/socket-address.js';
import { type Handed, handOver, pass, takeOver } from './hand-over.js';
import { Mutex } from './mutex.js';

const LOCK = 0;
const LENGTH = 1;
/** Threads that sleep until there is a connection. */
const IDLE = 2;
const CLOSED = 3;
/** Counts what a sleeping thread wants to hear of: a connection was put in, or the queue was closed. */
const PUT = 4;
const CONTROL_BYTES = 32;
const PLACE_BYTES = 96;

/** Stands for the size of a request that has not come yet. */
export const UNKNOWN = -1;

/** A connection in the queue, where it lies in the memory. */
export class Place implements Handed {
  readonly peer: Uint8Array;
  readonly local: Uint8Array;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;

  constructor(memory: SharedArrayBuffer, offset: number) {
    this.#words = new Int32Array(memory, offset, 2);
    this.#floats = new Float64Array(memory, offset + 8, 3);
    this.peer = new Uint8Array(memory, offset + 32, SOCKET_ADDRESS_BYTES);
    this.local = new Uint8Array(memory, offset + 64, SOCKET_ADDRESS_BYTES);
  }

  get connection(): number {
    return this.#words[0]!;
  }
  set connection(id: number) {
    this.#words[0] = id;
  }

  get fd(): number {
    return this.#words[1]!;
  }
  set fd(fd: number) {
    this.#words[1] = fd;
  }

  get handedAt(): number {
    return this.#floats[0]!;
  }
  set handedAt(at: number) {
    this.#floats[0] = at;
  }

  /** When it entered the queue, on the common clock. */
  get queuedAt(): number {
    return this.#floats[1]!;
  }
  set queuedAt(at: number) {
    this.#floats[1] = at;
  }

  /** What its first request asks for (job-size.ts), or UNKNOWN. */
  get size(): number {
    return this.#floats[2]!;
  }
  set size(size: number) {
    this.#floats[2] = size;
  }
}

/** Picks one of those that wait, by its index. They stand in the order in which they came. */
export type Choose = (waiting: readonly Place[]) => number;

export interface Taken {
  readonly queuedAt: number;
  /** How many still wait. */
  readonly length: number;
  /** How many that came earlier it has overtaken. */
  readonly overtook: number;
}

export class ConnectionQueue {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #places: Place[] = [];
  readonly #mutex: Mutex;
  readonly #limit: number;

  /** A place for each that may wait, and for each that an idle thread is about to take. */
  static allocate(limit: number, threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(CONTROL_BYTES + (limit + threads) * PLACE_BYTES);
  }

  constructor(memory: SharedArrayBuffer, limit: number) {
    this.#words = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.#mutex = new Mutex(this.#words, LOCK);
    this.#limit = limit;
  }

  /** Whether one more would wait beyond the limit. Those that an idle thread is about to take do not count. */
  get full(): boolean {
    return this.#mutex.with(() => this.#full);
  }

  get #full(): boolean {
    return this.#words[LENGTH]! - this.#words[IDLE]! >= this.#limit;
  }

  /** How many wait for a thread that is busy. */
  get #waiting(): number {
    return Math.max(0, this.#words[LENGTH]! - this.#words[IDLE]!);
  }

  /**
   * At the end of the queue. `report` gets its place, before any thread can take it: 0 where an idle one is about to.
   * False where the queue is full.
   */
  put(connection: Connection, report: (place: number) => void): boolean {
    const hasEntered = this.#mutex.with(() => {
      if (this.#full) return false;
      const length = ++this.#words[LENGTH]!;
      const place = this.#place(length - 1);
      handOver(place, connection);
      place.queuedAt = nowUs();
      place.size = UNKNOWN;
      report(this.#waiting);
      return true;
    });
    if (hasEntered) this.#wake(1); // not before the lock is free: whoever is woken wants it next
    return hasEntered;
  }

  /**
   * Sleeps until a connection waits (futex(2)), and moves the one that `choose` picks to `to`. `fallAsleep` reports a sleep,
   * and gives what reports its end. Undefined where the queue was closed.
   */
  take(to: Handed, choose: Choose, fallAsleep: () => () => void): Taken | undefined {
    let awake: (() => void) | undefined;
    for (;;) {
      const puts = Atomics.load(this.#words, PUT); // before the look, so that none is missed
      const taken = this.#mutex.with(() => this.#takeNow(to, choose, awake !== undefined));
      if (taken !== undefined || this.closed) {
        awake?.();
        return taken;
      }
      awake ??= fallAsleep();
      Atomics.wait(this.#words, PUT, puts);
    }
  }

  #takeNow(to: Handed, choose: Choose, wasIdle: boolean): Taken | undefined {
    const length = this.#words[LENGTH]!;
    if (length === 0 || this.closed) {
      if (!wasIdle) this.#words[IDLE]!++;
      return undefined;
    }
    if (wasIdle) this.#words[IDLE]!--;
    const waiting = Array.from({ length }, (_, index) => this.#place(index));
    const index = length === 1 ? 0 : choose(waiting);
    const { queuedAt } = waiting[index]!;
    pass(waiting[index]!, to);
    this.#bytes.copyWithin(index * PLACE_BYTES, (index + 1) * PLACE_BYTES, length * PLACE_BYTES);
    this.#words[LENGTH] = length - 1;
    return { queuedAt, length: this.#waiting, overtook: index };
  }

  /** Threads that sleep until there is a connection. */
  get idle(): number {
    return Atomics.load(this.#words, IDLE);
  }

  get closed(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1;
  }

  /** Wakes every thread that sleeps: there will be no connection any more. Gives those that nobody has taken. */
  close(): Connection[] {
    return this.#mutex.with(() => {
      Atomics.store(this.#words, CLOSED, 1);
      this.#wake(Number.POSITIVE_INFINITY);
      const left = Array.from({ length: this.#words[LENGTH]! }, (_, index) => {
        const connection = new Connection();
        takeOver(this.#place(index), connection);
        return connection;
      });
      this.#words[LENGTH] = 0;
      return left;
    });
  }

  #wake(threads: number): void {
    Atomics.add(this.#words, PUT, 1);
    Atomics.notify(this.#words, PUT, threads);
  }

  #place(index: number): Place {
    this.#places[index] ??= new Place(
      this.#words.buffer as SharedArrayBuffer,
      CONTROL_BYTES + index * PLACE_BYTES,
    );
    return this.#places[index];
  }
}
