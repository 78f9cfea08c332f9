// Threads and the interest list as `inspect` shows them, compared with the events that the server told.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client, get } from '../support/client.js';
import { type Inspected, inspected, inspectedWhen, pretty, start } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import type { TestServer } from '../support/server.js';

/** The names of the calls in the kernel; on arm64 and others epoll_wait(2) is made of epoll_pwait. */
const IN_KERNEL: Record<string, readonly string[]> = {
  recv: ['recvfrom'],
  send: ['sendto'],
  epoll_wait: ['epoll_wait', 'epoll_pwait'],
};

/** A sleep as the request asked is no call on a descriptor: of that the kernel knows the connection's thread alone. */
const ON_FD = new Set(['accept4', 'recv', 'send', 'epoll_wait']);

/** Each thread of the server by what it last told to go into; none that has come out again. */
function told(server: TestServer): string[] {
  const asleep = new Map<number, string>();
  for (const event of server.events) {
    if (event.event === 'blocked')
      asleep.set(event.tid, `${event.thread} ${event.call} ${ON_FD.has(event.call) ? event.fd : undefined}`);
    if (event.event === 'resumed') asleep.delete(event.tid);
  }
  return [...asleep.values()].toSorted();
}

function shown({ threads }: Inspected): string[] {
  const inCode = (call: string | undefined): string | undefined =>
    Object.keys(IN_KERNEL).find((name) => IN_KERNEL[name]!.includes(call!)) ?? call;
  return threads
    .filter(({ ofServer }) => ofServer)
    .map(({ name, call, fd }) => `${name} ${inCode(call)} ${fd}`)
    .toSorted();
}

/** A thread tells that it goes into a call a moment before it is there. */
async function agrees(server: TestServer, threads: number): Promise<Inspected> {
  return inspectedWhen(server, (seen) => {
    const both = [shown(seen), told(server)];
    return both[0]!.length === threads && String(both[0]) === String(both[1]);
  });
}

it('blocking: each thread sleeps in the call and on the fd that it told', LIMIT, async (t) => {
  const server = await start(t, ['--mode=blocking']);
  const idle = await Client.connect(server.port);
  const silent = [await Client.connect(server.port), await Client.connect(server.port)];
  const sleeper = await Client.connect(server.port);
  await server.count('thread-started', 5); // or one that is soon free would take a second connection
  sleeper.send(get('/sleep?ms=10000'));
  idle.send(get('/'));
  await idle.rest();
  await server.first('blocked', ({ call }) => call === 'clock_nanosleep');
  const seen = await agrees(server, 5);
  assert.deepEqual(seen.server.mode, 'blocking');
  const calls = shown(seen).map((each) => each.split(' ')[1]);
  assert.deepEqual(calls.toSorted(), ['accept4', 'clock_nanosleep', 'futex', 'recv', 'recv'].toSorted());
  assert.equal(seen.interestList, undefined);
  assert.match(
    await pretty(server),
    /^ {2}conn-\d +\d+ {2}asleep in recvfrom on fd \d+ +\w+ +\(127\.0\.0\.1, \d+, /m,
  );
  for (const client of [...silent, sleeper]) client.socket.destroy();
});

it('iterative: one thread, in recv while its client is silent', LIMIT, async (t) => {
  const server = await start(t, ['--mode=iterative']);
  assert.match(String(shown(await agrees(server, 1))), /^server accept4 \d+$/);
  const client = await Client.connect(server.port);
  await server.first('accepted');
  assert.match(String(shown(await agrees(server, 1))), /^server recv \d+$/);
  client.socket.destroy();
});

for (const [flags, none] of [
  [[], '0'],
  [['--edge-triggered'], 'EPOLLET'],
] as const) {
  it(
    `evented ${flags.join()}: the interest list is what the loop told, with each connection's id`,
    LIMIT,
    async (t) => {
      const server = await start(t, ['--mode=evented', ...flags]);
      const silent = await Client.connect(server.port);
      const sleeper = await Client.connect(server.port);
      sleeper.send(get('/sleep?ms=10000'));
      const slow = await Client.connect(server.port);
      slow.socket.pause();
      slow.send(get('/bytes?count=100000000'));
      await server.first('watching', ({ interest }) => interest.startsWith('EPOLLOUT'));
      await server.first('watching', ({ interest }) => interest === none);
      const seen = await agrees(server, 1);

      const watched = new Map<number, string>();
      for (const event of server.all('watching'))
        watched.set(event.fd!, `${event.fd} ${event.interest} ${event.connection}`);
      assert.deepEqual(
        seen.interestList?.watches
          .map(({ fd, interest, connection }) => `${fd} ${interest} ${connection}`)
          .toSorted(),
        [...watched.values()].toSorted(),
      );
      assert.equal(watched.size, 4);
      const epoll = server.all('blocked').at(-1)!.fd;
      assert.equal(seen.interestList?.fd, epoll);
      for (const { fd, data, connection } of seen.interestList!.watches)
        assert.equal(BigInt(data), (BigInt(connection ?? 0) << 32n) | BigInt(fd), 'the data holds fd and id');
      assert.match(
        await pretty(server),
        new RegExp(`^ +\\d+ {2}${none}\\S* +0x2[0-9a-f]{8} {2}#2 +\\(`, 'm'),
      );
      for (const client of [silent, sleeper, slow]) client.socket.destroy();
    },
  );
}

it('poll: the kernel keeps no interest list, and the page says who does', LIMIT, async (t) => {
  const server = await start(t, ['--poller=poll']);
  const client = await Client.connect(server.port);
  await server.first('accepted');
  const seen = await agrees(server, 1);
  assert.equal(seen.interestList, undefined);
  const page = await pretty(server);
  assert.match(page, /asleep in p?poll /);
  assert.match(
    page,
    /^The loop gives poll or select its interest list at each call: the kernel keeps none\.$/m,
  );
  assert.doesNotMatch(page, /not watched/);
  client.socket.destroy();
});

it('completion: what is in flight stands in the place of the interest list', LIMIT, async (t) => {
  const server = await start(t, ['--mode=completion']);
  const clients = [await Client.connect(server.port), await Client.connect(server.port)];
  await server.first(
    'blocked',
    ({ at }) =>
      server.all('submitted').filter((each) => each.operation === 'recv' && each.at < at).length === 2,
  );
  const seen = await inspectedWhen(server, ({ inFlight }) => inFlight?.operations.recv === 2);
  assert.deepEqual(seen.inFlight, {
    fd: server.all('blocked').at(-1)!.fd,
    operations: { accept: 1, recv: 2 },
  });
  assert.match(
    await pretty(server),
    /^in flight {2}of io_uring fd \d+: 3 operations\n.*\n +(accept +1\n +recv +2|recv +2\n +accept +1)$/m,
  );
  for (const client of clients) client.socket.destroy();
});

it('several loops: one server with a listener and an interest list for each', LIMIT, async (t) => {
  const server = await start(t, ['--loops=2']);
  const seen = await agrees(server, 2);
  const fds = [server.listening.fd, server.all('also-listening')[0]!.fd].toSorted();
  assert.deepEqual([seen.server.loops, seen.server.listeners], [2, fds]);
  assert.deepEqual(seen.interestLists!.map(({ watches }) => watches.map(({ fd }) => fd).join()).toSorted(), [
    ...fds.map(String),
  ]);
  const page = await pretty(server);
  assert.match(page, /evented server: 2 loops, a thread each/);
  assert.equal(page.match(/^ {2}LISTEN /gm)?.length, 2);
});

it('portable: the loop is the main thread, and libuv has the interest list', LIMIT, async (t) => {
  const server = await start(t, ['--engine=portable']);
  const client = await Client.connect(server.port);
  await server.first('accepted');
  const seen = await inspected(server);
  assert.deepEqual([seen.server.mode, seen.server.engine], ['evented', 'portable']);
  assert.ok(seen.interestList!.watches.some(({ fd }) => fd === seen.server.fd));
  assert.deepEqual(
    seen.interestList!.watches.filter(({ connection }) => connection !== undefined),
    [],
  );
  assert.match(await pretty(server), /^threads {2}1 of the server, \d+ of Node's own$/m);
  client.socket.destroy();
});

it('many threads that do the same are one row, and every one of them is in the JSON', LIMIT, async (t) => {
  const server = await start(t, ['--mode=blocking', '--max-threads=20']);
  const clients = await Promise.all(Array.from({ length: 20 }, () => Client.connect(server.port)));
  await server.first('threads-busy');
  const seen = await inspectedWhen(
    server,
    ({ threads }) => threads.filter(({ call }) => call === 'recvfrom').length === 20,
  );
  assert.equal(seen.threads.filter(({ ofServer }) => ofServer).length, 21);
  const text = await pretty(server);
  assert.match(text, /^ {2}conn-1 \.\. conn-20 +20 asleep in recvfrom, each on its own fd/m);
  assert.match(text, /^ {2}acceptor +\d+ {2}asleep in futex/m);
  assert.match(text, /^threads {2}21 of the server, \d+ of Node's own$/m);
  for (const client of clients) client.socket.destroy();
});
