// A stop in the middle of full load: every connection is closed with an event, and the totals cover what clients got.
// The load goes on until nobody listens any more; what it is doing when the stop comes is left to chance.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS_AND_VARIANTS } from '../support/models.js';
import { TestServer } from '../support/server.js';

const TARGETS = ['/', '/bytes?count=100000', '/nowhere', '/sleep?ms=2', '/connection', '/compute?ms=1'];
/** Clients that take a new connection for each request, and clients that ask for much on one. */
const CLIENTS = [...Array(12).fill(1), ...Array(8).fill(20)] as number[];
const REPLIES_BEFORE_STOP = 200;

interface Received {
  readonly port: number;
  readonly bytes: number;
  readonly replies: number;
}

/** How many whole replies there are. */
function wholeReplies(text: string): number {
  let replies = 0;
  for (let at = 0; ; replies++) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end < 0) return replies;
    at = end + 4 + Number(/Content-Length: (\d+)/.exec(text.slice(at, end))![1]);
    if (at > text.length) return replies;
  }
}

/** Asks for one thing after the other until no connection can be had, and gives what each connection received. */
async function keepAsking(port: number, perConnection: number, onReply: () => void): Promise<Received[]> {
  const received: Received[] = [];
  for (let i = 0; ; i++) {
    const client = await Client.connect(port).catch(() => undefined);
    if (client === undefined) return received;
    let over = false;
    void client.ended.then(() => {
      over = true;
    });
    for (let asked = 1; asked <= perConnection && !over; asked++) {
      const target = TARGETS[(i + asked) % TARGETS.length]!;
      client.send(get(target, asked === perConnection ? 'Connection: close\r\n' : ''));
      while (!over && wholeReplies(client.text) < asked)
        await Promise.race([client.receive(client.text.length + 1), client.ended]);
      if (wholeReplies(client.text) === asked) onReply();
    }
    const text = await client.rest();
    received.push({ port: client.port, bytes: text.length, replies: wholeReplies(text) });
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

describe('a stop under full load leaves no connection untold, and no byte uncounted', () => {
  for (const [model, flags] of Object.entries(MODELS_AND_VARIANTS)) {
    it(model, LIMIT, async (t) => {
      const server = await TestServer.start([...flags, '--keep-alive', '--backlog=1024']);
      t.after(() => server.stop('SIGKILL'));
      let replies = 0;
      let stop: () => void;
      const enough = new Promise<void>((resolve) => {
        stop = resolve;
      });
      const onReply = (): void => {
        if (++replies === REPLIES_BEFORE_STOP) stop();
      };
      const clients = CLIENTS.map((each) => keepAsking(server.port, each, onReply));
      await enough;
      const { status, stderr } = await server.stop();
      assert.deepEqual([status, stderr], [0, '']);
      const received = (await Promise.all(clients)).flat();

      const accepted = server.all('accepted');
      const closed = server.all('closed');
      const stopped = server.all('stopped')[0]!;
      assert.equal(stopped.eventsDropped, 0);
      assert.deepEqual(
        sorted(closed.map((event) => event.connection)),
        sorted(accepted.map((event) => event.connection)),
      );

      for (const client of received) {
        if (client.bytes === 0) continue; // it may have been in the accept queue only
        const ids = accepted
          .filter((event) => event.fourTuple[1] === client.port)
          .map((event) => event.connection);
        const told = closed.find(
          (event) =>
            ids.includes(event.connection) &&
            event.bytesOut >= client.bytes &&
            event.requests >= client.replies,
        );
        assert.ok(told, `the client of port ${client.port} got ${client.bytes} bytes that were not told`);
      }

      const { connections, requests, bytesIn, bytesOut } = stopped;
      assert.deepEqual(
        { connections, requests, bytesIn, bytesOut },
        {
          connections: accepted.length,
          requests: sum(closed.map((event) => event.requests)),
          bytesIn: sum(closed.map((event) => event.bytesIn)),
          bytesOut: sum(closed.map((event) => event.bytesOut)),
        },
      );
      assert.ok(sum(received.map((client) => client.replies)) >= REPLIES_BEFORE_STOP);
      assert.ok(requests >= sum(received.map((client) => client.replies)));
      assert.ok(bytesOut >= sum(received.map((client) => client.bytes)));
    });
  }
});
