// Ports for servers that are about to start.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { readProc } from '../posix/proc.js';
import { socketsOfPort } from './tcp-table.js';

/** What stands for the port in the command of a server. */
export const PORT = '{port}';

/** Below it are the ports of well-known services. */
const LOWEST = 10_000;
const ATTEMPTS = 100;

/**
 * The first of `count` ports in a row that no socket has, not even in TIME_WAIT, and that no client of another program will be
 * given before the server takes them: below the kernel's range of those (ip(7), ip_local_port_range). Undefined: none was found.
 */
export async function freePorts(count: number): Promise<number | undefined> {
  const end = Number(readProc('/proc/sys/net/ipv4/ip_local_port_range').split('\t')[0]) - count;
  for (let attempt = 0; attempt < ATTEMPTS && end > LOWEST; attempt++) {
    const first = randomInt(LOWEST, end);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    if (ports.some((port) => socketsOfPort(port).length > 0)) continue;
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  return undefined;
}

/** Whether a server could listen there on 127.0.0.1. Whatever else is wrong with a port, that server says better. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
