// select(2) has room for the descriptors below 1,024. Beyond that a client is refused, and all others are served.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';

for (const mode of ['evented', 'async']) {
  it(`${mode}: closes a connection whose descriptor select cannot watch, and serves on`, LIMIT, async (t) => {
    const server = await TestServer.start([`--mode=${mode}`, '--poller=select', '--backlog=2048']);
    t.after(() => server.stop('SIGKILL'));
    const clients: Client[] = [];
    t.after(() => {
      for (const client of clients) client.socket.destroy();
    });
    // The server has descriptors of its own: the last of these clients are too many.
    for (let i = 0; i < 1024; i++) clients.push(await Client.connect(server.port));
    await server.count('accepted', 1024);
    await server.first('refused');
    const fds = server.all('accepted').map(({ fd }) => fd);
    assert.equal(Math.max(...fds), 1024, 'the number is free again at once');
    for (const { reason, fd } of server.all('refused'))
      assert.deepEqual([reason, fd], ['beyond-fd-setsize', 1024]);
    assert.equal(server.all('refused').length, fds.filter((fd) => fd === 1024).length);
    assert.equal(await clients.at(-1)!.rest(), '', 'closed without a byte');

    const { fourTuple } = server.all('accepted').find(({ fd }) => fd === 1023)!;
    const last = clients.find(({ port }) => port === fourTuple[1])!;
    last.send(get('/'));
    assert.match(await last.rest(), /Hello, world!$/);
    await server.first('closed', ({ fd }) => fd === 1023);
    assert.match(await ask(server.port, get('/')), /Hello, world!$/);
  });
}
