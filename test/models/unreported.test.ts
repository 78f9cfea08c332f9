// A server that nobody watches serves the same: it decides nothing by what is counted for the events.
// The program itself with a reporter that does nothing, and what the behaviour suite says that its clients see.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, get, HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS } from '../support/models.js';
import { TestServer } from '../support/server.js';
import { clientsSee } from './clients-see.js';

const NOBODY_WATCHES = [
  'env',
  `NODE_OPTIONS=--import=${new URL('../support/unreported.js', import.meta.url)}`,
];

for (const [model, flags] of Object.entries(MODELS)) {
  describe(`${model}, with nobody watching`, () => {
    clientsSee(flags, NOBODY_WATCHES);

    it('reports nothing but that it listens, and stops', LIMIT, async () => {
      const server = await TestServer.start(flags, NOBODY_WATCHES);
      assert.equal(await ask(server.port, get('/')), HELLO);
      const { status, stderr } = await server.stop();
      assert.deepEqual([status, stderr], [0, '']);
      assert.deepEqual(
        server.events.map(({ event }) => event),
        ['listening', 'stopped'],
      );
    });
  });
}
