// Clients with bad manners, each a way to be rude to a server, and one with good ones that is answered all the same.
// For test/hold and test/soak; what each does is on real sockets, through Client.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ask, bodyOf, Client, get, HELLO, statusOf } from './client.js';

const CLOSE = 'Connection: close\r\n';
const LINE = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n';

/** Asks for two things, each on a connection of its own, and gets just those. */
export async function beServedPolitely(port: number): Promise<void> {
  assert.equal(await ask(port, get('/', CLOSE)), HELLO);
  assert.equal(bodyOf(await ask(port, get('/bytes?count=6400', CLOSE))), LINE.repeat(100));
}

/** Resolves when the rude client may go on: it is never slow by a clock of its own. */
export type Turn = () => Promise<unknown>;

export interface Rudeness {
  /** Completes the sentence "clients that ...". */
  readonly what: string;
  /** Whether it keeps the server busy until it likes to go. */
  readonly holds?: true;
  /** Many requests from each: fewer such clients do. */
  readonly heavy?: true;
  /** Resolves when the client has gone. */
  behave(port: number, turn: Turn): Promise<void>;
}

/** Ten megabytes of a head that does not end. */
const LONG_HEAD = Buffer.from(`GET / HTTP/1.1\r\n${`X: ${'b'.repeat(996)}\r\n`.repeat(10_000)}`);
const PIPELINED = 1_000;

async function leave(client: Client): Promise<void> {
  client.socket.destroy();
  await client.closed;
}

/** All of it, or as much as the server takes before it closes. */
async function sendAll(client: Client, bytes: Buffer): Promise<void> {
  const written = new Promise<void>((resolve) => client.socket.write(bytes, () => resolve()));
  await Promise.race([written, client.closed]);
}

export const RUDENESSES: readonly Rudeness[] = [
  {
    what: 'reset at once',
    async behave(port) {
      const client = await Client.connect(port);
      client.reset();
      await client.closed;
    },
  },
  {
    what: 'reset in the middle of a request',
    async behave(port, turn) {
      const client = await Client.connect(port);
      client.send('GET / HT');
      await Promise.race([turn(), client.closed]);
      client.reset();
      await client.closed;
    },
  },
  {
    what: 'vanish in the middle of a request',
    async behave(port, turn) {
      const client = await Client.connect(port);
      client.send('GET / HTTP/1.1\r\nHost: loc');
      await Promise.race([turn(), client.closed]);
      await leave(client);
    },
  },
  {
    what: 'vanish in the middle of a reply',
    async behave(port) {
      const client = await Client.connect(port);
      client.send(get('/bytes?count=50000000'));
      await client.receive(100_000);
      await leave(client);
    },
  },
  {
    what: 'vanish while their request sleeps',
    async behave(port) {
      const client = await Client.connect(port);
      client.socket.write(get('/sleep?ms=100'));
      await leave(client);
    },
  },
  {
    what: 'close their side in the middle of a request',
    async behave(port) {
      const client = await Client.connect(port);
      client.socket.end('GET / HTTP/1.1\r\nHost');
      assert.equal(await client.rest(), '', 'half a request has no reply');
    },
  },
  {
    what: 'never say anything',
    holds: true,
    async behave(port, turn) {
      const client = await Client.connect(port);
      for (let i = 0; i < 3; i++) await Promise.race([turn(), client.closed]);
      await leave(client);
    },
  },
  {
    what: 'send one byte at a time',
    holds: true,
    async behave(port, turn) {
      const client = await Client.connect(port);
      client.socket.setNoDelay(true);
      for (const byte of 'GET /x') {
        await Promise.race([turn(), client.closed]);
        client.send(byte);
      }
      client.send(' HTTP/1.0\n\n'); // which is closed after the reply
      const reply = await client.rest();
      if (reply !== '') assert.equal(statusOf(reply), 404);
    },
  },
  {
    what: 'send 10 MB of head',
    async behave(port) {
      const client = await Client.connect(port);
      await sendAll(client, LONG_HEAD);
      // A client that is still sending when the server stops reading may lose the reply, but it gets no other.
      if (client.text !== '') assert.equal(statusOf(client.text), 431);
      await leave(client);
    },
  },
  {
    what: 'send binary noise',
    async behave(port) {
      const client = await Client.connect(port);
      client.send(randomBytes(20_000));
      client.socket.end();
      const reply = await client.rest();
      assert.ok([400, 414, 431].includes(statusOf(reply)), reply);
    },
  },
  {
    what: 'send terminal escapes',
    async behave(port) {
      const inTarget = await ask(port, 'GET /\x1b[2J\x1b]0;owned\x07 HTTP/1.1\r\n\r\n');
      const inHeader = await ask(port, 'GET / HTTP/1.1\r\nX: \x1b]0;owned\x07\r\n\r\n');
      for (const reply of [inTarget, inHeader]) {
        assert.equal(statusOf(reply), 400);
        assert.doesNotMatch(reply, /owned/);
      }
    },
  },
  {
    what: 'never read their 50 MB',
    holds: true,
    async behave(port, turn) {
      const client = await Client.connect(port);
      client.socket.pause();
      client.send(get('/bytes?count=50000000'));
      for (let i = 0; i < 3; i++) await Promise.race([turn(), client.closed]);
      await leave(client);
    },
  },
  {
    what: `send ${PIPELINED} requests at once`,
    heavy: true,
    async behave(port) {
      const client = await Client.connect(port);
      client.send(get('/').repeat(PIPELINED - 1) + get('/', CLOSE));
      const reply = await client.rest();
      assert.equal(reply.match(/HTTP\/1\.1 200 OK/g)?.length, PIPELINED);
    },
  },
  {
    what: `send ${PIPELINED} requests at once, and reset`,
    heavy: true,
    async behave(port) {
      const client = await Client.connect(port);
      client.send(get('/').repeat(PIPELINED));
      await client.receive(1);
      client.reset();
      await client.closed;
    },
  },
];
