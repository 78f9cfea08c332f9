// What a client may do to a server and what comes of it: one rule each, the same in every model.
// The session's own tests have the times; here they meet real sockets, signals and a loop that is busy.

import assert from 'node:assert/strict';
import { after, before, describe, it as test } from 'node:test';
import { ask, bodyOf, Client, get, HELLO, statusOf } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS_AND_VARIANTS } from '../support/models.js';
import { TestServer, withServer } from '../support/server.js';

const CLOSE = 'Connection: close\r\n';

const it = (title: string, behave: () => Promise<void>) => test(title, LIMIT, behave);

/** Resolves when the bytes are in the server's receive queue: loopback has no wire on which they could be. */
const written = (client: Client, text: string): Promise<void> =>
  new Promise((resolve) => client.socket.write(text, 'latin1', () => resolve()));

const passed = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

for (const [model, flags] of Object.entries(MODELS_AND_VARIANTS)) {
  const oneLoop = flags.some((flag) => /evented|async|completion/.test(flag));

  const withFlags = (more: readonly string[], use: (server: TestServer) => Promise<void>): Promise<void> =>
    withServer([...flags, ...more], use);

  describe(model, { concurrency: 4 }, () => {
    for (const keepAlive of [[], ['--keep-alive', '--idle-timeout=0.5']]) {
      describe(keepAlive.join(' '), () => {
        let server: TestServer;
        before(async () => {
          server = await TestServer.start([...flags, ...keepAlive]);
        });
        after(() => server.stop());

        for (const [what, more] of [
          ['an empty line', '\r\n'],
          ['a second request', get('/')],
        ] as const) {
          it(`a long reply is whole though ${what} comes while it is sent`, async () => {
            const client = await Client.connect(server.port);
            client.socket.pause();
            client.send(get('/bytes?count=6000000', CLOSE));
            const { connection } = await server.connectionFrom(client.port);
            await server.first('sent', (event) => event.connection === connection);
            await written(client, more);
            client.socket.resume();
            assert.equal(bodyOf(await client.rest()).length, 6_000_000);
            assert.equal(await client.closed, undefined, 'a reset');
            const closed = await server.first('closed', (event) => event.connection === connection);
            assert.equal(closed.reason, 'replied');
          });
        }

        if (keepAlive.length === 0) replies(() => server);
        else kept(() => server, oneLoop && !flags.some((flag) => flag.startsWith('--loops')));
      });
    }

    it('a connection that is refused is closed once, and nothing is left open', () =>
      withFlags(['--max-connections=1', '--keep-open'], async (server) => {
        const first = await Client.connect(server.port);
        first.send(get('/'));
        await first.until('Hello, world!');
        assert.equal(await ask(server.port, get('/')), '');
        await server.first('refused');
        first.socket.destroy();
        await server.stop();
        const closed = server.all('closed').map(({ connection }) => connection);
        assert.deepEqual(closed, [2]);
        assert.equal(server.all('stopped')[0]!.leftOpen, 1);
      }));

    it('a request that lay there in time is answered, though the server was stopped meanwhile (Ctrl-Z, fg)', () =>
      withFlags(['--timeout=0.5'], async (server) => {
        // On a busy machine the limit may be over before the server is stopped: then with another client. (A process that
        // serves a connection is not stopped, and answers at once.)
        for (;;) {
          const client = await Client.connect(server.port);
          await server.connectionFrom(client.port);
          process.kill(server.pid, 'SIGSTOP');
          await written(client, get('/'));
          await passed(1_000);
          const wasTooLate = client.text === '' && (client.socket.readableEnded || client.socket.destroyed);
          process.kill(server.pid, 'SIGCONT');
          const reply = await client.rest();
          if (wasTooLate) continue;
          assert.equal(reply, HELLO);
          return;
        }
      }));

    if (oneLoop) {
      it('300 requests that come while the loop computes past their limit are all answered', async () => {
        // On a busy machine it takes a while until all have connected: then with a longer limit.
        for (let seconds = 1; ; seconds *= 3) {
          const server = await TestServer.start([
            ...flags,
            `--timeout=${seconds}`,
            '--backlog=400',
            '--max-ms=99999',
          ]);
          try {
            const busy = await Client.connect(server.port);
            const clients = await Promise.all(Array.from({ length: 300 }, () => Client.connect(server.port)));
            await server.count('accepted', 301);
            await written(busy, get(`/compute?ms=${seconds * 1500}`));
            await Promise.all(clients.map((client) => written(client, get('/'))));
            const replies = await Promise.all(clients.map((client) => client.rest()));
            const computed = await busy.rest();
            const begun = server.all('request').find(({ target }) => target.startsWith('/compute'))?.at ?? 0;
            if (server.all('timed-out').some(({ at }) => at < begun) || computed === '') continue;
            assert.deepEqual(new Set(replies), new Set([HELLO]));
            return;
          } finally {
            await server.stop();
          }
        }
      });
    }

    it('a client that reads slowly and without a pause is not one that takes nothing', () =>
      withFlags(['--send-timeout=1.5'], async (server) => {
        const client = await Client.connect(server.port);
        const { socket } = client;
        socket.on('data', () => {
          socket.pause();
          setTimeout(() => socket.resume(), 80); // some 0.8 MB a second: the kernel reports room every 1.6 s
        });
        client.send(get('/bytes?count=5000000'));
        assert.equal(bodyOf(await client.rest()).length, 5_000_000);
        assert.deepEqual(server.all('timed-out'), []);
      }));
  });
}

/** Of a server that closes each connection after its reply. */
function replies(running: () => TestServer): void {
  it('a short reply is whole though more has come before the close', async () => {
    const client = await Client.connect(running().port);
    const { connection } = await running().connectionFrom(client.port);
    client.send(get('/sleep?ms=200'));
    await running().first('request', (event) => event.connection === connection);
    await written(client, '\r\n');
    assert.match(await client.rest(), /Slept 200 ms\.\n$/);
    assert.equal(await client.closed, undefined, 'a reset');
  });

  it('a signal does not end a linger', async () => {
    const server = running();
    const client = await Client.connect(server.port);
    client.send('POST / HTTP/1.1\r\nContent-Length: 999\r\n\r\n');
    await client.ended;
    process.kill(server.pid, 'SIGSTOP');
    process.kill(server.pid, 'SIGCONT');
    const { connection } = await server.connectionFrom(client.port);
    const closed = await server.first('closed', (event) => event.connection === connection);
    assert.ok(closed.durationUs >= 1_900_000, `${closed.durationUs} us`);
    client.socket.destroy();
  });

  it('a client that had its reply was replied to, whatever it does during the linger', async () => {
    const server = running();
    for (const end of ['end', 'resetAndDestroy'] as const) {
      const client = await Client.connect(server.port);
      client.send('POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello');
      await client.ended;
      client.socket[end]();
      const { connection } = await server.connectionFrom(client.port);
      const { reason } = await server.first('closed', (event) => event.connection === connection);
      assert.equal(reason, 'replied', end);
      client.socket.destroy();
    }
    assert.deepEqual(server.all('reset'), []);
  });
}

/** Of a server that keeps connections for half a second. With several loops it may be another loop that the greedy one keeps busy. */
function kept(running: () => TestServer, isOneLoop: boolean): void {
  it('a limit counts from when the server begins to wait', async () => {
    const server = running();
    const client = await Client.connect(server.port);
    const { connection } = await server.connectionFrom(client.port);
    client.send(get('/compute?ms=1000'));
    await client.rest();
    const timedOut = await server.first('timed-out', (event) => event.connection === connection);
    const sent = server.all('sent').find((event) => event.connection === connection)!;
    assert.equal(timedOut.waitingFor, 'idle');
    assert.ok(timedOut.at - sent.at >= 490_000, `${timedOut.at - sent.at} us`);
  });

  if (isOneLoop)
    it('a client that pipelines without a pause lets others have their turn', async () => {
      const server = running();
      const before = server.all('accepted').length;
      const busy = await Client.connect(server.port);
      const greedy = await Client.connect(server.port);
      const modest = await Client.connect(server.port);
      await server.count('accepted', before + 3);
      await written(busy, get('/compute?ms=300'));
      await written(greedy, get('/greedy').repeat(1_000));
      await written(modest, get('/modest', CLOSE));
      assert.equal(statusOf(await modest.rest()), 404);
      const requests = server.all('request').map(({ target }) => target);
      const earlier = requests.slice(0, requests.indexOf('/modest')).filter((target) => target === '/greedy');
      assert.ok(earlier.length < 100, `${earlier.length} requests were answered before it`);
      await greedy.receive(100_000);
      greedy.socket.destroy();
      busy.socket.destroy();
    });
}
