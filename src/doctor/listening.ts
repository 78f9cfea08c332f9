// Listens on an address and gives it up again: what a server would meet there.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { problemOf } from './finding.js';

/** The error's name, such as EADDRINUSE; undefined where it went well. */
export async function tryToListen(address: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host: address, port, exclusive: true });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}
