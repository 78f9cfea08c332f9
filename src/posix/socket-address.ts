// struct sockaddr_in (ip(7)) and sockaddr_in6 (ipv6(7)): an address and a port as the kernel reads and writes them.
// Used to bind the listener and to read who connected.

import { isIPv4, isIPv6 } from 'node:net';
import { constants } from 'node:os';
import { AF_INET, AF_INET6 } from './constants.js';
import { SystemCallError } from './errors.js';
import { indexOfInterface, nameOfInterface } from './interfaces.js';

/** Room for either structure; sockaddr_in uses the first 16 bytes. */
export const SOCKET_ADDRESS_BYTES = 28;
export const IPV4_ADDRESS_BYTES = 16;

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** The structure for a numeric address, IPv4 or IPv6 with or without a zone (`fe80::1%eth0`). */
export function encodeSocketAddress({ address, port }: SocketAddress): Uint8Array {
  const v4 = isIPv4(address);
  if (!v4 && !isIPv6(address)) throw new RangeError(`${JSON.stringify(address)} is not a numeric address`);
  const bytes = new Uint8Array(v4 ? IPV4_ADDRESS_BYTES : SOCKET_ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, v4 ? AF_INET : AF_INET6, true); // the family is in the CPU's own order
  view.setUint16(2, port); // the port in network order
  if (v4) {
    bytes.set(address.split('.').map(Number), 4);
  } else {
    const [digits, zone] = address.split('%') as [string, string?];
    bytes.set(parseIPv6(digits), 8);
    if (zone !== undefined) view.setUint32(24, scopeOf(zone), true);
  }
  return bytes;
}

/** An IPv4 address that IPv6 carries (::ffff:192.0.2.1, RFC 4291) is returned as the IPv4 address. */
export function decodeSocketAddress(bytes: Uint8Array, offset = 0): SocketAddress {
  const family = bytes[offset]! | (bytes[offset + 1]! << 8);
  const port = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
  if (family === AF_INET) return { address: formatIPv4(bytes, offset + 4), port };
  const start = offset + 8;
  if (isMappedIPv4(bytes, start)) return { address: formatIPv4(bytes, start + 12), port };
  const scope = new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset + 24, true);
  const zone = scope === 0 ? '' : `%${nameOfInterface(scope)}`;
  return { address: `${formatIPv6(bytes, start)}${zone}`, port };
}

/** Whether the structure holds "any address of this machine": 0.0.0.0 or ::, or the first as IPv6 carries it. */
export function isWildcard(bytes: Uint8Array): boolean {
  return ['0.0.0.0', '::'].includes(decodeSocketAddress(bytes).address);
}

/** Whether the 16 bytes are an IPv4 address that IPv6 carries (RFC 4291, section 2.5.5.2). */
export function isMappedIPv4(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[start + i] !== 0) return false;
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}

function formatIPv4(bytes: Uint8Array, start: number): string {
  return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`;
}

/** The text of RFC 5952, which the URL standard asks for too: lower case, and the longest run of zeros as `::`. */
const canonicalIPv6 = (text: string): string => new URL(`http://[${text}]`).hostname.slice(1, -1);

export function formatIPv6(bytes: Uint8Array, start: number): string {
  const groups: string[] = [];
  for (let i = start; i < start + 16; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return canonicalIPv6(groups.join(':'));
}

/** The 16 bytes of an IPv6 address that net.isIPv6 has accepted. */
export function parseIPv6(text: string): Uint8Array {
  const [left, right] = canonicalIPv6(text).split('::') as [string, string?];
  const head = groupsOf(left);
  const tail = right === undefined ? [] : groupsOf(right);
  const zeros = new Array<number>(8 - head.length - tail.length).fill(0);
  return Uint8Array.from([...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function scopeOf(zone: string): number {
  const index = /^\d+$/.test(zone) ? Number(zone) : indexOfInterface(zone);
  if (index === undefined) throw new SystemCallError('bind', constants.errno.EADDRNOTAVAIL);
  return index;
}
