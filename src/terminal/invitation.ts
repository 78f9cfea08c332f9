// What a class opens: the URLs by which other machines reach this server.
// For the header, the QR code below it, and the line at the bottom of the terminal.

import { isAny, isLinkLocal, isLoopback, urlOf } from '../net/address.js';
import { type OwnAddress, ownAddresses } from '../net/own-addresses.js';
import { textWidth } from './width.js';

/** The header has no room for more; `evented-demo doctor` lists them all. */
const MOST = 4;

/**
 * The page of a student's own connection at each address that others may reach, the likeliest first. Browsers open no
 * link-local address, and each machine has its own zone for it.
 */
export function urlsForOthers(address: string, port: number, own: OwnAddress[] = ownAddresses()): string[] {
  if (isLoopback(address) || isLinkLocal(address)) return [];
  const addresses = isAny(address)
    ? own.filter(({ family }) => address === '::' || family === 'IPv4').map((each) => each.address)
    : [address];
  return addresses.slice(0, MOST).map((each) => `${urlOf({ address: each, port })}connection`);
}

/** `label` and as many URLs as fit `columns`. The first is always there. */
export function asManyAsFit(label: string, urls: readonly string[], columns: number): string {
  return urls.reduce((text, url, index) => {
    const longer = `${text}${index === 0 ? '' : ' or '}${url}`;
    return index === 0 || textWidth(longer) <= columns ? longer : text;
  }, label);
}
