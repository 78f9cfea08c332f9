// Mysteries by what is wrong with them: a test knows the fault, and looks for a number and a seed that have it.

import { MYSTERIES, type MysteryServer } from '../../src/mystery/fault.js';
import { type Mystery, mysteryOf } from '../../src/mystery/mystery.js';

/** The first one that fits, and the flags that start it. */
export function mysteryWith(
  name: string,
  fits: (mystery: Mystery) => boolean = () => true,
): Mystery & { readonly flags: string[] } {
  for (let i = 0; i < 1000; i++) {
    const seed = `test-${i}`;
    for (let number = 1; number <= MYSTERIES; number++) {
      const mystery = mysteryOf(number, seed);
      if (mystery.fault.name === name && fits(mystery))
        return { ...mystery, flags: ['--mystery', String(number), '--seed', seed] };
    }
  }
  throw new Error(`no seed gives ${name} in such a server`);
}

/** The same server without a fault, as `serve` takes it. */
export function healthy({ mode, keepAlive, edgeTriggered, workers }: MysteryServer): string[] {
  return [
    `--mode=${mode}`,
    ...(keepAlive ? ['--keep-alive'] : []),
    ...(edgeTriggered ? ['--edge-triggered'] : []),
    ...(workers === undefined ? [] : [`--workers=${workers}`]),
  ];
}
