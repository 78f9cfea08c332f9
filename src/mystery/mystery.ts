// Which fault a mystery has, in which server, and how much of it: all of it follows from its number and its seed.

import { createHash } from 'node:crypto';
import type { HiddenFault } from '../models/options.js';
import type { Fault, MysteryServer } from './fault.js';
import { FAULTS } from './faults.js';

export interface Mystery {
  readonly number: number;
  readonly seed: string | undefined;
  readonly fault: Fault;
  readonly server: MysteryServer;
  readonly amount: number;
}

/** The same for the same number and seed, on every machine. */
export function mysteryOf(number: number, seed?: string): Mystery {
  const inOrder = FAULTS.toSorted((a, b) => lot(seed, a.name) - lot(seed, b.name));
  const fault = inOrder[number - 1]!;
  return {
    number,
    seed,
    fault,
    server: chosen(fault.servers, lot(seed, fault.name, 'server')),
    amount: chosen(fault.amounts ?? [0], lot(seed, fault.name, 'amount')),
  };
}

/** For the server's threads. */
export const hiddenFaultOf = ({ fault: { name }, amount }: Mystery): HiddenFault => ({
  name,
  amount,
  module: new URL('./faulty-calls.js', import.meta.url).href,
});

const chosen = <T>(from: readonly T[], by: number): T => from[by % from.length]!;

/** A number that looks random, and is the same for the same words. */
const lot = (...words: readonly (string | undefined)[]): number =>
  createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE();
