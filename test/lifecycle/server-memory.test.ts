// The words that a server's threads and the main thread share, seen from two sides of the same memory.
// Stands beside src/lifecycle/server-memory.ts; both sides are in one thread here, and nothing sleeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerMemory, THREAD } from '../../src/lifecycle/server-memory.js';

/** The memory as its owner and as another thread has it. */
function openBoth(lanes = 3): [ServerMemory, ServerMemory] {
  const own = ServerMemory.allocate(lanes);
  return [own, new ServerMemory({ buffer: own.buffer, lanes: own.lanes })];
}

test('before anything happened there is no listener, no connection and no lane in use', () => {
  const memory = ServerMemory.allocate(1);
  assert.deepEqual(
    [memory.stopping, memory.listener, memory.listeningAt, memory.lanesUsed],
    [false, -1, 0, 0],
  );
  const lane = memory.lane(0);
  assert.deepEqual([lane.state, lane.fd, lane.connection], [THREAD.none, -1, 0]);
  assert.deepEqual(lane.totals, { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 });
});

test('what one side writes the other side reads', () => {
  const [own, other] = openBoth();
  own.listener = 0;
  own.listeningAt = 123.25;
  assert.deepEqual([other.listener, other.listeningAt], [0, 123.25]);
  const [lane, seen] = [own.lane(1), other.lane(1)];
  lane.fd = 0;
  lane.connection = 5;
  lane.serial = 2;
  lane.tid = 4711;
  lane.handedAt = 9.5;
  lane.addBytesOut(7);
  assert.deepEqual([seen.fd, seen.connection, seen.serial, seen.tid, seen.handedAt], [0, 5, 2, 4711, 9.5]);
  assert.equal(seen.totals.bytesOut, 7);
  own.stop();
  assert.equal(other.stopping, true);
});

test('the lanes in use are counted up to the highest that was asked for', () => {
  const [own, other] = openBoth(5);
  own.lane(0);
  own.lane(3);
  own.lane(1);
  assert.equal(other.lanesUsed, 4);
});

test('a lane that is filled to the last byte touches neither its neighbours nor the control words', () => {
  const memory = ServerMemory.allocate(3);
  const lanes = [memory.lane(0), memory.lane(1), memory.lane(2)];
  lanes[1]!.ring.bytes.fill(0xff);
  for (const lane of [lanes[0]!, lanes[2]!]) {
    assert.ok(lane.ring.isEmpty && lane.ring.bytes.every((byte) => byte === 0));
    assert.deepEqual([lane.state, lane.fd, lane.serial, lane.handedAt], [THREAD.none, -1, 0, 0]);
    assert.deepEqual(lane.totals, { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 });
  }
  lanes[0]!.ring.bytes.fill(0xff);
  lanes[2]!.ring.bytes.fill(0xff);
  assert.ok(lanes[1]!.ring.isEmpty);
  assert.deepEqual(
    [memory.stopping, memory.listener, memory.listeningAt, memory.peakConnections],
    [false, -1, 0, 0],
  );
});

test('the most connections at once are remembered when they are gone', () => {
  const [own, other] = openBoth();
  own.connectionOpened();
  other.connectionOpened();
  own.connectionClosed();
  own.connectionOpened();
  assert.equal(own.peakConnections, 2);
  other.connectionOpened();
  for (let i = 0; i < 3; i++) own.connectionClosed();
  assert.equal(own.openConnections, 0);
  own.connectionOpened();
  assert.deepEqual([other.openConnections, other.peakConnections], [1, 3]);
});

test('a thread is starting until it has started or could not, and the most at once are remembered', () => {
  const memory = ServerMemory.allocate(1);
  memory.threadStarting();
  memory.threadStarting();
  memory.threadStarting();
  assert.equal(memory.threadsStarting, 3);
  memory.threadNotStarted();
  memory.threadStarted();
  memory.threadStarted();
  assert.deepEqual([memory.threadsStarting, memory.peakThreads, memory.threadsEnded], [0, 2, 0]);
  memory.threadEnded();
  memory.threadStarting();
  memory.threadStarted();
  assert.deepEqual([memory.peakThreads, memory.threadsEnded], [2, 1]);
});

test('all threads have ended once none runs and none is starting', () => {
  const [own, other] = openBoth();
  assert.equal(own.allThreadsEnded, true);
  own.threadStarting();
  assert.equal(own.allThreadsEnded, false);
  other.threadStarted();
  assert.equal(own.allThreadsEnded, false);
  other.threadEnded();
  assert.equal(own.allThreadsEnded, true);
});

test('no more threads become idle than may, and one that leaves makes room', () => {
  const memory = ServerMemory.allocate(1);
  assert.deepEqual([memory.becomeIdle(2), memory.becomeIdle(2), memory.becomeIdle(2)], [true, true, false]);
  memory.leaveIdle();
  assert.deepEqual([memory.becomeIdle(2), memory.becomeIdle(2)], [true, false]);
  assert.equal(ServerMemory.allocate(1).becomeIdle(0), false);
});

test('of two that would hand a lane on only the first succeeds', () => {
  const [own, other] = openBoth();
  const [lane, seen] = [own.lane(2), other.lane(2)];
  assert.equal(lane.changeState(THREAD.none, THREAD.busy), true);
  assert.equal(seen.changeState(THREAD.none, THREAD.busy), false);
  assert.equal(seen.state, THREAD.busy);
  seen.leave();
  assert.equal(lane.state, THREAD.none);
});

test('whoever waits for a free thread does not sleep if one was freed since it looked', () => {
  const memory = ServerMemory.allocate(1);
  for (const free of [() => memory.threadFreed(), () => memory.stop(), () => memory.threadStarted()]) {
    const looked = memory.timesFreed;
    free();
    assert.notEqual(memory.timesFreed, looked);
    memory.sleepUntilFreed(looked); // returns at once, or the test never ends
  }
});

test('whoever sleeps until the stop sleeps no more once it has come', () => {
  const [own, other] = openBoth();
  own.sleepUntilStop(1);
  assert.equal(own.stopping, false);
  other.stop();
  own.sleepUntilStop(2 ** 31); // returns at once, or the test never ends
});
