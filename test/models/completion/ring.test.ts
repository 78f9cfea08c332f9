// The two queues against the kernel itself: what is full, and what nobody has looked at yet.
// Stands beside src/models/completion/ring.ts.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Reporter } from '../../../src/lifecycle/reporter.js';
import { ServerMemory } from '../../../src/lifecycle/server-memory.js';
import { Calls } from '../../../src/models/calls.js';
import { IoUring } from '../../../src/models/completion/ring.js';
import type { ServerThread } from '../../../src/models/server-thread.js';
import { systemCalls } from '../../../src/posix/system-calls.js';

const IORING_OP_NOP = 0;

function ring(): IoUring {
  const memory = ServerMemory.allocate(1);
  const report = new Reporter(memory, memory.ofThread(0), 'none');
  return new IoUring(
    new Calls(
      { sys: systemCalls, memory, report, options: { mode: 'completion' } } as unknown as ServerThread,
      0,
    ),
    {
      submissions: 4,
      completions: 8,
    },
  );
}

function taken(of: IoUring): number[] {
  const whose: number[] = [];
  while (of.next()) whose.push(of.who);
  return whose;
}

it('a full submission queue is handed in, and nothing is lost', () => {
  const queues = ring();
  for (let who = 1; who <= 6; who++) queues.submit(IORING_OP_NOP, -1, who, 0);
  queues.wait(-1);
  assert.deepEqual(taken(queues), [1, 2, 3, 4, 5, 6]);
  systemCalls.close(queues.fd);
});

it('a full completion queue: what has no room waits in the kernel, and comes in order', () => {
  const queues = ring();
  for (let who = 1; who <= 30; who++) queues.submit(IORING_OP_NOP, -1, who, 0);
  const whose: number[] = [];
  let looks = 0;
  while (whose.length < 30) {
    queues.wait(-1);
    const some = taken(queues);
    assert.ok(some.length <= 8, 'the queue has eight places');
    whose.push(...some);
    looks++;
  }
  assert.deepEqual(
    whose,
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  assert.ok(looks >= 4);
  systemCalls.close(queues.fd);
});

it('a wait with nothing in flight ends with its time limit', () => {
  const queues = ring();
  queues.wait(10);
  assert.equal(queues.next(), false);
  assert.equal(queues.empty, true);
  systemCalls.close(queues.fd);
});
