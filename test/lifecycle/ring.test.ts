// A ring of records in shared memory, between a writer and a reader that may lag behind it.
// Stands beside src/lifecycle/ring.ts; the events inside the records are teller-decoder.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HEADER_WORDS, Ring } from '../../src/lifecycle/ring.js';

const RING_BYTES = 256;

/** Both sides of one ring that lies somewhere in shared memory. */
function openBoth(bytes = RING_BYTES): { writer: Ring; reader: Ring; memory: SharedArrayBuffer } {
  const memory = new SharedArrayBuffer(8 + Ring.bytesFor(bytes) + 8);
  return { writer: new Ring(memory, 8, bytes), reader: new Ring(memory, 8, bytes), memory };
}

/** Publishes a record whose payload is its number, over and over; false where there was no room. */
function write(ring: Ring, number: number, payloadWords: number): boolean {
  const payload = ring.reserve(1 + (number % 5), number, -number, number / 2, payloadWords);
  if (payload < 0) return false;
  ring.words.fill(number, payload, payload + payloadWords);
  ring.publish();
  return true;
}

/** The numbers of the next records, `most` at a time, once each was found to be whole. */
function read(ring: Ring, sizes: ReadonlyMap<number, number>, most = Number.POSITIVE_INFINITY): number[] {
  const numbers: number[] = [];
  ring.drain((record) => {
    if (numbers.length >= most) return false;
    const number = ring.words[record + 2]!;
    const payload = record + HEADER_WORDS;
    assert.equal(ring.words[record], 1 + (number % 5));
    assert.equal(ring.words[record + 3], -number);
    assert.equal(ring.floats[(record >> 1) + 2], number / 2);
    const words = ring.words.subarray(payload, payload + sizes.get(number)!);
    assert.ok(words.every((word) => word === number));
    numbers.push(number);
    return true;
  });
  return numbers;
}

test('whatever the sizes and however the reader lags, what was published is read in order and the rest is counted', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ write: fc.integer({ min: 0, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ read: fc.integer({ min: 0, max: 8 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { size: 'large' }), (steps) => {
      const { writer, reader, memory } = openBoth();
      const sizes = new Map<number, number>();
      const waiting: number[] = [];
      let dropped = 0;
      for (const [index, each] of steps.entries()) {
        if ('write' in each) {
          sizes.set(index + 1, each.write);
          if (write(writer, index + 1, each.write)) waiting.push(index + 1);
          else dropped++;
        } else {
          assert.deepEqual(read(reader, sizes, each.read), waiting.splice(0, each.read));
        }
        assert.equal(reader.isEmpty, waiting.length === 0);
        assert.equal(reader.dropped, dropped);
      }
      assert.deepEqual(read(reader, sizes), waiting);
      // Nothing was written beside the ring.
      assert.deepEqual([...new Uint8Array(memory, 0, 8)], new Array(8).fill(0));
      assert.deepEqual([...new Uint8Array(memory, memory.byteLength - 8)], new Array(8).fill(0));
    }),
    { numRuns: 300 },
  );
});

test('a ring that is empty takes any record of up to half of it, wherever the last one ended', () => {
  const most = RING_BYTES / 4 / 2 - HEADER_WORDS;
  fc.assert(
    fc.property(fc.array(fc.nat(most)), (payloads) => {
      const { writer, reader } = openBoth();
      const sizes = new Map(payloads.map((words, index) => [index + 1, words]));
      for (const [number, words] of sizes) {
        assert.ok(write(writer, number, words));
        assert.deepEqual(read(reader, sizes), [number]);
      }
      assert.equal(reader.dropped, 0);
    }),
  );
});

test('a ring that nobody reads keeps the oldest records, whole, and drops the rest', () => {
  const { writer, reader } = openBoth();
  const sizes = new Map(Array.from({ length: 100 }, (_, index) => [index + 1, 2]));
  const kept = [...sizes].filter(([number, words]) => write(writer, number, words)).map(([number]) => number);
  // Eight records fill the 64 words, and a full ring must not look like an empty one.
  assert.deepEqual(kept, [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(reader.dropped, 93);
  assert.deepEqual(read(reader, sizes), kept);
  assert.ok(write(writer, 101, 2));
  assert.deepEqual(read(reader, new Map([[101, 2]])), [101]);
});

test('a record larger than the ring is dropped, and the ring goes on', () => {
  const { writer, reader } = openBoth();
  assert.equal(write(writer, 1, RING_BYTES), false);
  assert.equal(reader.dropped, 1);
  assert.ok(write(writer, 2, 1));
  assert.deepEqual(read(reader, new Map([[2, 1]])), [2]);
});

test('a record is not seen before it is published', () => {
  const { writer, reader } = openBoth();
  writer.reserve(2, 1, -1, 0.5, 0);
  assert.equal(reader.isEmpty, true);
  assert.deepEqual(read(reader, new Map()), []);
  writer.publish();
  assert.equal(reader.isEmpty, false);
  assert.deepEqual(read(reader, new Map([[1, 0]])), [1]);
});

test('a writer that opens the ring anew goes on where the last one stopped', () => {
  const { writer, reader, memory } = openBoth();
  const sizes = new Map([
    [1, 4],
    [2, 4],
  ]);
  assert.ok(write(writer, 1, 4));
  assert.ok(write(new Ring(memory, 8, RING_BYTES), 2, 4));
  assert.deepEqual(read(reader, sizes), [1, 2]);
});
