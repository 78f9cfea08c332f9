// What the program says of its threads, compared with what the kernel says of them in /proc.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { asleepIn, CALL, socketsOf, tasksOf } from '../support/proc.js';
import { TestServer } from '../support/server.js';

describe('the kernel agrees that', () => {
  it(
    'in blocking mode each silent connection has a thread that sleeps in recv on its own fd',
    LIMIT,
    async () => {
      const server = await TestServer.start(['--mode=blocking']);
      const clients = await Promise.all(Array.from({ length: 3 }, () => Client.connect(server.port)));
      await server.count('accepted', 3);
      for (const { connection, fd } of server.all('accepted')) {
        const blocked = await server.first('blocked', (each) => each.connection === connection);
        assert.deepEqual([blocked.call, blocked.fd], ['recv', fd]);
        const task = await asleepIn(server.pid, blocked.tid, CALL.recvfrom);
        assert.deepEqual([task.name, task.firstArgument], [blocked.thread, fd]);
      }
      assert.equal(
        new Set(server.all('blocked').map((each) => each.tid)).size,
        4,
        'three threads and the acceptor',
      );
      const acceptor = await asleepIn(server.pid, server.listening.tid, CALL.accept4);
      assert.deepEqual([acceptor.name, acceptor.firstArgument], ['acceptor', server.listening.fd]);
      for (const client of clients) client.socket.destroy();
      await server.stop();
    },
  );

  for (const [mode, thread, call, ...flags] of [
    ['evented', 'loop', 'epoll_wait'],
    ['async', 'async-loop', 'epoll_wait'],
    ['completion', 'ring-loop', 'io_uring_enter'],
    ['evented', 'loop', 'poll', '--poller=poll'],
    ['evented', 'loop', 'pselect6', '--poller=select'],
    ['async', 'async-loop', 'poll', '--poller=poll'],
  ] as const) {
    it(
      `with ${[`--mode=${mode}`, ...flags].join(' ')} one thread sleeps in ${call}, and none in recv, however many connect`,
      LIMIT,
      async () => {
        const server = await TestServer.start([`--mode=${mode}`, ...flags]);
        const threads = tasksOf(server.pid).length;
        const clients = await Promise.all(Array.from({ length: 100 }, () => Client.connect(server.port)));
        await server.count('accepted', 100);
        const blocked = server.all('blocked').at(-1)!;
        const loop = await asleepIn(server.pid, server.listening.tid, CALL[call]);
        assert.deepEqual([loop.name, blocked.call], [thread, call === 'pselect6' ? 'select' : call]);
        if (call === 'pselect6') assert.equal(loop.firstArgument, 1 + highestFd(server), 'nfds');
        else if (call !== 'poll')
          assert.equal(loop.firstArgument, blocked.fd, 'the epoll instance or the ring');
        const tasks = tasksOf(server.pid);
        assert.equal(tasks.filter((task) => task.call === CALL.recvfrom).length, 0);
        assert.equal(tasks.length, threads);
        for (const client of clients) client.socket.destroy();
        await server.stop();
      },
    );
  }

  it('in iterative mode the one thread sleeps in recv while a client is silent', LIMIT, async () => {
    const server = await TestServer.start(['--mode=iterative']);
    const client = await Client.connect(server.port);
    const { fd } = await server.first('accepted');
    const task = await asleepIn(server.pid, server.listening.tid, CALL.recvfrom);
    assert.deepEqual([task.name, task.firstArgument], ['server', fd]);
    client.socket.destroy();
    await server.stop();
  });

  it('idle connection threads end with --spare-threads 0, and none is left', LIMIT, async () => {
    const server = await TestServer.start(['--mode=blocking', '--spare-threads=0']);
    for (let i = 0; i < 3; i++) {
      await ask(server.port, get('/'));
      await server.count('thread-ended', i + 1);
    }
    const started = server.all('thread-started').filter((event) => event.connection !== undefined);
    assert.deepEqual(
      started.map((event) => [event.thread, event.connection]),
      [
        ['conn-1', 1],
        ['conn-2', 2],
        ['conn-3', 3],
      ],
    );
    const ids = started.map((event) => event.tid);
    while (tasksOf(server.pid).some((task) => ids.includes(task.tid))) await new Promise(setImmediate);
    await server.stop();
  });

  it(
    'with --max-threads 2 the third client waits in the accept queue until a thread is free',
    LIMIT,
    async () => {
      const server = await TestServer.start(['--mode=blocking', '--max-threads=2']);
      const clients = [await Client.connect(server.port), await Client.connect(server.port)];
      await server.count('thread-started', 3);
      const busy = await server.first('threads-busy');
      assert.equal(busy.threads, 2);
      const third = await Client.connect(server.port); // the kernel completes the handshake all the same
      third.send(get('/'));
      clients[0]!.socket.end();
      assert.match(await third.rest(), /Hello, world!$/);
      const { connection } = await server.connectionFrom(third.port);
      assert.equal(connection, 3);
      const reused = await server.first('thread-reused', (event) => event.connection === connection);
      assert.ok(reused.at > server.all('closed')[0]!.at);
      clients[1]!.socket.destroy();
      await server.stop();
      assert.equal(server.all('stopped')[0]!.peakThreads, 3);
    },
  );
});

/** Of the listener and the connections. */
function highestFd(server: TestServer): number {
  return Math.max(server.listening.fd!, ...server.all('accepted').map(({ fd }) => fd));
}

for (const [mode, number] of [
  ['evented', 1000],
  ['async', 1000],
  ['completion', 1000],
  ['blocking', 200],
] as const) {
  it(`${mode}: answers ${number} connections at once, and leaves no fd and no connection behind`, {
    ...LIMIT,
  }, async () => {
    const server = await TestServer.start([`--mode=${mode}`, '--keep-alive', '--backlog=1024']);
    assert.match(await ask(server.port, get('/', 'Connection: close\r\n')), /Hello, world!$/);
    await server.count('closed', 1);
    const before = socketsOf(server.pid);
    const clients = await Promise.all(Array.from({ length: number }, () => Client.connect(server.port)));
    await server.count('accepted', number + 1);
    assert.equal(socketsOf(server.pid).length, before.length + number);
    for (const client of clients) client.send(get('/', 'Connection: close\r\n'));
    const replies = await Promise.all(clients.map((client) => client.rest()));
    assert.equal(replies.filter((reply) => reply.endsWith('Hello, world!')).length, number);

    await server.count('closed', number + 1);
    const ids = (name: 'accepted' | 'closed') => new Set(server.all(name).map((event) => event.connection));
    assert.deepEqual(ids('closed'), ids('accepted'));
    assert.deepEqual(socketsOf(server.pid), before);
    const { tid } = server.listening;
    const threads = tasksOf(server.pid).filter((task) => task.name.startsWith('conn-')).length;
    await server.stop();
    const { peakConnections, peakThreads, eventsDropped } = server.all('stopped')[0]!;
    assert.deepEqual([peakConnections, eventsDropped], [number, 0]);
    assert.equal(peakThreads, mode === 'blocking' ? threads + 1 : 1);
    assert.ok(mode === 'blocking' ? threads >= number : threads === 0, `${threads} connection threads`);
    assert.throws(() => process.kill(tid, 0), { code: 'ESRCH' });
  });
}
