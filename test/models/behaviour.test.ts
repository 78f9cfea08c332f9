// One behaviour, one title, every model: what a client sees and what the events say of it.
// Real sockets, port 0, the program started as a user starts it.

import assert from 'node:assert/strict';
import { after, before, describe, it as test } from 'node:test';
import { ask, bodyOf, Client, get, HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS_AND_VARIANTS } from '../support/models.js';
import { TestServer, withServer } from '../support/server.js';
import { clientsSee } from './clients-see.js';

/** Of a server whose clients come one after the other: the fewest and the most; of all others it is one. */
const THREADS: Record<string, [least: number, most: number]> = {
  blocking: [2, Number.POSITIVE_INFINITY],
  pool: [5, 5],
  processes: [2, Number.POSITIVE_INFINITY],
  'processes, prefork': [2, 5],
  'evented, two workers': [1, 3], // they start after it listens
  'evented, two loops': [2, 2],
  'evented, two loops and one listener': [2, 2],
};

/** How many connections it accepts at once, where that is less than 50: one for each process. */
const PROCESSES: Record<string, number> = { processes: 32, 'processes, prefork': 4 };

/** The number by which a child process has the connection, where one serves it. */
const ownFd = (server: TestServer, connection: number): number | undefined =>
  server.all('request').find((event) => event.connection === connection && event.pid !== undefined)?.fd;

/** Longer than any test takes, and the flag that allows it. */
const LONG_SLEEP = '/sleep?ms=600000';
const LONG_SLEEPS = '--max-ms=600000';

/** A test that waits in vain ends by itself. */
const it = (title: string, behave: () => Promise<void>) => test(title, LIMIT, behave);

for (const [model, flags] of Object.entries(MODELS_AND_VARIANTS)) {
  const oneAtATime = model === 'iterative';
  const portable = model.includes('portable');

  describe(`${model}: what clients see`, () => clientsSee(flags));

  describe(model, () => {
    let server: TestServer;
    before(async () => {
      server = await TestServer.start([...flags, LONG_SLEEPS]);
    });
    after(() => server.stop());

    it("tells a connection's story in order, with its 4-tuple and its totals", async () => {
      const client = await Client.connect(server.port);
      client.send(get('/'));
      await client.rest();
      const { connection, fd, fourTuple } = await server.connectionFrom(client.port);
      assert.deepEqual(fourTuple, ['127.0.0.1', client.port, '127.0.0.1', server.port]);
      const closed = await server.first('closed', (event) => event.connection === connection);
      const { reason, bytesIn, bytesOut, requests } = closed;
      assert.deepEqual(
        { reason, bytesIn, bytesOut, requests, fd: closed.fd },
        {
          reason: 'replied',
          bytesIn: get('/').length,
          bytesOut: HELLO.length,
          requests: 1,
          fd: ownFd(server, connection) ?? fd,
        },
      );
      const story = server.of(connection).map((event) => event.event);
      const main = story.filter((name) =>
        ['accepted', 'received', 'request', 'sent', 'closed'].includes(name),
      );
      assert.deepEqual(main, ['accepted', 'received', 'request', 'sent', 'closed']);
      const times = server.of(connection).map((event) => event.at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    });

    it('tells a request before the work that it asks for, and its status with the last bytes of the reply', async () => {
      for (const [target, status] of [
        ...Array.from({ length: 10 }, (_, i) => [`/sleep?ms=${i + 1}`, 200] as const),
        ['/compute?ms=20', 200],
        ['/bytes?count=300000', 200],
        ['/nowhere', 404],
      ] as const) {
        const client = await Client.connect(server.port);
        client.send(get(target));
        await client.rest();
        const { connection } = await server.connectionFrom(client.port);
        await server.first('closed', (event) => event.connection === connection);
        const [request, ...sends] = server
          .of(connection)
          .filter((event) => event.event === 'request' || event.event === 'sent');
        assert.equal(request?.event, 'request', target);
        assert.ok(!('status' in request), target);
        const statuses = sends.map((event) => (event.event === 'sent' ? event.status : 'a second request'));
        assert.deepEqual(statuses, [...sends.slice(1).map(() => undefined), status], target);
        const work = Number(/ms=(\d+)/.exec(target)?.[1] ?? 0) * 1_000;
        assert.ok(sends[0]!.at - request.at >= work, `${target}: the work lies in between`);
      }
    });

    it('tells a client its own 4-tuple, connection, fd and thread at /connection', async () => {
      const client = await Client.connect(server.port);
      client.send(get('/connection'));
      const body = bodyOf(await client.rest());
      const { connection, fd: accepted } = await server.connectionFrom(client.port);
      const request = await server.first('request', (event) => event.connection === connection);
      const fd = ownFd(server, connection) ?? accepted;
      assert.equal(
        body,
        `4-tuple     (127.0.0.1, ${client.port}, 127.0.0.1, ${server.port})\n` +
          `connection  ${connection}\nfd          ${fd}\n` +
          `thread      ${request.thread} (tid ${request.tid})\nmodel       ${labelOf(server)}\n`,
      );
    });

    it('shows the same to a browser as a page, and to a browser only', async () => {
      const client = await Client.connect(server.port);
      client.send(get('/connection', 'Accept: text/html,application/xml;q=0.9,*/*;q=0.8\r\n'));
      const reply = await client.rest();
      const { connection, fd: accepted } = await server.connectionFrom(client.port);
      const request = await server.first('request', (event) => event.connection === connection);
      const fd = ownFd(server, connection) ?? accepted;
      assert.match(reply, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html; charset=utf-8\r\n/);
      assert.match(reply, /\r\nVary: Accept\r\n/);
      assert.deepEqual(
        [...bodyOf(reply).matchAll(/<dd>(.*?)<\/dd>/g)].map((each) => each[1]),
        [
          ...['127.0.0.1', `${client.port}`, '127.0.0.1', `${server.port}`],
          ...[`${connection}`, `${fd}`, `${request.thread} (tid ${request.tid})`, labelOf(server)],
        ],
      );
      const asCurl = await ask(server.port, get('/connection', 'Accept: */*\r\n'));
      assert.match(bodyOf(asCurl), /^4-tuple /);
    });

    it('takes a request that is typed in pieces, with bare newlines', async () => {
      const client = await Client.connect(server.port);
      const { connection } = await server.connectionFrom(client.port);
      client.socket.setNoDelay(true);
      const pieces = ['GE', 'T / HTTP/1.1', '\n', 'Host: me\n', '\n'];
      let sent = 0;
      for (const piece of pieces) {
        client.send(piece);
        sent += piece.length;
        await server.first('received', () => bytesReceived(server, connection) === sent);
      }
      assert.equal(await client.rest(), HELLO);
    });

    it('closes when a client leaves without a word', async () => {
      const client = await Client.connect(server.port);
      const { connection } = await server.connectionFrom(client.port);
      client.socket.end();
      const closed = await server.first('closed', (event) => event.connection === connection);
      assert.deepEqual([closed.reason, closed.bytesIn], ['peer-closed', 0]);
      await client.rest();
    });

    describe('goes on when a peer resets', () => {
      const stages: [string, (client: Client, connection: number) => Promise<void>][] = [
        ['before it sends anything', async () => {}],
        [
          'in the middle of its request',
          async (client, connection) => {
            client.send('GET / HT');
            await server.first('received', (event) => event.connection === connection);
          },
        ],
        [
          'while its request sleeps',
          async (client, connection) => {
            client.send(get('/sleep?ms=300'));
            await server.first('request', (event) => event.connection === connection);
          },
        ],
        [
          'while it is sent a long reply',
          async (client) => {
            client.send(get('/bytes?count=100000000'));
            await client.receive(100_000);
          },
        ],
      ];
      for (const [stage, reach] of stages) {
        it(stage, async () => {
          const client = await Client.connect(server.port);
          const { connection } = await server.connectionFrom(client.port);
          await reach(client, connection);
          client.reset();
          const closed = await server.first('closed', (event) => event.connection === connection);
          assert.equal(closed.reason, 'reset');
          assert.equal(await ask(server.port, get('/')), HELLO);
        });
      }
    });

    it(
      oneAtATime ? 'lets a silent client hold up everybody' : 'answers others beside a silent client',
      async () => {
        const silent = await Client.connect(server.port);
        await server.connectionFrom(silent.port);
        const other = await Client.connect(server.port);
        other.send(get('/'));
        if (!oneAtATime) {
          assert.equal(await other.rest(), HELLO);
          const { connection } = await server.connectionFrom(other.port);
          await server.first('closed', (event) => event.connection === connection);
        }
        silent.socket.end();
        await silent.rest();
        assert.equal(await other.rest(), HELLO);
        const [{ connection: first }, { connection: second }] = [
          await server.connectionFrom(silent.port),
          await server.connectionFrom(other.port),
        ];
        const closed = await Promise.all(
          [first, second].map((id) => server.first('closed', (event) => event.connection === id)),
        );
        const order = closed.toSorted((a, b) => server.events.indexOf(a) - server.events.indexOf(b));
        assert.equal(order[0]!.connection, oneAtATime ? first : second);
      },
    );

    it('tells two sockets apart that differ only in the source address', async () => {
      const first = await Client.connect(server.port, { localAddress: '127.0.0.2' });
      const second = await Client.connect(server.port, { localAddress: '127.0.0.3', localPort: first.port });
      first.send(get('/connection'));
      assert.match(
        bodyOf(await first.rest()),
        new RegExp(`\\(127\\.0\\.0\\.2, ${first.port}, 127\\.0\\.0\\.1, `),
      );
      second.send(get('/connection'));
      assert.match(
        bodyOf(await second.rest()),
        new RegExp(`\\(127\\.0\\.0\\.3, ${first.port}, 127\\.0\\.0\\.1, `),
      );
      const one = await server.connectionFrom(first.port, '127.0.0.2');
      const other = await server.connectionFrom(first.port, '127.0.0.3');
      assert.notEqual(one.connection, other.connection);
    });

    if (!oneAtATime) {
      it('answers others while a client does not read its 50 MB', async () => {
        const slow = await Client.connect(server.port);
        slow.socket.pause();
        slow.send(get('/bytes?count=50000000'));
        const { connection } = await server.connectionFrom(slow.port);
        await server.first('sent', (event) => event.connection === connection);
        assert.equal(await ask(server.port, get('/')), HELLO);
        slow.socket.resume();
        assert.equal(bodyOf(await slow.rest()).length, 50_000_000);
      });

      it('lets two requests sleep at the same time', async () => {
        const long = await Client.connect(server.port);
        const { connection } = await server.connectionFrom(long.port);
        long.send(get(LONG_SLEEP));
        await server.first('request', (event) => event.connection === connection);
        assert.match(await ask(server.port, get('/sleep?ms=20')), /Slept 20 ms/);
        assert.equal(long.text, '');
        long.reset();
      });
    }

    it('never prints what the network sent as it came', async () => {
      await ask(server.port, 'GET /\x1b[2J\x07 HTTP/1.1\r\n\r\n');
      await ask(server.port, 'GET / HTTP/1.1\r\nX: \x1b]0;owned\x07\r\n\r\n');
      const text = JSON.stringify(server.events);
      assert.equal(text.includes('\x1b'), false);
      assert.equal(text.includes('owned'), false);
    });
  });

  describe(`${model}, with flags`, () => {
    const withFlags = (more: readonly string[], use: (server: TestServer) => Promise<void>): Promise<void> =>
      withServer([...flags, ...more], use);

    it('stops while 50 connections are open, and the port can be bound again at once', async () => {
      const server = await TestServer.start([...flags, '--backlog=100', LONG_SLEEPS]);
      const clients = await Promise.all(Array.from({ length: 50 }, () => Client.connect(server.port)));
      const [sleeper] = clients;
      sleeper!.send(get(LONG_SLEEP));
      clients[1]!.send('GET / HT');
      const { connection: asleep } = await server.first('request');
      if (!oneAtATime) await server.count('accepted', PROCESSES[model] ?? 50);
      const port = server.port;
      const { status, stderr } = await server.stop('SIGINT');
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(await sleeper!.rest(), '', 'it is not told that it slept');
      assert.equal(server.all('closed').find((event) => event.connection === asleep)!.reason, 'stopping');
      for (const client of clients) client.socket.destroy();
      await Promise.all(clients.map((client) => client.closed));

      const accepted = server.all('accepted').map((event) => event.connection);
      assert.deepEqual(
        server
          .all('closed')
          .map((event) => event.connection)
          .toSorted(),
        accepted.toSorted(),
      );
      const stopped = server.all('stopped')[0]!;
      assert.equal(stopped.connections, accepted.length);
      assert.equal(stopped.eventsDropped, 0);
      assert.equal(server.events.at(-1), stopped);

      const again = await TestServer.start([...flags, `--port=${port}`]);
      assert.equal(await ask(port, get('/')), HELLO);
      await again.stop();
    });

    // The portable engine computes where signals are read: there a stop comes after the work.
    if (!portable)
      it('a stop cuts /compute?ms=10000 short, and then nobody is told that it was done', async () => {
        const server = await TestServer.start(flags);
        const client = await Client.connect(server.port);
        client.send(get('/compute?ms=10000'));
        await server.first('request');
        const { status, stderr } = await server.stop('SIGINT');
        assert.deepEqual([status, stderr], [0, '']);
        assert.equal(await client.rest(), '');
        assert.equal(server.all('closed')[0]!.reason, 'stopping');
      });

    it('--detail none tells only that it listens, and totals that equal what its clients saw', () =>
      withFlags(['--detail=none'], async (server) => {
        const replies = [];
        for (let i = 0; i < 10; i++) replies.push(await ask(server.port, get(`/bytes?count=${i * 1000}`)));
        await server.stop();
        assert.deepEqual(
          server.events.map((event) => event.event),
          ['listening', 'stopped'],
        );
        const { connections, requests, bytesIn, bytesOut, peakConnections, peakThreads } =
          server.all('stopped')[0]!;
        assert.deepEqual([connections, requests], [10, 10]);
        assert.equal(
          bytesOut,
          replies.reduce((sum, reply) => sum + reply.length, 0),
        );
        assert.equal(
          bytesIn,
          replies.reduce((sum, _, i) => sum + get(`/bytes?count=${i * 1000}`).length, 0),
        );
        assert.ok(peakConnections >= 1);
        const [least, most] = THREADS[model] ?? [1, 1];
        assert.ok(peakThreads >= least && peakThreads <= most, `${peakThreads} threads`);
      }));

    if (model === 'completion') {
      it('--detail calls tells the one call that hands in and takes out everything', () =>
        withFlags(['--detail=calls'], async (server) => {
          await ask(server.port, get('/'));
          await server.first('closed');
          const [ring] = server.all('blocked');
          const enter = server.all('call').find((event) => event.name === 'io_uring_enter')!;
          assert.equal(enter.fd, ring!.fd);
          assert.equal(
            server.all('call').filter(({ name }) => /^(accept4|recvfrom|sendto|close)$/.test(name)).length,
            0,
          );
        }));
    } else if (!portable) {
      it('--detail calls tells the calls beside the events', () =>
        withFlags(['--detail=calls'], async (server) => {
          const client = await Client.connect(server.port);
          client.send(get('/\u007f'));
          await client.rest();
          const { connection } = await server.connectionFrom(client.port);
          const { fd } = await server.first('closed', (event) => event.connection === connection);
          const close = await server.first('call', (event) => event.name === 'close' && event.fd === fd);
          assert.deepEqual(
            [close.arguments, close.result, close.errno, close.connection],
            [[`${fd}`], 0, null, connection],
          );
          const received = server.all('call').find((event) => event.name === 'recvfrom' && event.result > 0)!;
          assert.equal(received.arguments[1], '"GET /\\177 HTTP/1.1\\r\\nHost: localhost"...');
        }));
    }
  });
}

/** `evented`, or `evented:poller=poll`. */
function labelOf({ listening: { mode, variant } }: TestServer): string {
  return variant === undefined ? mode : `${mode}:${variant}`;
}

function bytesReceived(server: TestServer, connection: number): number {
  return server
    .all('received')
    .filter((event) => event.connection === connection)
    .reduce((sum, event) => sum + event.bytes, 0);
}
