// Addresses compared as addresses, however they are spelled, and written with their port.
// Used wherever it matters who can reach an address, and who has it already.

import { BlockList, isIPv4 } from 'node:net';
import { decodeSocketAddress, encodeSocketAddress, type SocketAddress } from '../posix/socket-address.js';

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function addressAndPort({ address, port }: SocketAddress): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** In a URL a zone begins with `%25`, because % alone begins an escaped character (RFC 6874). */
export const urlOf = (where: SocketAddress): string => `http://${addressAndPort(where).replace('%', '%25')}/`;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8); // RFC 1122, section 3.2.1.3
LOOPBACK.addAddress('::1', 'ipv6');

const ANY = new BlockList();
ANY.addAddress('0.0.0.0');
ANY.addAddress('::', 'ipv6');

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16); // RFC 3927
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6'); // RFC 4291

/** An IPv4 address that IPv6 carries (::ffff:127.0.0.1) is found among the IPv4 ones. */
const isIn = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

/** Of this machine alone. */
export const isLoopback = (address: string): boolean => isIn(LOOPBACK, address);

/** What a server listens on to be reached at every address of its machine. */
export const isAny = (address: string): boolean => isIn(ANY, address);

/** Of one network, with no way beyond it. */
export const isLinkLocal = (address: string): boolean => isIn(LINK_LOCAL, address);

/** `0::1` is `::1`, and `::ffff:127.0.0.1` is `127.0.0.1`. The kernel's tables leave zones out: no zone is any zone. */
export function sameAddress(one: string, other: string): boolean {
  const [a, zoneA] = one.split('%') as [string, string?];
  const [b, zoneB] = other.split('%') as [string, string?];
  return canonical(a) === canonical(b) && (zoneA ?? zoneB) === (zoneB ?? zoneA);
}

/** Whether a listener at one address keeps another from listening at the other, on the same port (bind(2), ipv6(7)). */
export function collide(one: string, other: string): boolean {
  if (sameAddress(one, other)) return true;
  const [a, b] = [one, other].map((address) => canonical(address.split('%')[0]!)) as [string, string];
  if (a === '::' || b === '::') return true; // it takes IPv4 too
  return isIPv4(a) === isIPv4(b) && (isAny(a) || isAny(b));
}

/** Of an address without a zone. */
const canonical = (address: string): string =>
  decodeSocketAddress(encodeSocketAddress({ address, port: 0 })).address;
