// What the pollers' figures say, in sentences.

import type { PollerName } from '../../models/options.js';
import { number } from '../../terminal/quantities.js';
import type { Claim } from '../comparison.js';
import type { PollerCell } from './result.js';

interface Growth {
  readonly from: number;
  readonly to: number;
  /** How many times the CPU time of a wait at `from` it takes at `to`. */
  readonly times: number;
}

/** From the fewest descriptors to the most that this poller can watch. */
function growthOf(poller: PollerName, cells: readonly PollerCell[]): Growth | undefined {
  const measured = cells.filter((cell) => cell.poller === poller && cell.cpuUsPerWait !== undefined);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  return {
    from: first.descriptors,
    to: last.descriptors,
    times: last.cpuUsPerWait! / first.cpuUsPerWait!,
  };
}

export function verdict(cells: readonly PollerCell[]): Claim[] {
  const claims: Claim[] = [];
  for (const poller of ['epoll', 'poll', 'select'] as const) {
    const growth = growthOf(poller, cells);
    if (growth === undefined) continue;
    const { from, to, times } = growth;
    claims.push({
      id: `${poller}-growth`,
      text: `With ${number(to)} descriptors in place of ${number(from)}, a wait of ${poller} takes ${timesText(times)} the CPU.`,
    });
  }
  if (cells.some(({ poller, cpuUsPerWait }) => poller === 'select' && cpuUsPerWait === undefined))
    claims.push({
      id: 'select-limit',
      text: 'select takes descriptors below 1,024 only (FD_SETSIZE): more than that it cannot watch at all.',
    });
  return claims;
}

const timesText = (times: number): string =>
  `${times < 9.95 ? times.toFixed(1) : number(Number(times.toPrecision(2)))} times`;
