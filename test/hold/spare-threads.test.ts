// --min-spare-threads: threads that are ready before clients come, and a polite client beside many slow ones finds one.
// How long it waits is measured in docs/benchmarks.md; here is who serves it.

import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { ask, Client, get, HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { run, TestServer } from '../support/server.js';

async function start(t: TestContext, ...flags: string[]): Promise<TestServer> {
  const server = await TestServer.start(['--mode=blocking', ...flags]);
  t.after(() => server.stop());
  return server;
}

/** The threads that sleep until they are given work. */
function idle(server: TestServer): Set<string> {
  const threads = new Set<string>();
  for (const event of server.events) {
    if (event.event === 'blocked' && event.waitingFor === 'work') threads.add(event.thread);
    if (event.event === 'resumed') threads.delete(event.thread);
  }
  return threads;
}

async function untilIdle(server: TestServer, number: number): Promise<void> {
  while (idle(server).size < number) await server.count('blocked', server.all('blocked').length + 1);
}

it('a polite client beside 20 slow ones is served by a thread that was ready', LIMIT, async (t) => {
  const server = await start(t, '--min-spare-threads=24', '--max-threads=24');
  await untilIdle(server, 24);
  assert.deepEqual(server.all('accepted'), [], 'before anyone came');
  const slow = await Promise.all(Array.from({ length: 20 }, () => Client.connect(server.port)));
  for (const client of slow) client.send('GET / HT');
  await server.count('received', 20);
  assert.equal(await ask(server.port, get('/')), HELLO);
  await server.count('closed', 1);
  const { connection } = server.all('closed')[0]!;
  assert.ok(server.all('thread-reused').some((event) => event.connection === connection));
  assert.ok(server.all('thread-started').every((event) => event.connection === undefined));
  for (const client of slow) client.socket.destroy();
});

it('those that clients take are replaced, up to --max-threads', LIMIT, async (t) => {
  const server = await start(t, '--min-spare-threads=2', '--max-threads=5');
  const silent: Client[] = [];
  for (const ready of [2, 2, 2, 2, 1, 0]) {
    await untilIdle(server, ready);
    const { length } = server.all('accepted');
    silent.push(await Client.connect(server.port));
    if (ready > 0) await server.count('thread-reused', length + 1);
  }
  assert.equal((await server.first('threads-busy')).threads, 5);
  assert.equal(server.all('thread-started').length, 1 + 5, 'the acceptor, and as many as there may be');
  for (const client of silent) client.socket.destroy();
});

for (const [more, flag] of [
  ['--max-threads=3', '--max-threads 3'],
  ['--spare-threads=2', '--spare-threads 2'],
] as const) {
  it(`refuses more of them than ${flag} allows`, LIMIT, async () => {
    const { status, stderr } = await run(['serve', '--mode=blocking', '--min-spare-threads=4', more]);
    assert.equal(status, 2);
    assert.match(
      stderr,
      new RegExp(`^evented-demo: --min-spare-threads 4 is more than ${flag} allows\\. .*\\n$`),
    );
  });
}
