// How many descriptors this process may have: each connection takes one.

import { type Limit, limitOf } from '../posix/process-limits.js';
import { type Check, type Finding, failing, ok, warning } from './finding.js';

/** What a server has open before the first connection, and some to spare. */
const OWN = 40;
/** Below this many connections a class of browsers may find no room, and below that not even a few. */
const FEW = 1_000;
const TOO_FEW = 50;

export const descriptors: Check = async () => {
  const limit = limitOf('Max open files');
  return limit === undefined ? [] : [explain(limit)];
};

export function explain({ soft, hard }: Limit): Finding {
  const room = Math.max(0, soft - OWN);
  const found =
    `ulimit -n is ${text(soft)}, hard limit ${text(hard)} (Node takes all of it): ` +
    `room for some ${text(room)} connections; serve takes at most 16,384 by default`;
  if (room >= FEW) return ok('descriptors', found);
  const advice = 'raise the hard limit: ulimit -Hn as root, or nofile in /etc/security/limits.conf';
  return room < TOO_FEW ? failing('descriptors', found, advice) : warning('descriptors', found, advice);
}

const text = (value: number): string => (value === Infinity ? 'unlimited' : value.toLocaleString('en'));
