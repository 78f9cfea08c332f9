// How often a loop tells the kernel what a connection waits for: only where that changes, level- or edge-triggered.
// Stands beside src/models/loop/loop.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, get } from '../../support/client.js';
import { LIMIT } from '../../support/limit.js';
import { TestServer } from '../../support/server.js';

for (const mode of ['evented', 'async']) {
  for (const [flags, reading, writing] of [
    [[], 'EPOLLIN', 'EPOLLOUT'],
    [['--edge-triggered'], 'EPOLLIN|EPOLLET', 'EPOLLOUT|EPOLLET'],
    [['--poller=poll'], 'POLLIN', 'POLLOUT'],
    [['--poller=select'], 'readfds', 'writefds'],
  ] as const) {
    test(
      `${mode} ${flags}: while a long reply is sent, interest changes once to writing and once back`,
      LIMIT,
      async (t) => {
        const server = await TestServer.start([`--mode=${mode}`, ...flags]);
        t.after(() => server.stop());
        const client = await Client.connect(server.port);
        client.socket.pause();
        client.send(get('/bytes?count=20000000'));
        await server.first('would-block', ({ call }) => call === 'send');
        client.socket.resume();
        const { connection } = await server.connectionFrom(client.port);
        const interests = (): string[] =>
          server.of(connection).flatMap((event) => (event.event === 'watching' ? [event.interest] : []));
        await client.ended;
        await server.first('watching', () => interests().length === 3); // for the end that the client still owes
        await client.rest();
        await server.first('closed');
        assert.deepEqual(interests(), [reading, writing, reading]);
      },
    );
  }
}
