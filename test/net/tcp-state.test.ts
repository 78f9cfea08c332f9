// The states that the kernel tells of a 4-tuple, for each that two ends can be brought into.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { it as test } from 'node:test';
import type { FourTuple } from '../../src/net/four-tuple.js';
import type { StateOf } from '../../src/net/tcp-state.js';
import type { TcpState } from '../../src/net/tcp-states.js';
import { systemCallsUnavailable } from '../../src/posix/platform.js';
import { LIMIT } from '../support/limit.js';
import { smallServer } from '../support/small-server.js';

const skip = systemCallsUnavailable() ?? false;
const it = (title: string, behave: (stateOf: StateOf) => Promise<void>) =>
  test(title, { skip, ...LIMIT }, async () => {
    const { openTcpStates } = await import('../../src/net/tcp-state.js');
    await behave(openTcpStates()!);
  });

/** The two ends of a connection, each as its own 4-tuple: itself first. */
async function pair(address = '127.0.0.1') {
  let accept = (_: Socket): void => {};
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const server = await smallServer((socket) => accept(socket), address);
  const client = connect({ host: address, port: server.port, allowHalfOpen: true });
  await once(client, 'connect');
  const there = (await accepted).resume();
  client.resume();
  const fourTuple: FourTuple = [address, client.localPort!, address, server.port];
  const mirrored: FourTuple = [address, server.port, address, client.localPort!];
  return { server, client, there, fourTuple, mirrored };
}

async function becomes(stateOf: StateOf, fourTuple: FourTuple, state: TcpState): Promise<void> {
  while (stateOf(fourTuple) !== state) await new Promise(setImmediate);
}

for (const address of ['127.0.0.1', '::1']) {
  it(`${address}: each side has its own state, from ESTABLISHED to the end`, async (stateOf) => {
    const { server, client, there, fourTuple, mirrored } = await pair(address);
    assert.deepEqual([stateOf(fourTuple), stateOf(mirrored)], ['ESTABLISHED', 'ESTABLISHED']);
    client.end();
    await becomes(stateOf, fourTuple, 'FIN_WAIT2');
    assert.equal(stateOf(mirrored), 'CLOSE_WAIT');
    there.end();
    await becomes(stateOf, fourTuple, 'TIME_WAIT');
    await becomes(stateOf, mirrored, 'CLOSED');
    server.close();
  });
}

it('after a reset there is nothing left on either side', async (stateOf) => {
  const { server, client, fourTuple, mirrored } = await pair();
  client.resetAndDestroy();
  await becomes(stateOf, fourTuple, 'CLOSED');
  await becomes(stateOf, mirrored, 'CLOSED');
  server.close();
});

it('a listener on the source port is no connection', async (stateOf) => {
  const server = await smallServer(() => {});
  assert.equal(stateOf(['127.0.0.1', server.port, '127.0.0.1', 1]), 'CLOSED');
  server.close();
});
