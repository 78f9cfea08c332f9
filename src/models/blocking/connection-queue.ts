// The queue of a pool: accepted connections that wait for a thread, in memory that the acceptor and all threads share.
// The textbook's bounded buffer: a lock, and two conditions to sleep on, "there is a connection" and "there is room".

import { nowUs } from '../../lifecycle/clock.js';
import { HandedConnection } from '../../lifecycle/handed-connection.js';
import { Connection } from '../../net/connection.js';
import { handOver, pass, takeOver } from './hand-over.js';
import { Mutex } from './mutex.js';

const LOCK = 0;
const LENGTH = 1;
/** Threads that sleep until there is a connection. */
const IDLE = 2;
const CLOSED = 3;
/** A sleeping thread waits for this count to change: a connection was put in, or the queue was closed. */
const PUT = 4;
const CONTROL_BYTES = 32;
const PLACE_BYTES = HandedConnection.BYTES + 16;

/** Stands for the size of a request that has not come yet. */
export const UNKNOWN = -1;

/** A connection in the queue, where it lies in the memory. */
export class Place extends HandedConnection {
  readonly #floats: Float64Array;

  constructor(memory: SharedArrayBuffer, offset: number) {
    super(memory, offset);
    this.#floats = new Float64Array(memory, offset + HandedConnection.BYTES, 2);
  }

  /** When it entered the queue, on the common clock. */
  get queuedAt(): number {
    return this.#floats[0]!;
  }

  set queuedAt(at: number) {
    this.#floats[0] = at;
  }

  /** What its first request asks for (job-size.ts), or UNKNOWN. */
  get size(): number {
    return this.#floats[1]!;
  }

  set size(size: number) {
    this.#floats[1] = size;
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
   * False if the queue is full.
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
    if (hasEntered) this.#wake(1); // not before the lock is free: the thread that wakes takes it next
    return hasEntered;
  }

  /**
   * Sleeps until a connection waits (futex(2)), and moves the one that `choose` picks to `to`. `fallAsleep` reports a sleep,
   * and gives what reports its end. Undefined if the queue was closed.
   */
  take(to: HandedConnection, choose: Choose, fallAsleep: () => () => void): Taken | undefined {
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

  #takeNow(to: HandedConnection, choose: Choose, wasIdle: boolean): Taken | undefined {
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

  /** Wakes every sleeping thread: no further connection will come. Gives those that no thread has taken. */
  close(): Connection[] {
    const all = this.#mutex.with(() => {
      Atomics.store(this.#words, CLOSED, 1);
      const left = Array.from({ length: this.#words[LENGTH]! }, (_, index) => {
        const connection = new Connection();
        takeOver(this.#place(index), connection);
        return connection;
      });
      this.#words[LENGTH] = 0;
      return left;
    });
    this.#wake(Number.POSITIVE_INFINITY);
    return all;
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
