// When a loop is woken: each timer at its own time, however often that was changed, against the simplest of models.
// Stands beside src/models/evented/timers.ts; the time is a number here, and nothing sleeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Timed, Timers } from '../../../src/models/loop/timers.js';

interface Item extends Timed {
  readonly name: number;
}

const makeItems = (count: number): Item[] =>
  Array.from({ length: count }, (_, name) => ({
    name,
    due: Number.POSITIVE_INFINITY,
    heapIndex: -1,
    heapTime: 0,
  }));

/** The names of those that fire now, in order. */
function fire(timers: Timers<Item>, now: number): number[] {
  const fired: number[] = [];
  for (let item = timers.nextDue(now); item !== undefined; item = timers.nextDue(now)) fired.push(item.name);
  return fired;
}

const times = fc.double({ min: 0, max: 1000, noNaN: true });

test('timers fire soonest first', () => {
  fc.assert(
    fc.property(fc.array(times), (dues) => {
      const timers = new Timers<Item>();
      const items = makeItems(dues.length);
      for (const item of items) timers.set(item, dues[item.name]!);
      const fired = fire(timers, 1000).map((name) => dues[name]!);
      assert.deepEqual(
        fired,
        dues.toSorted((a, b) => a - b),
      );
    }),
  );
});

test('whatever is set, put off, brought forward or taken out, just those fire that are due', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ item: fc.nat(7), in: fc.oneof(fc.nat(50), times) }) },
    { weight: 1, arbitrary: fc.record({ item: fc.nat(7), in: fc.constant(Number.POSITIVE_INFINITY) }) },
    { weight: 2, arbitrary: fc.record({ pass: fc.oneof(fc.nat(50), times) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { size: 'large' }), (steps) => {
      const timers = new Timers<Item>();
      const items = makeItems(8);
      const due = new Map<number, number>(); // the model: who is due when
      let now = 0;
      for (const each of steps) {
        if ('item' in each) {
          timers.set(items[each.item]!, now + each.in);
          due.set(each.item, now + each.in);
        } else {
          now += each.pass;
          const expected = [...due].filter(([, time]) => time <= now).map(([name]) => name);
          for (const name of expected) due.delete(name);
          assert.deepEqual(fire(timers, now).toSorted(), expected.toSorted());
        }
        const soonest = Math.min(...due.values());
        const wait = timers.untilNext(now);
        if (soonest < Number.POSITIVE_INFINITY) assert.ok(wait >= 0 && wait <= Math.ceil(soonest - now));
      }
    }),
    { numRuns: 300 },
  );
});

test('a loop that sleeps as long as it is told fires each timer within a millisecond of its time', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(times, times), { minLength: 1 }), (changes) => {
      const timers = new Timers<Item>();
      const items = makeItems(changes.length);
      for (const item of items) timers.set(item, changes[item.name]![0]);
      for (const item of items) timers.set(item, changes[item.name]![1]);
      const waiting = new Set(items);
      let now = 0;
      for (let wait = timers.untilNext(now); wait >= 0; wait = timers.untilNext(now)) {
        now += wait;
        for (const name of fire(timers, now)) {
          const late = now - changes[name]![1];
          assert.ok(late >= 0 && late <= 1, `${late} ms late`);
          assert.ok(waiting.delete(items[name]!));
        }
      }
      assert.equal(waiting.size, 0);
    }),
  );
});

test('the wait is whole milliseconds, not too few, and -1 where nothing is set', () => {
  const timers = new Timers<Item>();
  const [item] = makeItems(1) as [Item];
  assert.equal(timers.untilNext(0), -1);
  timers.set(item, 100.25);
  assert.equal(timers.untilNext(90), 11);
  assert.equal(timers.untilNext(100.25), 0);
  assert.equal(timers.untilNext(500), 0);
  assert.deepEqual(fire(timers, 100), []);
  assert.deepEqual(fire(timers, 100.25), [0]);
  assert.equal(timers.untilNext(101), -1);
});

test('one that was taken out never fires, and nobody wakes for it', () => {
  const timers = new Timers<Item>();
  const [item, other] = makeItems(2) as [Item, Item];
  timers.set(item, 10);
  timers.set(other, 50);
  timers.set(item, Number.POSITIVE_INFINITY);
  assert.equal(timers.untilNext(0), 50);
  timers.set(other, 70);
  assert.equal(timers.untilNext(0), 70);
  assert.deepEqual(fire(timers, 1000), [1]);
  assert.equal(timers.untilNext(1000), -1);
});

test('taking out one that was never set makes nobody wait for it', () => {
  const timers = new Timers<Item>();
  timers.set(makeItems(1)[0]!, Number.POSITIVE_INFINITY);
  assert.equal(timers.untilNext(0), -1);
});

test('one that fires may be set again while the others fire', () => {
  const timers = new Timers<Item>();
  const [first, second] = makeItems(2) as [Item, Item];
  timers.set(first, 10);
  timers.set(second, 20);
  const fired: number[] = [];
  for (let item = timers.nextDue(20); item !== undefined; item = timers.nextDue(20)) {
    fired.push(item.name);
    if (item === first) timers.set(first, 30);
  }
  assert.deepEqual(fired, [0, 1]);
  assert.equal(timers.untilNext(20), 10);
  assert.deepEqual(fire(timers, 30), [0]);
});
