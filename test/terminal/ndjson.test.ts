// Events as lines of JSON, one object a line, whatever the network put into them.
// Stands beside src/terminal/ndjson.ts.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { ndjsonLine, ndjsonSink } from '../../src/terminal/ndjson.js';
import { temporaryFolder } from '../support/cleanup.js';

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
  const unit = fc.constantFrom(
    '\0',
    '\n',
    '\u007f',
    '\u009b',
    '\u202e',
    '\ud800',
    '"',
    '\\',
    '\u{1f600}',
    'a',
  );
  fc.assert(
    fc.property(fc.string({ unit }), (target) => {
      const event: LifecycleEvent = {
        at: 0,
        event: 'request',
        thread: 'loop',
        tid: 1,
        connection: 1,
        fd: 5,
        method: 'GET',
        target,
      };
      const line = ndjsonLine(event);
      assert.match(line, /^[^\p{Cc}\u202e]+\n$/u);
      assert.deepEqual(JSON.parse(line), event);
    }),
  );
});

test('where the reader was too slow one event says how many are missing, and up to when', async (t) => {
  const folder = temporaryFolder();
  const fd = openSync(join(folder, 'events'), 'w');
  t.after(() => closeSync(fd));
  const sink = ndjsonSink(fd, 0, (code) => assert.fail(`told of ${code}`)); // no room for anything to wait
  const ended = (at: number): LifecycleEvent => ({ at, event: 'thread-ended', thread: 'conn-1', tid: 4711 });
  sink.take([ended(5), ended(6)]);
  sink.take([ended(7)]);
  const stopped: LifecycleEvent = {
    at: 9,
    event: 'stopped',
    thread: 'main',
    tid: 42,
    connections: 0,
    requests: 0,
    bytesIn: 0,
    bytesOut: 0,
    peakConnections: 0,
    peakThreads: 1,
    leftOpen: 0,
    eventsDropped: 0,
  };
  sink.take([stopped]);
  await sink.output.flush(10_000);
  const lines = readFileSync(join(folder, 'events'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [{ at: 7, event: 'skipped', thread: 'main', tid: process.pid, count: 3 }, stopped],
  );
});
