// Reads the records of one thread's ring back into events: the other half of the teller, on the main thread.

import { fourTupleOf } from '../net/ends.js';
import { describeEpollMask } from '../posix/epoll-mask.js';
import { errorName } from '../posix/errors.js';
import { decodeSocketAddress, SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import {
  type LifecycleEvent,
  type Listening,
  RING_EVENTS,
  type RingEventName,
  SHAPES,
  type Shape,
} from './events.js';
import { NO_FD, NOBODY } from './reporter.js';
import { HEADER_WORDS, type Ring } from './ring.js';
import type { Lane } from './server-memory.js';

/** What `listening` tells beside what its record holds: the main thread knows it, the server thread need not. */
export type ServerFacts = Pick<Listening, 'mode' | 'engine' | 'pid' | 'startedAt' | 'monotonicUs' | 'pace'>;

const threadName = (serial: number): string => `conn-${serial}`;

export class Decoder {
  readonly #lane: Lane;
  readonly #ring: Ring;
  readonly #facts: () => ServerFacts;
  /** The name of the thread that accepts; the other lanes belong to conn-1, conn-2 and so on. */
  readonly #firstThread: string | undefined;
  #thread = '';
  #tid = 0;

  constructor(lane: Lane, facts: () => ServerFacts, firstThread?: string) {
    this.#lane = lane;
    this.#ring = lane.ring;
    this.#facts = facts;
    this.#firstThread = firstThread;
  }

  /**
   * Gives every event that was told up to `until`, on the common clock. One that is told in this lane because of an
   * event in another can't get ahead of it: the cause was in its ring before `until` was read.
   */
  drain(until: number, epoch: number, take: (event: LifecycleEvent) => void): void {
    if (this.#ring.isEmpty) return;
    this.#ring.drain((record) => {
      const at = this.#ring.floats[(record >> 1) + 2]!;
      if (at > until) return false;
      take(this.#decode(record, at - epoch));
      return true;
    });
  }

  #decode(record: number, at: number): LifecycleEvent {
    const { words, floats } = this.#ring;
    const event = RING_EVENTS[words[record]! - 1]!;
    const payload = record + HEADER_WORDS;
    // A lane may go from one thread to the next; what each told lies between their thread-started events.
    if (event === 'thread-started') this.#nextThread(floats[payload >> 1]!, floats[(payload >> 1) + 1]!);
    else if (this.#tid === 0) this.#nextThread(this.#lane.tid, this.#lane.serial);
    const decoded: Record<string, unknown> = { at, event, thread: this.#thread, tid: this.#tid };
    const connection = words[record + 2]!;
    if (connection !== NOBODY) decoded.connection = connection;
    const fd = words[record + 3]!;
    if (fd !== NO_FD) decoded.fd = fd;
    this.#addFields(decoded, event, payload);
    return decoded as unknown as LifecycleEvent;
  }

  #nextThread(tid: number, serial: number): void {
    this.#tid = tid;
    this.#thread = this.#firstThread ?? threadName(serial);
  }

  #addFields(decoded: Record<string, unknown>, event: RingEventName, payload: number): void {
    const shape: Shape = SHAPES[event];
    const numbers = shape.numbers;
    for (let i = 0; i < numbers.length; i++) {
      const { name, as } = numbers[i]!;
      const value = this.#ring.floats[(payload >> 1) + i]!;
      if (as === undefined) decoded[name] = value;
      else if (as === 'microseconds') decoded[name] = Math.round(value);
      else if (as === 'mask') decoded[name] = describeEpollMask(value);
      else if (as === 'errno') decoded[name] = errorName(value);
      else if (as[value] !== undefined) decoded[name] = as[value];
    }
    if (shape.bytes !== undefined) this.#addBytes(decoded, shape.bytes, payload + numbers.length * 2);
  }

  #addBytes(decoded: Record<string, unknown>, kind: NonNullable<Shape['bytes']>, lengthWord: number): void {
    const start = (lengthWord + 1) * 4;
    const bytes = this.#ring.bytes.subarray(start, start + this.#ring.words[lengthWord]!);
    switch (kind) {
      case 'four-tuple':
        decoded.fourTuple = fourTupleOf(bytes, bytes.subarray(SOCKET_ADDRESS_BYTES));
        return;
      case 'address':
        Object.assign(decoded, this.#facts(), decodeSocketAddress(bytes));
        return;
      case 'request':
        [decoded.method, decoded.target] = bytes.toString('latin1').split(' ');
        return;
      case 'problem':
        decoded.problem = bytes.toString('latin1');
        return;
      case 'call': {
        const [name, ...args] = bytes.toString('latin1').split('\0');
        decoded.name = name;
        decoded.arguments = args;
        decoded.errno = decoded.errno === 0 ? null : errorName(decoded.errno as number);
        return;
      }
    }
  }
}
