// How much memory there is, and how much of it is free for a server and what runs beside it in a class.

import { freemem, totalmem } from 'node:os';
import { thisMachine } from '../models/blocking/max-threads.js';
import { type Check, type Finding, ok, warning } from './finding.js';

const MIB = 1024 ** 2;
/** Some 30 connection threads at 8 MiB each, and as much again for Node, the clients and a browser. */
const FEW = 512 * MIB;

export const memory: Check = async () => [
  explain({ total: totalmem(), usable: thisMachine().memory, free: freemem() }),
];

/** In bytes. `usable` is the machine's total, or what its control group may have of that. */
export function explain({ total, usable, free }: Record<'total' | 'usable' | 'free', number>): Finding {
  const limited = usable < total ? `, the limit of this control group on a machine of ${size(total)}` : '';
  const found = `${size(usable)}${limited}; ${size(free)} ${limited ? 'of the machine' : 'of it'} free`;
  if (Math.min(usable, free) >= FEW) return ok('memory', found);
  return warning('memory', found, 'close other programs, or give this machine more memory');
}

function size(bytes: number): string {
  const mib = bytes / MIB;
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
