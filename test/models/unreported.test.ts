// A server that nobody watches serves the same: it decides nothing by what is counted for the events.
// The models' own code, in this process, with a reporter that does nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ServerMemory } from '../../src/lifecycle/server-memory.js';
import type { ServeOptions } from '../../src/models/options.js';
import { SHUT_RDWR } from '../../src/posix/constants.js';
import { decodeSocketAddress, SOCKET_ADDRESS_BYTES } from '../../src/posix/socket-address.js';
import { systemCalls } from '../../src/posix/system-calls.js';
import { ask, bodyOf, Client, get, HELLO, statusOf } from '../support/client.js';

const MODELS: Record<string, { mode: ServeOptions['mode']; entry: string; edgeTriggered: boolean }> = {
  iterative: { mode: 'iterative', entry: 'blocking/iterative.js', edgeTriggered: false },
  evented: { mode: 'evented', entry: 'evented/server.js', edgeTriggered: false },
  'evented, edge-triggered': { mode: 'evented', entry: 'evented/server.js', edgeTriggered: true },
  async: { mode: 'async', entry: 'async/server.js', edgeTriggered: false },
};

const LIMITS: ServeOptions['limits'] = {
  headTimeout: 60,
  idleTimeout: 60,
  sendTimeout: 60,
  maxHead: 16_384,
  maxConnections: 100,
  maxMs: 10_000,
  maxBytes: 100_000_000,
};

/** Starts a server in a thread of this process; it ends with the test. Gives its port. */
async function start(
  t: TestContext,
  { mode, entry, edgeTriggered }: (typeof MODELS)[string],
  more: Partial<ServeOptions> = {},
): Promise<number> {
  const memory = ServerMemory.allocate(1);
  const options: ServeOptions = {
    mode,
    engine: 'system-calls',
    address: '127.0.0.1',
    port: 0,
    backlog: 100,
    keepOpen: false,
    keepAlive: false,
    maxThreads: 1,
    spareThreads: 1,
    poller: 'epoll',
    edgeTriggered,
    loops: 1,
    workers: 0,
    limits: LIMITS,
    detail: 'lifecycle',
    ...more,
  };
  const worker = new Worker(new URL('../support/unreported-thread.js', import.meta.url), {
    workerData: {
      options,
      memory: memory.size,
      shared: 0,
      name: 'unreported',
      startedAt: 0,
      entry: new URL(`../../src/models/${entry}`, import.meta.url).href,
    },
  });
  const ended = once(worker, 'exit');
  t.after(async () => {
    memory.stop();
    systemCalls.shutdown(memory.listener, SHUT_RDWR);
    await ended;
    assert.equal(memory.ofThread(0).ring.isEmpty, true, 'something was reported');
  });
  while (memory.listener < 0) await turn();
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  systemCalls.getsockname(memory.listener, address, Int32Array.of(SOCKET_ADDRESS_BYTES));
  return decodeSocketAddress(address).port;
}

for (const [name, model] of Object.entries(MODELS)) {
  describe(`${name}, with nobody watching`, { timeout: 120_000 }, () => {
    it('answers, whole or in pieces, short or long', async (t) => {
      const port = await start(t, model);
      assert.equal(await ask(port, get('/')), HELLO);
      assert.equal(statusOf(await ask(port, get('/nowhere'))), 404);
      assert.equal(statusOf(await ask(port, 'no request\r\n\r\n')), 400);
      assert.equal(bodyOf(await ask(port, get('/bytes?count=3000001'))).length, 3_000_001);
      assert.match(await ask(port, get('/sleep?ms=20')), /Slept 20 ms/);
      assert.match(await ask(port, get('/compute?ms=20')), /Computed 20 ms/);
      const client = await Client.connect(port);
      client.send('GET / HT');
      client.send('TP/1.1\n\n');
      assert.equal(await client.rest(), HELLO);
    });

    it('shows a client its own 4-tuple', async (t) => {
      const port = await start(t, model);
      const client = await Client.connect(port);
      client.send(get('/connection'));
      assert.match(
        await client.rest(),
        new RegExp(`\\(127\\.0\\.0\\.1, ${client.port}, 127\\.0\\.0\\.1, ${port}\\)`),
      );
    });

    it('answers further requests, and gives up a client that is idle', async (t) => {
      const port = await start(t, model, { keepAlive: true, limits: { ...LIMITS, idleTimeout: 0.2 } });
      const client = await Client.connect(port);
      client.send(get('/') + get('/connection') + get('/'));
      const replies = await client.rest();
      assert.equal(replies.match(/HTTP\/1\.1 200/g)?.length, 3);
    });

    it('refuses one connection too many', async (t) => {
      const port = await start(t, model, { keepOpen: true, limits: { ...LIMITS, maxConnections: 1 } });
      const first = await Client.connect(port);
      t.after(() => first.socket.destroy());
      first.send(get('/'));
      await first.until('Hello, world!');
      assert.equal(await ask(port, get('/')), '');
    });
  });
}
