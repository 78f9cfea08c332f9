// Reads the records of one thread's ring back into events: the other half of the reporter, on the main thread.

import { fourTupleOf } from '../net/ends.js';
import { describeEpollMask } from '../posix/epoll-mask.js';
import { errorName } from '../posix/errors.js';
import type { DescribeMask } from '../posix/readiness.js';
import { decodeSocketAddress, SOCKET_ADDRESS_BYTES } from '../posix/socket-address.js';
import {
  type FromNumber,
  type LifecycleEvent,
  type Listening,
  type NumberField,
  numbersOf,
  RING_EVENTS,
  type RingEventName,
} from './events.js';
import { NO_FD, NOBODY } from './reporter.js';
import { HEADER_WORDS, type Ring } from './ring.js';
import type { ThreadMemory } from './server-memory.js';

/** The fields of `listening` that are not in its record, because only the main thread knows them. */
export type ServerFacts = Pick<
  Listening,
  'mode' | 'variant' | 'engine' | 'pid' | 'startedAt' | 'monotonicUs' | 'pace'
>;

const NUMBERS = Object.fromEntries(RING_EVENTS.map((event) => [event, numbersOf(event)])) as Record<
  RingEventName,
  readonly NumberField[]
>;

export class Decoder {
  readonly #shared: ThreadMemory;
  readonly #ring: Ring;
  readonly #facts: () => ServerFacts;
  /** What the thread is called that was started as this one, counted from 1; 0 is one that was not counted. */
  readonly #nameOf: (serial: number) => string;
  readonly #describeMask: DescribeMask;
  readonly #ofProcess: boolean;
  #thread = '';
  #tid = 0;

  /** `ofProcess`: each that has this part is the first thread of a process of its own. */
  constructor(
    shared: ThreadMemory,
    facts: () => ServerFacts,
    nameOf: (serial: number) => string,
    describeMask: DescribeMask = describeEpollMask,
    ofProcess = false,
  ) {
    this.#shared = shared;
    this.#ring = shared.ring;
    this.#facts = facts;
    this.#nameOf = nameOf;
    this.#describeMask = describeMask;
    this.#ofProcess = ofProcess;
  }

  /**
   * Gives every event reported up to `until`, on the common clock. An event that another thread's event caused cannot
   * come before its cause: that was in its ring before `until` was read.
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
    // Threads use the same part one after the other; a thread-started event begins the events of the next.
    if (event === 'thread-started') this.#nextThread(floats[payload >> 1]!, floats[(payload >> 1) + 1]!);
    else if (this.#tid === 0) this.#nextThread(this.#shared.tid, this.#shared.serial);
    const decoded: Record<string, unknown> = { at, event, thread: this.#thread, tid: this.#tid };
    if (this.#ofProcess) decoded.pid = this.#tid; // of a process's first thread the tid is the pid (gettid(2))
    const connection = words[record + 2]!; // below 0: the loop's waker, which is none
    if (connection > NOBODY) decoded.connection = connection;
    const fd = words[record + 3]!;
    if (fd !== NO_FD) decoded.fd = fd;
    this.#addFields(decoded, event, payload);
    return decoded as unknown as LifecycleEvent;
  }

  #nextThread(tid: number, serial: number): void {
    this.#tid = tid;
    this.#thread = this.#nameOf(serial);
  }

  #addFields(decoded: Record<string, unknown>, event: RingEventName, payload: number): void {
    const numbers = NUMBERS[event];
    for (let i = 0; i < numbers.length; i++) {
      const { name, from, optional } = numbers[i]!;
      const value = this.#fromNumber(this.#ring.floats[(payload >> 1) + i]!, from);
      if (value === undefined || (optional && !value)) continue;
      decoded[name] = value;
    }
    this.#addBytes(decoded, event, payload + numbers.length * 2);
  }

  /** The fields that are bytes: they follow the numbers, after a word with their length. */
  #addBytes(decoded: Record<string, unknown>, event: RingEventName, lengthWord: number): void {
    switch (event) {
      case 'accepted': {
        const both = this.#bytes(lengthWord);
        decoded.fourTuple = fourTupleOf(both, both.subarray(SOCKET_ADDRESS_BYTES));
        return;
      }
      case 'listening':
        Object.assign(decoded, this.#facts(), decodeSocketAddress(this.#bytes(lengthWord)));
        return;
      case 'also-listening':
        Object.assign(decoded, decodeSocketAddress(this.#bytes(lengthWord)));
        return;
      case 'request':
        [decoded.method, decoded.target] = this.#bytes(lengthWord).toString('latin1').split(' ');
        return;
      case 'bad-request':
      case 'crashed':
        decoded.problem = this.#bytes(lengthWord).toString('latin1');
        return;
      case 'call': {
        const [name, ...args] = this.#bytes(lengthWord).toString('latin1').split('\0');
        decoded.name = name;
        decoded.arguments = args;
        return;
      }
    }
  }

  #bytes(lengthWord: number): Buffer {
    const start = (lengthWord + 1) * 4;
    return this.#ring.bytes.subarray(start, start + this.#ring.words[lengthWord]!);
  }

  #fromNumber(value: number, from: FromNumber): unknown {
    switch (from) {
      case 'plain':
        return value;
      case 'microseconds':
        return Math.round(value);
      case 'readiness':
        return this.#describeMask(value);
      case 'errno':
        return value === 0 ? null : errorName(value);
      default:
        return from[value];
    }
  }
}
