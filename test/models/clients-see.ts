// What a client sees of a server, whatever its model and whether or not anyone watches: the part of the behaviour suite
// that needs no event. behaviour.test.ts runs it, and checks the events too; unreported.test.ts runs it without any.

import assert from 'node:assert/strict';
import { after, before, describe, it as test } from 'node:test';
import { ask, bodyOf, Client, get, HELLO, statusOf } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer, withServer } from '../support/server.js';

const CLOSE = 'Connection: close\r\n';

const it = (title: string, behave: () => Promise<void>) => test(title, LIMIT, behave);

/** Defines the tests. Under `wrap`, a command, the server reports nothing, and no event is looked at. */
export function clientsSee(flags: readonly string[], wrap?: readonly string[]): void {
  const reported = wrap === undefined;
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(flags, wrap);
  });
  after(() => server.stop());

  const withFlags = (more: readonly string[], use: (server: TestServer) => Promise<void>): Promise<void> =>
    withServer([...flags, ...more], use, wrap);

  it('answers Hello, world! and closes', async () => {
    assert.equal(await ask(server.port, get('/')), HELLO);
  });

  it('leaves the body out in the reply to HEAD', async () => {
    const reply = await ask(server.port, 'HEAD / HTTP/1.1\r\nHost: me\r\n\r\n');
    assert.equal(reply, HELLO.slice(0, -'Hello, world!'.length));
  });

  for (const [what, request, status] of [
    ['an unknown path', get('/nowhere'), 404],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: me\r\n\r\n', 405],
    ['a request line that is none', 'hello there\r\n\r\n', 400],
    ['a header line without a colon', 'GET / HTTP/1.1\r\nnonsense\r\n\r\n', 400],
    ['a number out of range', get('/sleep?ms=99999999'), 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00', 400],
    ['another version of HTTP', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['a target of 9,000 bytes', get(`/${'a'.repeat(9_000)}`), 414],
    ['a head of 20,000 bytes', get('/', `X: ${'b'.repeat(7_000)}\r\n`.repeat(3)), 431],
  ] as const) {
    it(`answers ${status} to ${what}`, async () => {
      const reply = await ask(server.port, request);
      assert.equal(statusOf(reply), status);
      assert.match(bodyOf(reply), /^[A-Za-z].*\.\n$/);
    });
  }

  it('gets its 431 through to a client that goes on sending', async () => {
    const client = await Client.connect(server.port);
    client.send(`GET / HTTP/1.1\r\n${`X: ${'b'.repeat(1_000)}\r\n`.repeat(3_000)}`);
    await client.until('Connection: close\r\n\r\n');
    assert.equal(statusOf(client.text), 431);
    client.socket.end();
    assert.equal(await client.closed, undefined, 'the connection ended without a reset');
  });

  it('answers a request with a body, and takes the body for no second request', async () => {
    const body = 'GET /nowhere HTTP/1.1\r\n\r\n';
    const reply = await ask(
      server.port,
      `POST / HTTP/1.1\r\nHost: me\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.equal(statusOf(reply), 405);
    assert.equal(reply.match(/HTTP\/1\.1 /g)?.length, 1);
  });

  it('answers a client that has closed its own side', async () => {
    const client = await Client.connect(server.port);
    client.socket.end(get('/'));
    assert.equal(await client.rest(), HELLO);
  });

  it('sends every byte of a long reply, and the right ones', async () => {
    const body = bodyOf(await ask(server.port, get('/bytes?count=3000001')));
    assert.equal(body.length, 3_000_001);
    const line = body.slice(0, 64);
    assert.equal(new Set(line).size, 64);
    assert.equal(body, line.repeat(Math.ceil(3_000_001 / 64)).slice(0, 3_000_001));
  });

  it('does the work that /compute asks for', async () => {
    assert.match(await ask(server.port, get('/compute?ms=20')), /Computed 20 ms/);
  });

  describe('--keep-alive, with limits, on 0.0.0.0', () => {
    let server: TestServer;
    before(async () => {
      const limits = ['--max-ms=100', '--max-bytes=200000', '--max-head=1000', '--host=0.0.0.0'];
      server = await TestServer.start([...flags, '--keep-alive', ...limits], wrap);
    });
    after(() => server.stop());

    it('shows a client to which of its addresses it came', async () => {
      const client = await Client.connect(server.port, { host: '127.0.0.9' });
      client.send(get('/connection', CLOSE));
      assert.match(await client.rest(), new RegExp(`${client.port}, 127\\.0\\.0\\.9, ${server.port}`));
      if (!reported) return;
      const { fourTuple } = await server.connectionFrom(client.port);
      assert.equal(fourTuple[2], '127.0.0.9');
    });

    it('answers one request after the other, and honours Connection', async () => {
      const client = await Client.connect(server.port);
      client.send(get('/'));
      await client.until('Hello, world!');
      assert.doesNotMatch(client.text, /Connection: close/);
      client.send(get('/connection'));
      await client.until('4-tuple');
      client.send(get('/', CLOSE));
      assert.match(await client.rest(), /Connection: close\r\n\r\nHello, world!$/);
      assert.match(await ask(server.port, 'GET / HTTP/1.0\r\n\r\n'), /Connection: close/);
      if (!reported) return;
      const { connection } = await server.connectionFrom(client.port);
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.equal(closed.requests, 3);
    });

    it('answers pipelined requests in order', async () => {
      const client = await Client.connect(server.port);
      client.send(get('/sleep?ms=50') + get('/bytes?count=200000') + get('/nowhere') + get('/', CLOSE));
      const reply = await client.rest();
      assert.deepEqual(
        [...reply.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]),
        ['200', '200', '404', '200'],
      );
      assert.ok(reply.indexOf('Slept 50 ms') < reply.indexOf('Content-Length: 200000'));
      assert.match(reply, /Hello, world!$/);
    });

    for (const [target, most] of [
      ['/sleep?ms=101', 100],
      ['/compute?ms=101', 100],
      ['/bytes?count=200001', 200_000],
    ] as const) {
      it(`answers 400 to ${target}, which is over its limit`, async () => {
        const reply = await ask(server.port, get(target, CLOSE));
        assert.deepEqual([statusOf(reply), bodyOf(reply).includes(`from 0 to ${most}.`)], [400, true]);
      });
    }

    it('answers 431 to a head of one byte more than its limit', async () => {
      const head = (bytes: number): string => {
        const start = `GET / HTTP/1.1\r\n${CLOSE}X: `;
        return `${start}${'x'.repeat(bytes - start.length - 4)}\r\n\r\n`;
      };
      assert.equal(statusOf(await ask(server.port, head(1000))), 200);
      assert.equal(statusOf(await ask(server.port, head(1001))), 431);
    });
  });

  describe('time limits', () => {
    let server: TestServer;
    before(async () => {
      const each = ['--head-timeout=0.5', '--idle-timeout=0.3', '--send-timeout=0.4'];
      const limits = reported ? each : ['--timeout=0.4'];
      server = await TestServer.start([...flags, '--keep-alive', ...limits], wrap);
    });
    after(() => server.stop());

    /** What the server reports of a connection that it closes for its time limit. */
    async function timedOut({ port }: Client): Promise<[waitingFor: string, seconds: number] | undefined> {
      if (!reported) return undefined;
      const { connection } = await server.connectionFrom(port);
      const { waitingFor, seconds } = await server.first(
        'timed-out',
        (event) => event.connection === connection,
      );
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.equal(closed.reason, 'timed-out');
      return [waitingFor, seconds];
    }

    const told = (waitingFor: string, seconds: number) => (reported ? [waitingFor, seconds] : undefined);

    it('close a connection on which nothing moves', async () => {
      const silent = await Client.connect(server.port);
      assert.equal(await silent.rest(), '');
      assert.deepEqual(await timedOut(silent), told('head', 0.5));
    });

    it('close a connection whose head comes too slowly, however often a byte or an empty line comes', async () => {
      for (const piece of ['G', '\r\n']) {
        const slow = await Client.connect(server.port);
        const typing = setInterval(() => slow.send(piece), 20);
        await slow.ended;
        clearInterval(typing);
        slow.socket.destroy();
        assert.deepEqual(await timedOut(slow), told('head', 0.5));
        if (!reported) continue;
        const { connection } = await server.connectionFrom(slow.port);
        const received = server.of(connection).filter(({ event }) => event === 'received');
        assert.ok(received.length > 1);
      }
    });

    if (reported)
      it('close a connection that takes nothing of its reply', async () => {
        const stuck = await Client.connect(server.port);
        stuck.socket.pause();
        stuck.send(get('/bytes?count=50000000'));
        assert.deepEqual(await timedOut(stuck), told('send', 0.4));
        stuck.socket.destroy();
      });

    it('close a connection that was kept for a next request', async () => {
      // On a busy machine a request may come after the limit for its head: then nothing was sent, and another client tries.
      for (;;) {
        const client = await Client.connect(server.port);
        client.send(get('/'));
        if ((await client.rest()) === '') continue;
        assert.equal(bodyOf(client.text), 'Hello, world!');
        assert.deepEqual(await timedOut(client), told('idle', 0.3));
        return;
      }
    });

    it('leave the next client alone', () => servedAgain(server.port));
  });

  it('--keep-open leaves connections open, and --max-connections closes one too many without a byte', () =>
    withFlags(['--max-connections=2', '--keep-open'], async (server) => {
      const two = [await Client.connect(server.port), await Client.connect(server.port)];
      for (const client of two) {
        // The second one is served, in whatever model: nothing waits for the connection that was left.
        client.send(get('/'));
        await client.until('Hello, world!');
        if (!reported) continue;
        const { connection } = await server.connectionFrom(client.port);
        await server.first('left-open', (event) => event.connection === connection);
      }
      assert.equal(server.all('closed').length, 0);
      assert.equal(await ask(server.port, get('/')), '');
      assert.deepEqual(
        two.map(({ socket }) => socket.readableEnded),
        [false, false],
      );
      for (const client of two) client.socket.destroy();
      if (!reported) return;
      const { connection, reason } = await server.first('refused');
      assert.equal(reason, 'too-many-connections');
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.deepEqual([connection, closed.reason], [3, 'refused']);
    }));

  it('--host :: serves both, and tells each client the address that it came to', () =>
    withFlags(['--host=::'], async (server) => {
      for (const [host, from] of [
        ['::1', '::1'],
        ['127.0.0.1', '127.0.0.1'],
      ] as const) {
        const client = await Client.connect(server.port, { host });
        client.send(get('/connection'));
        const fourTuple = [from, client.port, host, server.port] as const;
        assert.ok((await client.rest()).includes(`(${fourTuple.join(', ')})`), client.text);
        if (!reported) continue;
        const accepted = await server.connectionFrom(client.port);
        assert.deepEqual(accepted.fourTuple, fourTuple);
      }
    }));
}

/** Asks until it is answered: on a busy machine a time limit may be over before the request is sent. */
async function servedAgain(port: number): Promise<void> {
  while (!(await ask(port, get('/', CLOSE))).endsWith('Hello, world!'));
}
