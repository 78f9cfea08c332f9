// All faults that a mystery may have.

import type { Fault } from './fault.js';
import { acceptsTooFew } from './faults/accepts-too-few.js';
import { blocksInLoop } from './faults/blocks-in-loop.js';
import { closesUnread } from './faults/closes-unread.js';
import { ignoresShortSend } from './faults/ignores-short-send.js';
import { leaksDescriptors } from './faults/leaks-descriptors.js';
import { leavesBytes } from './faults/leaves-bytes.js';
import { losesWakeups } from './faults/loses-wakeups.js';
import { neverCloses } from './faults/never-closes.js';
import { neverSleeps } from './faults/never-sleeps.js';
import { noReuseaddr } from './faults/no-reuseaddr.js';
import { readsInCrumbs } from './faults/reads-in-crumbs.js';
import { resetsOnClose } from './faults/resets-on-close.js';
import { sendsInTwo } from './faults/sends-in-two.js';
import { timesFromAccept } from './faults/times-from-accept.js';
import { watchesOnce } from './faults/watches-once.js';
import { watchesWritable } from './faults/watches-writable.js';

export const FAULTS: readonly Fault[] = [
  acceptsTooFew,
  blocksInLoop,
  closesUnread,
  ignoresShortSend,
  leaksDescriptors,
  leavesBytes,
  losesWakeups,
  neverCloses,
  neverSleeps,
  noReuseaddr,
  readsInCrumbs,
  resetsOnClose,
  sendsInTwo,
  timesFromAccept,
  watchesOnce,
  watchesWritable,
];
