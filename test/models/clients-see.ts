// What a client sees of a server, whatever its model and whether or not anyone watches: the part of the behaviour suite
// that needs no event. behaviour.test.ts runs it, and checks the events too; unreported.test.ts runs it without any.

import assert from 'node:assert/strict';
import { after, before, it as test } from 'node:test';
import { ask, bodyOf, Client, get, HELLO, statusOf } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer, withServer } from '../support/server.js';

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

  it('--keep-alive answers one request after the other, and honours Connection', () =>
    withFlags(['--keep-alive'], async (server) => {
      const client = await Client.connect(server.port);
      client.send(get('/'));
      await client.until('Hello, world!');
      assert.doesNotMatch(client.text, /Connection: close/);
      client.send(get('/connection'));
      await client.until('4-tuple');
      client.send(get('/', 'Connection: close\r\n'));
      assert.match(await client.rest(), /Connection: close\r\n\r\nHello, world!$/);
      assert.match(await ask(server.port, 'GET / HTTP/1.0\r\n\r\n'), /Connection: close/);
      if (!reported) return;
      const { connection } = await server.connectionFrom(client.port);
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.equal(closed.requests, 3);
    }));

  it('--keep-alive answers pipelined requests in order', () =>
    withFlags(['--keep-alive'], async (server) => {
      const client = await Client.connect(server.port);
      client.send(
        get('/sleep?ms=50') +
          get('/bytes?count=200000') +
          get('/nowhere') +
          get('/', 'Connection: close\r\n'),
      );
      const reply = await client.rest();
      assert.deepEqual(
        [...reply.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]),
        ['200', '200', '404', '200'],
      );
      assert.ok(reply.indexOf('Slept 50 ms') < reply.indexOf('Content-Length: 200000'));
      assert.match(reply, /Hello, world!$/);
    }));

  it('--timeout closes a connection on which nothing moves', () =>
    withFlags(['--timeout=0.3'], async (server) => {
      const silent = await Client.connect(server.port);
      assert.equal(await silent.rest(), '');
      assert.equal(await ask(server.port, get('/')), HELLO);
      if (!reported) return;
      const { connection } = await server.connectionFrom(silent.port);
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.equal(closed.reason, 'timed-out');
      const timedOut = server.all('timed-out')[0]!;
      assert.deepEqual([timedOut.waitingFor, timedOut.seconds], ['head', 0.3]);
    }));

  it('--idle-timeout closes a connection that was kept for a next request', () =>
    withFlags(['--keep-alive', '--head-timeout=60', '--idle-timeout=0.3'], async (server) => {
      const client = await Client.connect(server.port);
      client.send(get('/'));
      assert.match(await client.rest(), /Hello, world!$/);
      if (!reported) return;
      const timedOut = await server.first('timed-out');
      assert.deepEqual([timedOut.waitingFor, timedOut.seconds], ['idle', 0.3]);
    }));

  it('--max-connections closes one too many without a byte', () =>
    withFlags(['--max-connections=2', '--keep-open'], async (server) => {
      const two = [await Client.connect(server.port), await Client.connect(server.port)];
      for (const client of two) {
        client.send(get('/'));
        await client.until('Hello, world!');
      }
      assert.equal(await ask(server.port, get('/')), '');
      for (const client of two) client.socket.destroy();
      if (!reported) return;
      const { connection, reason } = await server.first('refused');
      assert.equal(reason, 'too-many-connections');
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.deepEqual([connection, closed.reason], [3, 'refused']);
    }));

  for (const [limit, target] of [
    ['--max-ms=100', '/sleep?ms=101'],
    ['--max-ms=100', '/compute?ms=101'],
    ['--max-bytes=100', '/bytes?count=101'],
  ] as const) {
    it(`${limit} answers 400 to ${target}`, () =>
      withFlags([limit], async (server) => {
        const reply = await ask(server.port, get(target));
        assert.deepEqual([statusOf(reply), bodyOf(reply).includes('from 0 to 100.')], [400, true]);
      }));
  }

  it('--max-head answers 431 to a head of one byte more', () =>
    withFlags(['--max-head=1000'], async (server) => {
      const head = (bytes: number): string => {
        const start = 'GET / HTTP/1.1\r\nX: ';
        return `${start}${'x'.repeat(bytes - start.length - 4)}\r\n\r\n`;
      };
      assert.equal(statusOf(await ask(server.port, head(1000))), 200);
      assert.equal(statusOf(await ask(server.port, head(1001))), 431);
    }));

  it('--host ::1 serves IPv6', () =>
    withFlags(['--host=::1'], async (server) => {
      const client = await Client.connect(server.port, { host: '::1' });
      client.send(get('/connection'));
      assert.match(await client.rest(), new RegExp(`\\(::1, ${client.port}, ::1, ${server.port}\\)`));
      if (!reported) return;
      const { fourTuple } = await server.connectionFrom(client.port);
      assert.deepEqual(fourTuple, ['::1', client.port, '::1', server.port]);
    }));
}
