// What `/compute` does: keeps a CPU busy for a while. In the loop everybody waits for it, in a thread only its client.

import type { ServerMemory } from '../lifecycle/server-memory.js';

/** Works until `clock`, in milliseconds, has gone on by so many; false where the server was to stop before. */
export function burn(milliseconds: number, memory: ServerMemory, clock: () => number): boolean {
  const end = clock() + milliseconds;
  let digest = 0;
  while (clock() < end && !memory.stopping) {
    for (let i = 0; i < 10_000; i++) digest = Math.imul(digest ^ i, 0x01000193);
  }
  return clock() >= end;
}
