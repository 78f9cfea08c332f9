// Network interfaces by name and by number: the zone of a link-local address (RFC 4007) is a name where people write it,
// and a number in struct sockaddr_in6. /sys is not used: it can show another network namespace than this process's.

import { networkInterfaces } from 'node:os';
import { readProc } from './proc.js';

const names = new Map<number, string>();

/** All of them, even if they are down or have no address (proc(5)). */
export function interfaceNames(): string[] {
  const inProc = Array.from(readProc('/proc/net/dev').matchAll(/^ *([^ :]+):/gm), ([, name]) => name!);
  return inProc.length > 0 ? inProc : Object.keys(networkInterfaces());
}

/** As if_nametoindex(3); undefined if it has no link-local address, so that it cannot be a zone. */
export function indexOfInterface(name: string): number | undefined {
  const scopes = (networkInterfaces()[name] ?? []).map((each) => (each.family === 'IPv6' ? each.scopeid : 0));
  return scopes.find((scope) => scope > 0);
}

/** As if_indextoname(3); the number if no name is known. Names are kept, because each link-local client asks. */
export function nameOfInterface(index: number): string {
  const known = names.get(index) ?? interfaceNames().find((name) => indexOfInterface(name) === index);
  if (known === undefined) return String(index);
  names.set(index, known);
  return known;
}
