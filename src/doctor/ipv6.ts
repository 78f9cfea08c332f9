// IPv6: a connection from ::1 to ::1.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { formatFourTuple } from '../net/four-tuple.js';
import { type Check, ok, PATIENCE_MS, problemOf, warning } from './finding.js';

export const ipv6: Check = async () => {
  const server = createServer((peer) => peer.destroy());
  let client: Socket | undefined;
  try {
    server.listen({ host: '::1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    client = connect({ host: '::1', port });
    await once(client, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return [ok('ipv6', `works: connected ${formatFourTuple(['::1', client.localPort ?? 0, '::1', port])}`)];
  } catch (error) {
    const advice = 'all works without it but --host :: and --host ::1';
    return [warning('ipv6', `a connection to ::1 gave ${problemOf(error)}`, advice)];
  } finally {
    client?.destroy();
    server.close();
  }
};
