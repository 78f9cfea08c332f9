// What a class has to open: the URLs by which other machines reach this server.
// For the header, and for the QR code below it.

import { type OwnAddress, ownAddresses } from '../net/own-addresses.js';
import { isAny, isLoopback, place } from '../net/place.js';

/** As many as a header has lines for; `evented-demo doctor` lists the others. */
const MOST = 4;

/** The page of a student's own connection, at each address that others may reach, the likeliest first. */
export function urlsForOthers(address: string, port: number, own: OwnAddress[] = ownAddresses()): string[] {
  if (isLoopback(address)) return [];
  const addresses = isAny(address)
    ? own.filter(({ family }) => address === '::' || family === 'IPv4').map((each) => each.address)
    : [address];
  return addresses.slice(0, MOST).map((each) => `${url(each, port)}connection`);
}

export const url = (address: string, port: number): string => `http://${place({ address, port })}/`;
