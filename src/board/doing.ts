// What a thread does, in a few words.

import type { ThreadState } from '../lifecycle/state.js';
import { stepOf } from '../terminal/words.js';

/** `brief`: without the descriptor, which stands with its connection. */
export function doingOf({ activity }: ThreadState, brief = false): string {
  const { doing, call, fd, connection } = activity;
  const whose = connection === undefined ? '' : brief ? `, #${connection}` : ` for #${connection}`;
  switch (doing) {
    case 'working':
      return `at work${whose}`;
    case 'starting':
      return `starting${whose}`;
    case 'idle':
      return `idle in ${call}`;
    case 'ended':
      return 'ended';
    case 'stopped':
      return `stopped before ${stepOf(activity.next ?? {}, fd)}${whose}`;
    case 'asleep':
      return `asleep in ${call}${fd === undefined || brief ? '' : ` on fd ${fd}`}${whose}`;
  }
}
