// What a class has to open: the URLs by which other machines reach this server.
// For the header, and for the QR code below it.

import { isAny, isLinkLocal, isLoopback, urlOf } from '../net/address.js';
import { type OwnAddress, ownAddresses } from '../net/own-addresses.js';

/** As many as a header has lines for; `evented-demo doctor` lists the others. */
const MOST = 4;

/**
 * The page of a student's own connection, at each address that others may reach, the likeliest first. Browsers open no
 * link-local address, and its zone is another on each machine.
 */
export function urlsForOthers(address: string, port: number, own: OwnAddress[] = ownAddresses()): string[] {
  if (isLoopback(address) || isLinkLocal(address)) return [];
  const addresses = isAny(address)
    ? own.filter(({ family }) => address === '::' || family === 'IPv4').map((each) => each.address)
    : [address];
  return addresses.slice(0, MOST).map((each) => `${urlOf({ address: each, port })}connection`);
}
