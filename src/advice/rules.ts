// The table of all rules. A name is what the event `advice` has as `rule`; docs/watch.md explains each.

import type { Rule } from './rule.js';
import { BacklogFull } from './rules/backlog-full.js';
import { BusyLoop } from './rules/busy-loop.js';
import { DescriptorsPileUp } from './rules/descriptors-pile-up.js';
import { EdgeMissed } from './rules/edge-missed.js';
import { KilledBySigpipe } from './rules/killed-by-sigpipe.js';
import { NeverClosed } from './rules/never-closed.js';
import { NoReuseAddress } from './rules/no-reuse-address.js';
import { OneByteReads } from './rules/one-byte-reads.js';
import { ShortSend } from './rules/short-send.js';
import { SleepsForOne } from './rules/sleeps-for-one.js';
import { TakenForTheEnd } from './rules/taken-for-the-end.js';

export const RULES: Readonly<Record<string, () => Rule>> = {
  'never-closed': () => new NeverClosed(),
  'sleeps-for-one': () => new SleepsForOne(),
  'busy-loop': () => new BusyLoop(),
  'edge-missed': () => new EdgeMissed(),
  'short-send': () => new ShortSend(),
  'taken-for-the-end': () => new TakenForTheEnd(),
  'killed-by-sigpipe': () => new KilledBySigpipe(),
  'no-reuse-address': () => new NoReuseAddress(),
  'backlog-full': () => new BacklogFull(),
  'descriptors-pile-up': () => new DescriptorsPileUp(),
  'one-byte-reads': () => new OneByteReads(),
};
