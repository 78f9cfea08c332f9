// What the pollers' figures say, in sentences.

import { POLLERS, type PollerName } from '../../models/options.js';
import { number } from '../../terminal/quantities.js';
import type { Claim } from '../comparison.js';
import type { PollerCell } from './result.js';

/** From the fewest descriptors to the most that this poller can watch. */
function growthOf(poller: PollerName, cells: readonly PollerCell[]): Claim | undefined {
  const measured = cells.filter((cell) => cell.poller === poller && cell.cpuUsPerWait !== undefined);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const times = timesText(last.cpuUsPerWait! / first.cpuUsPerWait!);
  return {
    id: `${poller}-growth`,
    text: `With ${number(last.descriptors)} descriptors in place of ${number(first.descriptors)}, a wait of ${poller} takes ${times} the CPU.`,
  };
}

export function pollersVerdict(cells: readonly PollerCell[]): Claim[] {
  const claims = POLLERS.flatMap((poller) => growthOf(poller, cells) ?? []);
  if (cells.some(({ poller, cpuUsPerWait }) => poller === 'select' && cpuUsPerWait === undefined))
    claims.push({
      id: 'select-limit',
      text: 'select takes descriptors below 1,024 only (FD_SETSIZE): more than that it cannot watch at all.',
    });
  return claims;
}

const timesText = (times: number): string =>
  `${times < 9.95 ? times.toFixed(1) : number(Number(times.toPrecision(2)))} times`;
