// A loop that may watch no more sockets refuses the next connection, says why, and serves those that it has.
// strace(1) lets epoll_ctl(2) fail, in the loop's thread alone: the limit itself, fs.epoll.max_user_watches, is the user's.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { spawn } from '../support/cleanup.js';
import { ask, Client, get, HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';

const OPTIONS = { ...LIMIT, skip: missing('strace') };

/** Resolves when the loop's epoll_ctl begins to fail. The function that it gives ends that. */
async function letEpollFail(server: TestServer, error: string): Promise<() => Promise<void>> {
  const inject = ['-e', 'trace=epoll_ctl', '-e', `inject=epoll_ctl:error=${error}`, '-o', '/dev/null'];
  const strace = spawn('strace', [...inject, '-p', `${server.listening.tid}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(strace, 'close');
  await once(strace.stderr, 'data'); // "Process 4711 attached"
  return async () => {
    strace.kill('SIGINT'); // it detaches, and the thread continues
    await ended;
  };
}

for (const mode of ['evented', 'async']) {
  describe(mode, () => {
    for (const [error, reason] of [
      ['ENOSPC', 'out-of-watches'],
      ['ENOMEM', 'out-of-memory'],
    ] as const) {
      it(`refuses a connection that cannot be watched (${error}), and continues`, OPTIONS, async (t) => {
        const server = await TestServer.start([`--mode=${mode}`, '--keep-alive']);
        t.after(() => server.stop());
        const early = await Client.connect(server.port);
        early.send(get('/'));
        await early.until('Hello, world!');

        const restore = await letEpollFail(server, error);
        t.after(restore);
        const late = await Client.connect(server.port);
        assert.equal(await late.rest(), '');
        const { connection } = await server.connectionFrom(late.port);
        const closed = await server.first('closed', (event) => event.connection === connection);
        assert.equal(closed.reason, 'refused');
        assert.deepEqual(
          server.all('refused').map((event) => [event.connection, event.reason]),
          [[connection, reason]],
        );
        early.send(get('/connection', 'Connection: close\r\n'));
        assert.match(await early.rest(), /4-tuple/);

        await restore();
        assert.equal(await ask(server.port, get('/', 'Connection: close\r\n')), HELLO);
        assert.deepEqual(server.all('crashed'), []);
      });
    }
  });
}
