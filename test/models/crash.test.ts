// An error in the program itself costs one connection and no more: the servers' own code, on system calls that a test
// scripts. The only place where a kernel is played; what the real one does is tested everywhere else.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { failureSentence } from '../../src/cli/serve/failure.js';
import { createHandler } from '../../src/http/handler.js';
import { Decoder } from '../../src/lifecycle/decoder.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { Reporter } from '../../src/lifecycle/reporter.js';
import { ServerMemory, THREAD } from '../../src/lifecycle/server-memory.js';
import { Conversation } from '../../src/models/blocking/conversation.js';
import { Calls } from '../../src/models/calls.js';
import { serve } from '../../src/models/evented/server.js';
import { ServerConnection } from '../../src/models/server-connection.js';
import type { ServerFailure } from '../../src/models/server-handle.js';
import type { ServerThread } from '../../src/models/server-thread.js';
import { AF_INET, EPOLLIN } from '../../src/posix/constants.js';
import { EpollEvents } from '../../src/posix/epoll-events.js';
import type { SystemCalls } from '../../src/posix/system-calls.js';

const LISTENER = 3;
const EPOLL = 4;
const FIRST = 5;
const SECOND = 6;
const REQUEST = 'GET / HTTP/1.1\r\n\r\n';

/** A thread whose kernel does what `calls` say, and nothing wrong otherwise. */
function threadOn(calls: Partial<SystemCalls>, workers = 0) {
  const memory = ServerMemory.allocate(1 + workers);
  const shared = memory.ofThread(0);
  const closed: number[] = [];
  const sys = new Proxy(calls, {
    get: (_, name) =>
      Reflect.get(calls, name) ?? (name === 'close' ? (fd: number) => closed.push(fd) && 0 : () => 0),
  }) as SystemCalls;
  const limits = {
    headTimeout: 0,
    idleTimeout: 0,
    sendTimeout: 0,
    maxHead: 1000,
    maxConnections: 9,
    maxMs: 9,
    maxBytes: 0,
  };
  const options = {
    mode: 'evented',
    address: '127.0.0.1',
    port: 0,
    backlog: 1,
    limits,
    poller: 'epoll',
    edgeTriggered: false,
    loops: 1,
    workers,
  };
  const report = new Reporter(memory, shared, 'lifecycle');
  const handle = createHandler({ keepAlive: false, ...limits });
  const thread: ServerThread = {
    calls: (flags: number) => new Calls(thread, flags),
    name: 'loop',
    tid: 1,
    options,
    sys,
    memory,
    shared,
    report,
    handle,
  } as unknown as ServerThread;
  const story = (): LifecycleEvent[] => {
    const events: LifecycleEvent[] = [];
    const facts = { mode: '', engine: '', pid: 0, startedAt: '', monotonicUs: 0 };
    new Decoder(
      shared,
      () => facts,
      () => 'loop',
    ).drain(Infinity, 0, (event) => events.push(event));
    return events;
  };
  return { thread, memory, closed, story };
}

/** recv(2) as the scripted clients have it: the first meets an error in the program, the second asks for `/`. */
const recv = (fd: number, buffer: Uint8Array): number => {
  if (fd === FIRST) throw new Error('boom');
  return Buffer.from(buffer.buffer, buffer.byteOffset).write(REQUEST);
};
const send = (_: number, __: Uint8Array, length: number): number => length;

/** A kernel that gives the loop a listener. */
const listening: Partial<SystemCalls> = {
  socket: () => LISTENER,
  getsockname: (_, address) => {
    address[0] = AF_INET;
    return 0;
  },
};

/** In each turn of the loop one descriptor is ready, with its connection's id; after the last the server is to stop. */
type Turns = (() => readonly [fd: number, id: number])[];

/** A loop to which two clients come. */
function loopOn(turns: Turns, calls: Partial<SystemCalls>, workers = 0) {
  const accepted = [FIRST, SECOND];
  const loop = threadOn(
    {
      ...listening,
      epoll_create1: () => EPOLL,
      accept4: (_, address) => {
        address[0] = AF_INET;
        return accepted.shift() ?? -1;
      },
      errno: () => 11, // EAGAIN
      epoll_wait: (_, events) => {
        const next = turns.shift()?.();
        if (next === undefined) {
          loop.memory.stop();
          return 0;
        }
        const one = new EpollEvents(1);
        one.set(0, EPOLLIN, next[0], next[1]);
        events.set(one.bytes);
        return 1;
      },
      send,
      ...calls,
    },
    workers,
  );
  return loop;
}

function assertOnlyTheFirstWasHurt(events: readonly LifecycleEvent[], problem = 'boom'): void {
  const told = events.flatMap((event) => {
    if (event.event === 'crashed') return [`crashed ${event.connection} ${event.problem}`];
    if (event.event === 'closed') return [`closed ${event.connection} ${event.reason}`];
    return [];
  });
  assert.deepEqual(told, [`crashed 1 Error: ${problem}`, 'closed 1 error', 'closed 2 replied']);
}

it('a conversation that meets an error is closed, and the thread serves the next', () => {
  const { thread, closed, story } = threadOn({ recv, send });
  const conversation = new Conversation(thread, new Calls(thread, 0));
  for (const [id, fd] of [
    [1, FIRST],
    [2, SECOND],
  ] as const) {
    const connection = new ServerConnection(thread.options, thread.handle);
    connection.opened(id, fd);
    conversation.serve(connection);
  }
  assert.deepEqual(closed, [FIRST, SECOND]);
  assertOnlyTheFirstWasHurt(story());
});

it('a connection of the loop that meets an error is closed, and the loop turns to the next', () => {
  const { thread, closed, story } = loopOn([() => [LISTENER, 0], () => [FIRST, 1], () => [SECOND, 2]], {
    recv,
  });
  serve(thread);
  assert.deepEqual(closed, [FIRST, SECOND, LISTENER]);
  assertOnlyTheFirstWasHurt(story());
});

it('a worker that dies costs the connection that it computed for, and the loop serves the next', () => {
  const EVENTFD = 9;
  const turns: Turns = [
    () => [LISTENER, 0],
    () => [FIRST, 1],
    () => {
      assert.deepEqual([worker.state, worker.connection, worker.computeMs], [THREAD.busy, 1, 9]);
      worker.leave(); // as the main thread says of a thread that has ended
      return [EVENTFD, -1];
    },
    () => [SECOND, 2],
  ];
  const { thread, memory, closed, story } = loopOn(
    turns,
    {
      recv: (fd, buffer) => {
        const request = fd === FIRST ? 'GET /compute?ms=9 HTTP/1.1\r\n\r\n' : REQUEST;
        return Buffer.from(buffer.buffer, buffer.byteOffset).write(request);
      },
      eventfd: () => EVENTFD,
    },
    1,
  );
  const worker = memory.ofThread(1);
  worker.changeState(THREAD.none, THREAD.idle);
  serve(thread);
  assert.deepEqual(closed, [FIRST, SECOND, LISTENER]);
  assertOnlyTheFirstWasHurt(story(), 'its worker has ended');
});

it('a loop that may not even watch its listener does not start, and names what ran out', () => {
  const { thread } = threadOn({
    ...listening,
    epoll_ctl: () => -1,
    errno: () => 28, // ENOSPC
  });
  const sentence = (error: ServerFailure): string => failureSentence(error, thread.options, false);
  assert.throws(
    () => serve(thread),
    (error: ServerFailure) =>
      sentence(error) ===
      'The server could not start. This user may watch no more sockets with epoll. Raise fs.epoll.max_user_watches with `sysctl`, or close other programs.',
  );
});
