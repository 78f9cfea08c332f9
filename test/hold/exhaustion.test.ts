// Out of descriptors and out of threads: the server says so, goes on with what it has, and takes up again.
// The limits are set on a server that runs, with prlimit(1), so that it is known how much room is left.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { asleepIn, CALL, tasksOf } from '../support/proc.js';
import { type EventOf, PROGRAM, TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';

const OPTIONS = { ...LIMIT, skip: missing('prlimit') };
const GOODBYE = 'Connection: close\r\n';

/** The server is ended whatever becomes of the test. */
async function start(
  t: TestContext,
  flags: readonly string[],
  wrap?: readonly string[],
): Promise<TestServer> {
  const server = await TestServer.start(flags, wrap);
  t.after(() => server.stop('SIGKILL'));
  return server;
}

/** Sets the soft limit only, which can be raised again, and as the user that the server runs as. */
function limit(server: TestServer, resource: 'nofile' | 'nproc', most: number, as: string[] = []): void {
  const [command, ...args] = [...as, 'prlimit', '--pid', `${server.pid}`, `--${resource}=${most}:`];
  execFileSync(command!, args);
}

/**
 * From now on the server gets so many descriptors more. An accept(2) that sleeps has reserved one before: the lowest
 * that was free when it was called.
 */
function leaveDescriptors(server: TestServer, room: number): void {
  const taken = new Set(readdirSync(`/proc/${server.pid}/fd`).map(Number));
  let most = 0;
  for (let free = 0; free < room || taken.has(most); most++) if (!taken.has(most)) free++;
  limit(server, 'nofile', most);
}

const ENOUGH = 1024;

async function answered(client: Client, times = 1): Promise<void> {
  const all = 'Hello, world!'.length * times;
  while ((client.text.match(/Hello, world!/g) ?? []).join('').length < all)
    await client.receive(Buffer.byteLength(client.text, 'latin1') + 1);
}

/** Clients that connect one after the other, and so are accepted in this order, and each send a request. */
async function connectAndAsk(server: TestServer, number: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < number; i++) clients.push(await Client.connect(server.port));
  for (const client of clients) client.send(get('/'));
  return clients;
}

const leave = (clients: readonly Client[]): Promise<unknown> =>
  Promise.all(
    clients.map((client) => {
      client.socket.destroy();
      return client.closed;
    }),
  );

/** Starts threads by serving so many clients at once; when they have gone the threads are idle. */
async function warmUp(server: TestServer, threads: number): Promise<void> {
  const clients = await connectAndAsk(server, threads);
  await Promise.all(clients.map((client) => answered(client)));
  await leave(clients);
  await server.count('closed', threads);
  const idle = () =>
    server.all('blocked').filter((event) => event.call === 'futex' && event.thread.startsWith('conn-'));
  while (idle().length < threads) await server.count('blocked', server.all('blocked').length + 1);
  // One more, so that the acceptor goes to sleep in an accept that was called when the descriptors were free again.
  await ask(server.port, get('/', GOODBYE));
  await server.count('closed', threads + 1);
  await asleepIn(server.pid, server.listening.tid, CALL.accept4);
}

/** By a call of its own, or by the kernel that was asked for it. */
const isFailedAccept = (event: LifecycleEvent): boolean =>
  (event.event === 'call' && event.name === 'accept4' && event.errno === 'EMFILE') ||
  (event.event === 'completed' && event.operation === 'accept' && event.errno === 'EMFILE');

/** The calls of the thread that accepts, cut where an accept found no descriptor. */
function betweenFailedAccepts(server: TestServer): EventOf<'call'>[][] {
  const gaps: EventOf<'call'>[][] = [];
  let gap: EventOf<'call'>[] | undefined;
  for (const event of server.events.filter((each) => each.tid === server.listening.tid)) {
    if (isFailedAccept(event)) {
      if (gap !== undefined) gaps.push(gap);
      gap = [];
    } else if (event.event === 'call') gap?.push(event);
  }
  return gaps;
}

/** A timed sleep: one that was not ended by anything but the clock. */
const slept = ({ name, result, errno }: EventOf<'call'>): boolean =>
  (['clock_nanosleep', 'epoll_wait', 'poll', 'pselect6'].includes(name) && result === 0) ||
  (name === 'io_uring_enter' && errno === 'ETIME');

/** Waits for a few more accepts in vain, and looks at what the server does between one and the next. */
async function triesAgainNowAndThen(server: TestServer): Promise<void> {
  const before = betweenFailedAccepts(server).length;
  while (betweenFailedAccepts(server).length < before + 4)
    await server.count('call', server.all('call').length + 1);
  for (const gap of betweenFailedAccepts(server).slice(before + 1)) {
    const story = gap.map(({ name, result }) => `${name}=${result}`).join(' ');
    assert.ok(gap.some(slept), `sleeps between two accepts: ${story}`);
    assert.ok(gap.length <= 6, `does nothing else: ${story}`);
  }
}

const reasons = (server: TestServer): string[] => server.all('refused').map((event) => event.reason);

async function stopsInOrder(server: TestServer): Promise<void> {
  const { status, stderr } = await server.stop();
  assert.deepEqual([status, stderr], [0, '']);
  const ids = (name: 'accepted' | 'closed') =>
    server
      .all(name)
      .map((event) => event.connection)
      .toSorted((a, b) => a - b);
  assert.deepEqual(ids('closed'), ids('accepted'));
}

describe('out of descriptors', () => {
  it('iterative: waits for one, and then serves the clients that waited', OPTIONS, async (t) => {
    const server = await start(t, ['--mode=iterative', '--detail=calls']);
    for (let episode = 1; episode <= 2; episode++) {
      const early = server.all('accepted').length;
      await asleepIn(server.pid, server.listening.tid, CALL.accept4);
      leaveDescriptors(server, 0);
      const clients = await connectAndAsk(server, 3);
      assert.match(await clients[0]!.rest(), /Hello, world!$/); // by the descriptor that was reserved
      await server.count('refused', episode);
      await triesAgainNowAndThen(server);
      assert.deepEqual(reasons(server), Array(episode).fill('out-of-descriptors'), 'told once an episode');
      assert.equal(server.all('accepted').length, early + 1);
      limit(server, 'nofile', ENOUGH);
      for (const client of clients) assert.match(await client.rest(), /Hello, world!$/);
      await server.count('closed', early + 3);
    }
    await stopsInOrder(server);
  });

  for (const [model, flags] of Object.entries({
    blocking: ['--mode=blocking'],
    pool: ['--mode=pool', '--threads=6'],
    evented: ['--mode=evented'],
    'evented, edge-triggered': ['--mode=evented', '--edge-triggered'],
    'evented, poll': ['--mode=evented', '--poller=poll'],
    'evented, select': ['--mode=evented', '--poller=select'],
    async: ['--mode=async'],
  })) {
    it(`${model}: serves those it has, and the others when descriptors come back`, OPTIONS, async (t) => {
      const server = await start(t, [...flags, '--keep-alive', '--detail=calls']);
      if (model === 'blocking') await warmUp(server, 4);
      if (model === 'pool') await asleepIn(server.pid, server.listening.tid, CALL.accept4);
      await server.first('blocked'); // until then a loop may have no descriptor for its poller yet
      const early = server.all('accepted').length;
      leaveDescriptors(server, 3);
      const clients = await connectAndAsk(server, 6);
      await server.first('refused');
      await triesAgainNowAndThen(server);
      assert.deepEqual(reasons(server), ['out-of-descriptors'], 'told once');
      assert.equal(server.all('accepted').length, early + 3);

      for (const client of clients.slice(0, 3)) {
        await answered(client);
        client.send(get('/'));
        await answered(client, 2);
      }
      assert.equal(server.all('accepted').length, early + 3, 'and nobody else came in meanwhile');

      await leave(clients.slice(0, 1));
      await answered(clients[3]!);
      await server.count('refused', 2);
      limit(server, 'nofile', ENOUGH);
      await Promise.all(clients.slice(4).map((client) => answered(client)));
      assert.deepEqual(reasons(server), ['out-of-descriptors', 'out-of-descriptors']);
      await leave(clients);
      await stopsInOrder(server);
    });
  }

  // The limit is that of the moment when the kernel was asked for accepts that go on, so it must be low from the beginning.
  it('completion: serves those it has, and others as descriptors come back', OPTIONS, async (t) => {
    const flags = ['--mode=completion', '--keep-alive', '--detail=calls'];
    const server = await start(t, flags, ['prlimit', '--nofile=40:40']);
    const clients = await connectAndAsk(server, 30);
    await server.first('refused');
    await triesAgainNowAndThen(server);
    assert.deepEqual(reasons(server), ['out-of-descriptors'], 'told once');
    const early = server.all('accepted').length;
    assert.ok(early < 30);
    await answered(clients[0]!);
    clients[0]!.send(get('/'));
    await answered(clients[0]!, 2);
    assert.equal(server.all('accepted').length, early, 'and nobody else came in meanwhile');

    await leave(clients.slice(0, 1));
    await answered(clients[early]!);
    await server.count('refused', 2);
    await leave(clients);
    await server.count('closed', 30);
    await stopsInOrder(server);
  });

  it('evented, portable: serves those it has, and others when descriptors come back', OPTIONS, async (t) => {
    const server = await start(t, ['--mode=evented', '--engine=portable', '--keep-alive']);
    leaveDescriptors(server, 3);
    const clients = await connectAndAsk(server, 6);
    await Promise.all(clients.slice(0, 2).map((client) => answered(client)));
    limit(server, 'nofile', ENOUGH);
    for (const client of clients.slice(0, 2)) {
      client.send(get('/'));
      await answered(client, 2);
    }
    assert.match(await ask(server.port, get('/', GOODBYE)), /Hello, world!$/);
    await leave(clients);
    await stopsInOrder(server);
  });

  // A thread that starts takes descriptors of its own, so it can be the one that finds none. So does the start of a process.
  for (const [mode, room] of [
    ...[1, 2, 4, 8, 12].map((room) => ['blocking', room] as const),
    ...[1, 3, 4].map((room) => ['processes', room] as const),
  ]) {
    it(
      `${mode}: ${room} descriptors left for fresh ones do not bring the server down`,
      OPTIONS,
      async (t) => {
        const server = await start(t, [`--mode=${mode}`]);
        leaveDescriptors(server, room);
        const clients = await connectAndAsk(server, 4);
        await Promise.race([server.first('refused'), clients[3]!.ended]);
        limit(server, 'nofile', ENOUGH);
        // Each is answered or, where its thread could not start, closed without a byte.
        for (const client of clients) assert.match(await client.rest(), /^$|Hello, world!$/);
        assert.match(await ask(server.port, get('/')), /Hello, world!$/);
        await stopsInOrder(server);
      },
    );
  }
});

/** RLIMIT_NPROC counts the threads of a user, root's excepted: so the server runs as a user that nobody else is. */
const STRANGER = 40_000 + (process.pid % 20_000);
const AS_STRANGER = ['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups'];

function noStranger(): string | false {
  const tool = missing('setpriv') || missing('prlimit');
  if (tool !== false) return tool;
  if (process.getuid!() !== 0) return 'only root can run the server as another user';
  const [command, ...args] = AS_STRANGER;
  const { status } = spawnSync(command!, [...args, process.execPath, PROGRAM, '--version']);
  return status === 0 ? false : 'another user can not read this folder';
}

describe('out of threads', () => {
  const options = { ...LIMIT, skip: noStranger() };

  async function startWithRoomFor(t: TestContext, threads: number): Promise<TestServer> {
    const server = await start(t, ['--mode=blocking', '--keep-alive'], AS_STRANGER);
    limit(server, 'nproc', tasksOf(server.pid).length + threads, AS_STRANGER);
    return server;
  }

  it('blocking: serves with the threads it has, and with more when it gets them', options, async (t) => {
    const server = await startWithRoomFor(t, 2);
    const clients = await connectAndAsk(server, 5);
    await Promise.all(clients.slice(0, 2).map((client) => answered(client)));
    assert.equal((await server.first('refused')).reason, 'no-thread');
    assert.deepEqual(
      server.all('accepted').map((event) => event.connection),
      [1, 2, 3],
      'the one that was accepted for want of a thread waits, the others stay in the accept queue',
    );
    clients[0]!.send(get('/'));
    await answered(clients[0]!, 2);

    await leave(clients.slice(0, 1));
    await answered(clients[2]!);
    const { thread } = await server.first('request', (event) => event.connection === 3);
    const { thread: firstThread } = server.all('request').find((event) => event.connection === 1)!;
    assert.equal(thread, firstThread, 'by the thread that came free');

    limit(server, 'nproc', ENOUGH, AS_STRANGER);
    await Promise.all(clients.slice(3).map((client) => answered(client)));
    await leave(clients);
    await stopsInOrder(server);
  });

  it('blocking: with no thread at all it closes the connection, and serves the next', options, async (t) => {
    const server = await startWithRoomFor(t, 0);
    const unlucky = await Client.connect(server.port);
    const { connection } = await server.connectionFrom(unlucky.port);
    const closed = await server.first('closed', (event) => event.connection === connection);
    assert.deepEqual([closed.reason, closed.bytesOut], ['error', 0]);
    assert.deepEqual(reasons(server), ['no-thread']);
    assert.equal(await unlucky.rest(), '');

    limit(server, 'nproc', ENOUGH, AS_STRANGER);
    assert.match(await ask(server.port, get('/', GOODBYE)), /Hello, world!$/);
    await stopsInOrder(server);
  });
});
