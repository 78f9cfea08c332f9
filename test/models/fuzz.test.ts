// Damaged requests on real sockets: every model answers them just as the protocol alone does, byte for byte, and goes on.
// What the protocol makes of them is in test/http.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { createHandler } from '../../src/http/handler.js';
import { Session } from '../../src/http/session.js';
import { ask, Client, get } from '../support/client.js';
import { damagedRequests } from '../support/damaged.js';
import { LIMIT } from '../support/limit.js';
import { MODELS_AND_VARIANTS } from '../support/models.js';
import { withServer } from '../support/server.js';

const SEED = Math.floor(Math.random() * 2 ** 31);
const STREAMS = fc.sample(damagedRequests, { numRuns: 40, seed: SEED });
/** Each of them takes a new process. */
const FEW = 8;

const LIMITS = { headTimeout: 0, idleTimeout: 0, sendTimeout: 0, maxHead: 16_384 };
const handle = createHandler({ keepAlive: true, maxMs: 0, maxBytes: 0 });

/** The replies to these bytes, of a session that no server is around. */
function replies(bytes: Buffer): string {
  const session = new Session({ keepOpen: false, limits: LIMITS }, handle);
  session.open();
  session.received(bytes, bytes.length);
  let text = '';
  while (session.next()) {
    session.answer(() => assert.fail('no request is for /connection'));
    while (!session.outbox.empty) {
      text += Buffer.from(session.outbox.chunk).toString('latin1');
      session.sent(session.outbox.chunk.length);
    }
    if (session.afterwards() !== 'keep') break;
  }
  return text;
}

async function exchange(port: number, bytes: Buffer): Promise<string> {
  const client = await Client.connect(port);
  client.socket.end(bytes);
  return client.rest();
}

for (const [model, flags] of Object.entries(MODELS_AND_VARIANTS)) {
  it(`${model}: answers damaged requests as the protocol does`, LIMIT, () =>
    withServer([...flags, '--keep-alive', '--detail=none'], async (server) => {
      const streams = model === 'processes' ? STREAMS.slice(0, FEW) : STREAMS;
      const answers = await Promise.all(streams.map((bytes) => exchange(server.port, bytes)));
      for (const [i, bytes] of streams.entries())
        assert.equal(answers[i], replies(bytes), `seed ${SEED}: ${JSON.stringify(bytes.toString('latin1'))}`);
      assert.match(await ask(server.port, get('/', 'Connection: close\r\n')), /Hello, world!$/);
      const { status, stderr } = await server.stop();
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(server.all('stopped')[0]!.leftOpen, 0);
    }),
  );
}
