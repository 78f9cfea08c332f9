// Several loops in one server: each with a listener of its own, or all with the same one.
// What every model does is in behaviour.test.ts; here is what only several loops have.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import { ask, Client, get, HELLO } from '../support/client.js';
import { inspectedWhen } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { tasksOf } from '../support/proc.js';
import { run, TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';

async function start(t: TestContext, ...flags: string[]): Promise<TestServer> {
  const server = await TestServer.start(['--mode=evented', ...flags]);
  t.after(() => server.stop('SIGKILL'));
  return server;
}

/** A client whose connection this loop has accepted. */
async function clientOf(server: TestServer, thread: string): Promise<Client> {
  for (;;) {
    const client = await Client.connect(server.port);
    if ((await server.connectionFrom(client.port)).thread === thread) return client;
    client.socket.destroy();
  }
}

describe('several loops', () => {
  it('have a listener each, with one port, and ss shows them', {
    ...LIMIT,
    skip: missing('ss'),
  }, async (t) => {
    const server = await start(t, '--loops=3');
    const further = server.all('also-listening');
    assert.deepEqual(further.map(({ thread, port }) => `${thread} ${port}`).toSorted(), [
      `loop-2 ${server.port}`,
      `loop-3 ${server.port}`,
    ]);
    assert.equal(server.all('listening').length, 1);
    assert.equal(server.listening.thread, 'loop-1');
    const fds = [server.listening.fd, ...further.map(({ fd }) => fd)].toSorted();
    const shown = execFileSync('ss', ['-Hltnp', `sport = :${server.port}`], { encoding: 'utf8' });
    const seen = Array.from(shown.matchAll(/pid=(\d+),fd=(\d+)/g), ([, pid, fd]) => [
      Number(pid),
      Number(fd),
    ]);
    assert.deepEqual(
      seen.map(([pid]) => pid),
      [server.pid, server.pid, server.pid],
    );
    assert.deepEqual(seen.map(([, fd]) => fd).toSorted(), fds);
    const names = tasksOf(server.pid).map(({ name }) => name);
    for (const name of ['loop-1', 'loop-2', 'loop-3']) assert.ok(names.includes(name), name);
  });

  for (const flags of [
    ['--loops=2'],
    ['--loops=2', '--share=listener'],
    ['--loops=2', '--share=listener', '--poller=poll'],
  ]) {
    it(
      `${flags.join(' ')}: each connection has an id of its own, and the totals tell whose it was`,
      LIMIT,
      async (t) => {
        const server = await start(t, ...flags);
        const clients = await Promise.all(Array.from({ length: 40 }, () => Client.connect(server.port)));
        for (const client of clients) client.send(get('/'));
        for (const client of clients) assert.equal(await client.rest(), HELLO);
        await server.stop();
        const ids = server.all('accepted').map(({ connection }) => connection);
        assert.deepEqual(
          ids.toSorted((a, b) => a - b),
          Array.from({ length: 40 }, (_, i) => i + 1),
        );
        for (const { connection, thread } of server.all('accepted'))
          assert.deepEqual(
            [...new Set(server.of(connection).map((event) => event.thread))],
            [thread],
            'a connection stays with its loop',
          );
        const stopped = server.all('stopped')[0]!;
        assert.deepEqual([stopped.connections, stopped.peakThreads], [40, 2]);
        assert.deepEqual(
          stopped.loops,
          ['loop-1', 'loop-2'].map((thread) => {
            const connections = server.all('accepted').filter((event) => event.thread === thread).length;
            return { thread, connections, requests: connections };
          }),
        );
        assert.equal(server.all('thread-ended').length, 2);
      },
    );
  }

  it(
    'the kernel shares out the clients, and a stuck loop keeps those that are its own waiting',
    LIMIT,
    async (t) => {
      const server = await start(t, '--loops=2', '--max-ms=600000');
      const stuck = await clientOf(server, 'loop-1');
      stuck.send(get('/compute?ms=600000'));
      await server.first('request', ({ target }) => target.startsWith('/compute'));

      const before = server.all('accepted').length;
      const clients = await Promise.all(Array.from({ length: 20 }, () => Client.connect(server.port)));
      for (const client of clients) client.send(get('/'));
      const { sockets, acceptQueue } = await inspectedWhen(server, ({ acceptQueue: { waiting } }) => {
        return server.all('accepted').length === before + 20 - waiting;
      });
      const queues = sockets
        .filter(({ state }) => state === 'LISTEN')
        .map(({ receiveQueue }) => receiveQueue);
      assert.deepEqual(queues.toSorted(), [0, acceptQueue.waiting].toSorted(), 'all of them in one queue');
      assert.ok(acceptQueue.waiting > 0 && acceptQueue.waiting < 20, `${acceptQueue.waiting} of 20 wait`);
      const accepted = new Set(server.all('accepted').map(({ fourTuple }) => fourTuple[1]));
      for (const client of clients.filter(({ port }) => accepted.has(port)))
        assert.equal(await client.rest(), HELLO);
      for (const client of [...clients, stuck]) client.socket.destroy();
    },
  );

  it('with one listener for all a stuck loop keeps nobody waiting', LIMIT, async (t) => {
    const server = await start(t, '--loops=2', '--share=listener', '--max-ms=600000');
    const stuck = await Client.connect(server.port);
    stuck.send(get('/compute?ms=600000'));
    const { thread } = await server.first('request');
    for (let i = 0; i < 20; i++) assert.equal(await ask(server.port, get('/')), HELLO);
    const others = server.all('request').slice(1);
    assert.ok(others.every((event) => event.thread !== thread));
    stuck.socket.destroy();
  });

  it('a client wakes one of the loops that share a listener, with EPOLLEXCLUSIVE', LIMIT, async (t) => {
    const server = await start(t, '--loops=4', '--share=listener');
    await server.count('watching', 4);
    for (const { interest, fd } of server.all('watching'))
      assert.deepEqual([interest, fd], ['EPOLLIN|EPOLLEXCLUSIVE', server.listening.fd]);
    await ask(server.port, get('/'));
    await server.first('closed');
    const woken = new Set(server.all('ready').map((event) => event.thread));
    assert.equal(woken.size, 1, [...woken].join());
  });

  it('a second server does not get the port of the first unnoticed', LIMIT, async (t) => {
    const server = await start(t, '--loops=2');
    const { status, stderr } = await run(['serve', '--loops=2', `--port=${server.port}`]);
    assert.equal(status, 1);
    assert.match(stderr, /^evented-demo: Port \d+ of 127\.0\.0\.1 is in use by /);
  });

  it('without descriptors each loop says so once, and goes on when they are back', {
    ...LIMIT,
    skip: missing('prlimit'),
  }, async (t) => {
    const server = await start(t, '--loops=2', '--share=listener');
    assert.equal(await ask(server.port, get('/')), HELLO);
    execFileSync('prlimit', ['--pid', `${server.pid}`, '--nofile=20:']);
    const client = await Client.connect(server.port);
    client.send(get('/'));
    await server.first('refused');
    execFileSync('prlimit', ['--pid', `${server.pid}`, '--nofile=1024:']);
    assert.equal(await client.rest(), HELLO);
    const refused = server.all('refused').map(({ reason, thread }) => `${reason} ${thread}`);
    assert.equal(new Set(refused).size, refused.length, 'once each');
    assert.equal(await ask(server.port, get('/')), HELLO);
  });
});
