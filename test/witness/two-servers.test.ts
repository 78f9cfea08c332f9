// Two servers are two processes, each with a zero of time of its own: `monotonicUs` lays their stories on one axis.
// The witness is the client, which goes from one to the other.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { Client } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';

/** When it happened, in microseconds of the clock that all processes share. */
const when = (server: TestServer, event: LifecycleEvent): number => server.listening.monotonicUs + event.at;

for (const [one, other] of [
  [['--mode=blocking'], ['--mode=evented']],
  [['--mode=iterative'], ['--mode=evented', '--engine=portable']],
] as const) {
  it(`${one} and ${other.join(' ')}: what a client does first at one and then at the other is in that order`, {
    ...LIMIT,
  }, async () => {
    const first = await TestServer.start(one);
    const second = await TestServer.start(other);
    try {
      const times: number[] = [when(first, first.listening), when(second, second.listening)];
      for (const server of [second, first, second, first]) {
        const client = await Client.connect(server.port);
        const accepted = await server.connectionFrom(client.port);
        client.socket.end();
        await client.rest();
        const closed = await server.first('closed', (event) => event.connection === accepted.connection);
        times.push(when(server, accepted), when(server, closed));
      }
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      for (const time of times) assert.ok(Number.isInteger(time) && time > 0);
      assert.ok(times.at(-1)! <= Math.ceil(Number(process.hrtime.bigint()) / 1e3), 'none lies in the future');
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  });
}
