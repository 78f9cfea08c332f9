// What is wrong with the zone of a link-local address: a sentence for the flags that take an address.

import { isIPv6 } from 'node:net';
import { isLinkLocal } from '../net/address.js';
import { interfaceNames } from '../posix/interfaces.js';

/** Without a zone the kernel does not know on which of its networks the address is meant (RFC 4007). */
export function zoneProblem(flag: string, address: string): string | undefined {
  if (!isIPv6(address) || !isLinkLocal(address)) return undefined;
  const zone = address.split('%')[1];
  const names = interfaceNames();
  const all = `This machine has ${names.join(', ')}.`;
  if (zone === undefined)
    return `${flag} ${address} is a link-local address. Add the interface that leads to it, as in ${address}%eth0. ${all}`;
  if (names.includes(zone) || /^\d+$/.test(zone)) return undefined;
  return `${flag} ${address} names an interface that this machine does not have. ${all}`;
}
