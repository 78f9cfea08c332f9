// Events as lines of JSON, one object a line, whatever the network put into them.
// Stands beside src/ui/ndjson.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { ndjsonGap, ndjsonLine } from '../../src/ui/ndjson.js';

test('an event is one line, its fields in the order they have', () => {
  const event: LifecycleEvent = {
    at: 125,
    event: 'accepted',
    thread: 'acceptor',
    tid: 4711,
    connection: 1,
    fd: 19,
    fourTuple: ['127.0.0.1', 52356, '127.0.0.1', 8080],
  };
  assert.equal(
    ndjsonLine(event),
    '{"at":125,"event":"accepted","thread":"acceptor","tid":4711,"connection":1,"fd":19,' +
      '"fourTuple":["127.0.0.1",52356,"127.0.0.1",8080]}\n',
  );
});

test('any text in an event stays on its one line, tells a terminal nothing, and is read back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (target) => {
      const event: LifecycleEvent = {
        at: 0,
        event: 'request',
        thread: 'loop',
        tid: 1,
        connection: 1,
        fd: 5,
        method: 'GET',
        target,
        status: 404,
      };
      const line = ndjsonLine(event);
      assert.match(line, /^\P{Cc}+\n$/u);
      assert.deepEqual(JSON.parse(line), event);
    }),
    { numRuns: 300 },
  );
});

test('a gap is an event of its own that says how many are missing', () => {
  assert.match(ndjsonGap(17), /^[^\n]+\n$/);
  assert.deepEqual(JSON.parse(ndjsonGap(17)), {
    event: 'skipped',
    thread: 'main',
    tid: process.pid,
    count: 17,
  });
});
