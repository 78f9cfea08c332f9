// What `/compute` does: keeps a CPU busy for a while. In the loop all clients wait for it, in a thread only its own.

import type { ServerMemory } from '../lifecycle/server-memory.js';

/** Works until `clock` has advanced by `milliseconds`; false if the server had to stop before. */
export function burn(milliseconds: number, memory: ServerMemory, clock: () => number): boolean {
  const end = clock() + milliseconds;
  let digest = 0;
  while (clock() < end && !memory.stopping) {
    for (let i = 0; i < 10_000; i++) digest = Math.imul(digest ^ i, 0x01000193);
  }
  return clock() >= end;
}
