// Workers: what is to be computed goes to other threads, and the loop waits for them as it waits for its clients.
// What every model does is in behaviour.test.ts; here is what only a loop with workers has.

import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { ask, bodyOf, Client, get, HELLO, statusOf } from '../support/client.js';
import { inspected, pretty } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { tasksOf } from '../support/proc.js';
import { TestServer } from '../support/server.js';
import { underStrace } from '../support/strace.js';
import { missing } from '../support/tools.js';

async function start(
  t: TestContext,
  flags: readonly string[],
  wrap?: readonly string[],
): Promise<TestServer> {
  const server = await TestServer.start(['--mode=evented', '--max-ms=600000', ...flags], wrap);
  t.after(() => server.stop('SIGKILL'));
  const workers = Number(/\d+/.exec(flags.find((flag) => flag.startsWith('--workers='))!)![0]);
  await server.count('thread-started', 1 + workers);
  return server;
}

/** A client whose request is being computed, or waits for a worker. */
async function computing(server: TestServer, ms: number): Promise<{ client: Client; connection: number }> {
  const client = await Client.connect(server.port);
  client.send(get(`/compute?ms=${ms}`));
  const { connection } = await server.connectionFrom(client.port);
  await server.first('request', (event) => event.connection === connection);
  return { client, connection };
}

describe('a loop with workers', () => {
  it('serves others while a worker computes, and hears of the end by an eventfd', LIMIT, async (t) => {
    const server = await start(t, ['--workers=1']);
    const { client: busy } = await computing(server, 600_000);
    await server.first('handed-over');
    assert.equal(await ask(server.port, get('/')), HELLO);
    busy.reset();

    const next = await start(t, ['--workers=1']);
    const { client, connection } = await computing(next, 20);
    assert.match(bodyOf(await client.rest()), /^Computed 20 ms/);
    await next.first('closed');
    const story = next.of(connection).map(({ event, thread }) => `${event} ${thread}`);
    const from = story.indexOf('request loop');
    assert.deepEqual(
      story.slice(from).filter((each) => !/^(watching|would-block) /.test(each)),
      [
        'request loop',
        'handed-over loop',
        'computed compute-1',
        'handed-back loop',
        'sent loop',
        'closed loop',
      ],
    );
    const { eventfd, tookUs } = next.all('computed')[0]!;
    assert.ok(tookUs >= 20_000);
    assert.equal(readlinkSync(`/proc/${next.pid}/fd/${eventfd}`), 'anon_inode:[eventfd]');
    // A worker that has just started may have woken the loop too.
    const told = next.events.map(({ event }) => event);
    const between = next.events.slice(told.indexOf('computed'), told.indexOf('handed-back'));
    const ready = between.find((each) => each.event === 'ready' && each.fd === eventfd);
    assert.ok(ready !== undefined, 'the worker wakes the loop');
    assert.deepEqual(['connection' in ready, ready.thread], [false, 'loop']);
  });

  it('lets computations wait for a worker, the first one first', LIMIT, async (t) => {
    const server = await start(t, ['--workers=2']);
    const long = [await computing(server, 600_000), await computing(server, 600_000)];
    await server.count('handed-over', 2);
    const third = await computing(server, 1);
    const fourth = await computing(server, 1);
    await server.count('compute-queued', 2);
    assert.deepEqual(
      server.all('compute-queued').map(({ connection, waiting }) => [connection, waiting]),
      [
        [third.connection, 1],
        [fourth.connection, 2],
      ],
    );
    assert.deepEqual(
      server
        .all('handed-over')
        .map(({ worker }) => worker)
        .toSorted(),
      [1, 2],
    );
    for (const { client } of [...long, third, fourth]) client.socket.destroy();

    const short = await start(t, ['--workers=1']);
    const all = await Promise.all(Array.from({ length: 5 }, () => Client.connect(short.port)));
    for (const client of all) client.send(get('/compute?ms=5'));
    for (const client of all) assert.match(await client.rest(), /Computed 5 ms/);
    await short.count('handed-over', 5);
    const order = (name: 'request' | 'handed-over'): number[] =>
      short.all(name).map(({ connection }) => connection);
    assert.deepEqual(order('handed-over'), order('request'));
  });

  it('answers 503 where too many wait, and serves on', LIMIT, async (t) => {
    const server = await start(t, ['--workers=1', '--keep-alive']);
    const waiting = [await computing(server, 600_000)];
    for (let i = 0; i < 64; i++) waiting.push(await computing(server, 1));
    const client = await Client.connect(server.port);
    client.send(get('/compute?ms=1') + get('/', 'Connection: close\r\n'));
    const reply = await client.rest();
    assert.equal(statusOf(reply), 503);
    assert.match(reply, /\r\nRetry-After: 1\r\n/);
    assert.match(
      reply,
      /Try again in a second\.\nHTTP\/1\.1 200 OK\r\n/,
      'the connection is kept, as it asked',
    );
    const { connection } = await server.connectionFrom(client.port);
    const refused = await server.first('refused');
    assert.deepEqual([refused.reason, refused.connection], ['compute-queue-full', connection]);
    for (const { client: each } of waiting) each.socket.destroy();
  });

  it('drops what was computed for a client that has left', LIMIT, async (t) => {
    const server = await start(t, ['--workers=1']);
    const { client, connection } = await computing(server, 200);
    await server.first('handed-over');
    client.reset();
    const closed = await server.first('closed', (event) => event.connection === connection);
    assert.equal(closed.reason, 'reset');
    await server.first('computed', (event) => event.connection === connection);
    // By the time that others are answered the loop has heard of it.
    assert.equal(await ask(server.port, get('/')), HELLO);
    assert.match(await ask(server.port, get('/compute?ms=1')), /Computed 1 ms/);
    await server.first('handed-back', (event) => event.connection !== connection);
    assert.deepEqual(
      server.all('handed-back').filter((event) => event.connection === connection),
      [],
    );
  });

  it('stops in order while workers compute and others wait for them', LIMIT, async (t) => {
    const server = await start(t, ['--workers=2']);
    const clients: Client[] = [];
    for (let i = 0; i < 4; i++) clients.push((await computing(server, 600_000)).client);
    await server.count('compute-queued', 2);
    const { status, stderr } = await server.stop('SIGINT');
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(
      server.all('closed').map(({ reason }) => reason),
      Array(4).fill('stopping'),
    );
    assert.deepEqual(
      server
        .all('thread-ended')
        .map(({ thread }) => thread)
        .toSorted(),
      ['compute-1', 'compute-2', 'loop'],
    );
    for (const client of clients) assert.equal(await client.rest(), '');
  });

  it('the kernel knows the workers, and inspect the eventfd', LIMIT, async (t) => {
    const server = await start(t, ['--workers=2']);
    await ask(server.port, get('/compute?ms=1'));
    const { eventfd } = await server.first('computed');
    const names = tasksOf(server.pid).map(({ name }) => name);
    for (const name of ['loop', 'compute-1', 'compute-2']) assert.ok(names.includes(name), name);
    const seen = await inspected(server);
    assert.deepEqual([seen.server.mode, seen.server.engine], ['evented', 'system-calls']);
    const watch = seen.interestList!.watches.find(({ fd }) => fd === eventfd)!;
    assert.deepEqual([watch.interest, watch.connection], ['EPOLLIN', undefined]);
    const page = await pretty(server);
    assert.match(page, /evented server: one loop, and 2 threads to compute/);
    assert.match(page, new RegExp(`^ +${eventfd}  EPOLLIN .*woken by workers$`, 'm'));
  });

  it('strace sees the worker write to the eventfd, and the loop read it', {
    ...LIMIT,
    skip: missing('strace'),
  }, async (t) => {
    const { wrap, linesOf } = underStrace('read,write,eventfd2');
    const server = await start(t, ['--workers=1', '--detail=calls'], wrap);
    await ask(server.port, get('/compute?ms=1'));
    await server.first('closed');
    await server.stop();
    const { eventfd, tid } = server.all('computed')[0]!;
    const line = (call: string): string => `${call}(${eventfd}, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8`;
    const seen = (thread: number): string[] => linesOf(thread).map((each) => each.replace(/\s+=/, ' ='));
    assert.ok(seen(tid).includes(line('write')), 'the worker');
    assert.ok(seen(server.listening.tid).includes(line('read')), 'the loop');
    const told = server
      .all('call')
      .map(({ name, arguments: args, result, tid: by }) => `${by} ${name}(${args.join(', ')}) = ${result}`);
    assert.ok(told.includes(`${tid} ${line('write')}`));
    assert.ok(told.includes(`${server.listening.tid} ${line('read')}`));
  });
});
