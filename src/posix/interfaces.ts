// Network interfaces by name and by number, as if_nametoindex(3) and if_indextoname(3) give them: the zone of a
// link-local address (RFC 4007) is a name where people write it, and a number in struct sockaddr_in6.

import { networkInterfaces } from 'node:os';
import { listProc, readProc } from './proc.js';

const FOLDER = '/sys/class/net';
const names = new Map<number, string>();

/** All of them, those that are down and those without an address too. */
export function interfaceNames(): string[] {
  const all = listProc(FOLDER);
  return all.length > 0 ? all : Object.keys(networkInterfaces());
}

/** Undefined where there is none of this name. */
export function indexOfInterface(name: string): number | undefined {
  const index = Number(readProc(`${FOLDER}/${name}/ifindex`));
  if (index > 0) return index;
  const addresses = networkInterfaces()[name] ?? []; // of other systems than Linux
  return addresses.map((each) => (each.family === 'IPv6' ? each.scopeid : 0)).find((scope) => scope > 0);
}

/** The number where no name is known. A name once found is kept: each link-local client asks for one. */
export function nameOfInterface(index: number): string {
  const known = names.get(index) ?? interfaceNames().find((name) => indexOfInterface(name) === index);
  if (known === undefined) return String(index);
  names.set(index, known);
  return known;
}
