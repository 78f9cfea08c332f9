// The words that a server's threads and the main thread share, seen from two sides of the same memory, of either kind.
// Stands beside src/lifecycle/server-memory.ts; both sides are in one thread here, and nothing sleeps.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allocateMapped, openMemory } from '../../src/lifecycle/mapped-memory.js';
import { ServerMemory, type ServerMemorySize, THREAD } from '../../src/lifecycle/server-memory.js';

/** How it is made, and how the other side opens it. */
const KINDS = {
  'memory of one process': {
    allocate: ServerMemory.allocate,
    open: (size: ServerMemorySize) => new ServerMemory(size),
  },
  'memory of several processes': { allocate: allocateMapped, open: openMemory },
};

for (const [kind, { allocate, open }] of Object.entries(KINDS)) {
  describe(kind, () => {
    /** The memory as its owner and as another thread has it. */
    function openBoth(threads = 3): [ServerMemory, ServerMemory] {
      const own = allocate(threads);
      return [own, open(own.size)];
    }

    test('before anything happened there is no listener, no connection and no part in use', () => {
      const memory = allocate(1);
      assert.deepEqual(
        [memory.stopping, memory.listener, memory.listeningAt, memory.threadsUsed],
        [false, -1, 0, 0],
      );
      const shared = memory.ofThread(0);
      assert.deepEqual([shared.state, shared.fd, shared.connection], [THREAD.none, -1, 0]);
      assert.deepEqual(shared.totals, { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 });
    });

    test('what one side writes the other side reads', () => {
      const [own, other] = openBoth();
      own.listener = 0;
      own.listeningAt = 123.25;
      assert.deepEqual([other.listener, other.listeningAt], [0, 123.25]);
      const [shared, seen] = [own.ofThread(1), other.ofThread(1)];
      shared.fd = 0;
      shared.connection = 5;
      shared.serial = 2;
      shared.tid = 4711;
      shared.handedAt = 9.5;
      shared.addBytesOut(7);
      assert.deepEqual(
        [seen.fd, seen.connection, seen.serial, seen.tid, seen.handedAt],
        [0, 5, 2, 4711, 9.5],
      );
      assert.equal(seen.totals.bytesOut, 7);
      own.stop();
      assert.equal(other.stopping, true);
    });

    test('the threads in use are counted up to the highest that was asked for', () => {
      const [own, other] = openBoth(5);
      own.ofThread(0);
      own.ofThread(3);
      own.ofThread(1);
      assert.equal(other.threadsUsed, 4);
    });

    test('a part that is filled to the last byte touches neither its neighbours nor the control words', () => {
      const memory = allocate(3);
      const threads = [memory.ofThread(0), memory.ofThread(1), memory.ofThread(2)];
      threads[1]!.ring.bytes.fill(0xff);
      for (const shared of [threads[0]!, threads[2]!]) {
        assert.ok(shared.ring.isEmpty && shared.ring.bytes.every((byte) => byte === 0));
        assert.deepEqual([shared.state, shared.fd, shared.serial, shared.handedAt], [THREAD.none, -1, 0, 0]);
        assert.deepEqual(shared.totals, { connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 });
      }
      threads[0]!.ring.bytes.fill(0xff);
      threads[2]!.ring.bytes.fill(0xff);
      assert.ok(threads[1]!.ring.isEmpty);
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
      const memory = allocate(1);
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
      const memory = allocate(1);
      assert.deepEqual(
        [memory.becomeIdle(2), memory.becomeIdle(2), memory.becomeIdle(2)],
        [true, true, false],
      );
      memory.leaveIdle();
      assert.deepEqual([memory.becomeIdle(2), memory.becomeIdle(2)], [true, false]);
      assert.equal(allocate(1).becomeIdle(0), false);
    });

    test('of two that would hand a part on only the first succeeds', () => {
      const [own, other] = openBoth();
      const [shared, seen] = [own.ofThread(2), other.ofThread(2)];
      assert.equal(shared.changeState(THREAD.none, THREAD.busy), true);
      assert.equal(seen.changeState(THREAD.none, THREAD.busy), false);
      assert.equal(seen.state, THREAD.busy);
      seen.leave();
      assert.equal(shared.state, THREAD.none);
    });

    test('whoever waits for a free thread does not sleep if one was freed since it looked', () => {
      const memory = allocate(1);
      for (const free of [() => memory.threadFreed(), () => memory.threadStarted(), () => memory.stop()]) {
        let looks = 0;
        const look = (): boolean => {
          if (looks++ === 0) free();
          return looks > 1;
        };
        assert.equal(memory.sleepUntilFreed(look), true); // returns at once, or the test never ends
      }
    });

    test('whoever sleeps until the stop sleeps no more once it has come', () => {
      const [own, other] = openBoth();
      own.sleepUntilStop(1);
      assert.equal(own.stopping, false);
      other.stop();
      own.sleepUntilStop(2 ** 31); // returns at once, or the test never ends
    });
  });
}
