// What `/compute` does: keeps a CPU busy for a while. In the loop all clients wait for it, in a thread only its own.

import type { ServerMemory } from '../lifecycle/server-memory.js';

/** About 0.2 ms. Reading the clock makes objects, and a thread whose heap is collected waits for V8's helpers. */
const ROUNDS = 50_000;

/** Works until `clock` has advanced by `milliseconds`; false if the server had to stop before. */
export function burn(milliseconds: number, memory: ServerMemory, clock: () => number): boolean {
  const end = clock() + milliseconds;
  let digest = 0;
  while (clock() < end && !memory.stopping) {
    for (let i = 0; i < ROUNDS; i++) digest = Math.imul(digest ^ i, 0x01000193);
  }
  return clock() >= end;
}
