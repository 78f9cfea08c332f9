// The addresses that a class can open: each is listened on, so that it is known to be this machine's.

import { ownAddresses } from '../net/own-addresses.js';
import { commandLine } from '../terminal/command-line.js';
import { type Check, ok, warning } from './finding.js';
import { tryToListen } from './listening.js';

export const addresses: Check = async () => {
  const usable: string[] = [];
  for (const { address, on } of ownAddresses()) {
    if ((await tryToListen(address, 0)) === undefined) usable.push(`${address} (${on})`);
  }
  if (usable.length === 0) {
    const advice = 'connect it to the network of the class; on this machine itself all works';
    return [warning('addresses', 'none by which other machines could reach this one', advice)];
  }
  const serve = commandLine('serve', '--host', '0.0.0.0');
  const how = `for others with \`${serve}\`, or --host :: for IPv6 too, where no firewall is in between`;
  return [ok('addresses', `${usable.join(', ')}: ${how}`)];
};
