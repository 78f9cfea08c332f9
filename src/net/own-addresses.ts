// The addresses of this machine that others may reach it by, the likeliest first.
// Used to show a class what to open, and by the doctor.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { readProc } from '../posix/proc.js';
import { isLinkLocal } from './address.js';

export interface OwnAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** The interface that has it, such as `eth0`. */
  readonly on: string;
}

/** Interfaces that lead only to containers and virtual machines on this machine. */
const INSIDE = /^(docker|br-|veth|virbr|lxc|lxd|podman|cni|vmnet|vboxnet)/;

/**
 * No loopback addresses, and no link-local ones, which a browser can't open. Those on the interface of the default route
 * come first, those that lead to containers last, and of each interface IPv4 before IPv6.
 */
export function ownAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
  outward: string | undefined = defaultRoute(),
): OwnAddress[] {
  const found = Object.entries(interfaces).flatMap(([on, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !isLinkLocal(address))
      .map(({ address, family }) => ({ address, family, on })),
  );
  const rank = ({ on, family }: OwnAddress): number =>
    (on === outward ? 0 : INSIDE.test(on) ? 4 : 2) + (family === 'IPv4' ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

/** The interface that packets for far away leave by: in the kernel's table its destination and mask are 0 (route(8)). */
export function defaultRoute(): string | undefined {
  const routes = readProc('/proc/net/route')
    .split('\n')
    .map((line) => line.split('\t'));
  return routes.find((columns) => columns[1] === '00000000' && columns[7] === '00000000')?.[0];
}

/** All of them, loopback too: for the message about a --host that is none of them. */
export function everyOwnAddress(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => address),
  );
}
