// Rude clients in numbers cost nobody but themselves: a polite one beside them is answered, in every model.
// The rudenesses are those of test/support/rude.ts; here is what the server does meanwhile and afterwards.

import assert from 'node:assert/strict';
import { after, before, describe, it as test } from 'node:test';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS as ALL, VARIANTS } from '../support/models.js';
import { socketsOf } from '../support/proc.js';
import { beServedPolitely, RUDENESSES, type Rudeness } from '../support/rude.js';
import { TestServer } from '../support/server.js';

/** A test that waits in vain ends by itself. */
const it = (title: string, behave: () => Promise<void>) => test(title, LIMIT, behave);

/**
 * One at a time, only a time limit gets rid of a client that holds on: there it is short, and such clients are few. A pool
 * has a thread for each of them, and one more.
 */
const MODELS = {
  ...ALL,
  iterative: ['--mode=iterative', '--timeout=1'],
  // As iterative: each process serves one at a time.
  'processes, prefork': [...ALL['processes, prefork'], '--timeout=2'],
  pool: ['--mode=pool', '--threads=12'],
  'evented, select': VARIANTS['evented, select'],
  'evented, two loops': VARIANTS['evented, two loops'],
};

function howMany({ holds, heavy }: Rudeness, few: boolean): number {
  if (heavy) return 3;
  if (few) return holds ? 2 : 5;
  return 10;
}

for (const [model, flags] of Object.entries(MODELS)) {
  describe(model, () => {
    let server: TestServer;
    let socketsBefore: number[];
    before(async () => {
      server = await TestServer.start([...flags, '--keep-alive', '--backlog=1024']);
      socketsBefore = socketsOf(server.pid);
    });
    after(() => server.stop());

    for (const rudeness of RUDENESSES) {
      const number = howMany(rudeness, model === 'iterative' || model.startsWith('processes'));
      it(`answers a polite client beside ${number} that ${rudeness.what}`, async () => {
        let waiting: (() => void)[] = [];
        const turn = () => new Promise<void>((resolve) => waiting.push(resolve));
        const rude = Promise.all(Array.from({ length: number }, () => rudeness.behave(server.port, turn)));
        let gone = false;
        rude.then(
          () => (gone = true),
          () => (gone = true),
        );
        do {
          await beServedPolitely(server.port);
          const next = waiting;
          waiting = [];
          for (const resolve of next) resolve();
        } while (!gone);
        await rude;
      });
    }

    it('has closed every connection by then, holds no socket of them, and stops in order', async () => {
      // The accept queue is served in order: when this one is, the rude ones are out of it.
      const last = await Client.connect(server.port);
      last.send(get('/', 'Connection: close\r\n'));
      await last.rest();
      await server.connectionFrom(last.port);
      const ids = (name: 'accepted' | 'closed') => server.all(name).map((event) => event.connection);
      while (ids('closed').length < ids('accepted').length)
        await server.count('closed', ids('closed').length + 1);
      const byNumber = (a: number, b: number) => a - b;
      assert.deepEqual(ids('closed').toSorted(byNumber), ids('accepted').toSorted(byNumber));
      assert.deepEqual(socketsOf(server.pid), socketsBefore);

      const { status, stderr } = await server.stop();
      assert.deepEqual([status, stderr], [0, '']);
      const { connections, eventsDropped, leftOpen } = server.all('stopped')[0]!;
      assert.deepEqual([eventsDropped, leftOpen], [0, 0]);
      assert.equal(connections, ids('accepted').length);
      assert.deepEqual(server.all('skipped'), []);
    });

    it('has printed no control character that a client sent', () => {
      assert.ok(server.all('bad-request').length > 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(JSON.stringify(server.events), /[\x00-\x1f\x7f]|\\u00[01]|owned/);
      return Promise.resolve();
    });
  });
}
