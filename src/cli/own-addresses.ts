// The addresses of this machine, for the sentence that says one is none of them.

import { networkInterfaces } from 'node:os';

export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map((each) => each.address),
  );
}
