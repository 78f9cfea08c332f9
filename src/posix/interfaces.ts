// Network interfaces by name and by number: the zone of a link-local address (RFC 4007) is a name where people write it,
// and a number in struct sockaddr_in6. /sys is not asked: it can show another network namespace than this process's.

import { networkInterfaces } from 'node:os';
import { readProc } from './proc.js';

const names = new Map<number, string>();

/** All of them, those that are down and those without an address too (proc(5)). */
export function interfaceNames(): string[] {
  const inProc = Array.from(readProc('/proc/net/dev').matchAll(/^ *([^ :]+):/gm), ([, name]) => name!);
  return inProc.length > 0 ? inProc : Object.keys(networkInterfaces());
}

/** As if_nametoindex(3); undefined where it has no link-local address, and so can't be a zone. */
export function indexOfInterface(name: string): number | undefined {
  const scopes = (networkInterfaces()[name] ?? []).map((each) => (each.family === 'IPv6' ? each.scopeid : 0));
  return scopes.find((scope) => scope > 0);
}

/** As if_indextoname(3); the number where no name is known. What was found is kept: each link-local client asks. */
export function nameOfInterface(index: number): string {
  const known = names.get(index) ?? interfaceNames().find((name) => indexOfInterface(name) === index);
  if (known === undefined) return String(index);
  names.set(index, known);
  return known;
}
