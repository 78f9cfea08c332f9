// What one client may cost the server: less where other machines can connect.

import type { Limits } from '../../models/options.js';
import { isLoopback } from '../../net/address.js';
import type { ServeFlags } from './flags.js';

interface Defaults extends Pick<Limits, 'maxConnections' | 'maxMs' | 'maxBytes'> {
  readonly timeout: number;
}

const ALONE: Defaults = { timeout: 60, maxConnections: 16_384, maxMs: 10_000, maxBytes: 100_000_000 };
const OPEN: Defaults = { timeout: 15, maxConnections: 1000, maxMs: 1000, maxBytes: 10_000_000 };

/** Both defaults, for --help. */
export const defaultText = (name: keyof Defaults): string =>
  `Default: ${ALONE[name]}, or ${OPEN[name]} when other machines can connect.`;

export function limitsOf(flags: ServeFlags, address: string): Limits {
  const defaults = isLoopback(address) ? ALONE : OPEN;
  const timeout = flags.timeout ?? (isSlowed(flags) ? 0 : defaults.timeout);
  return {
    headTimeout: flags.headTimeout ?? timeout,
    idleTimeout: flags.idleTimeout ?? timeout,
    sendTimeout: flags.sendTimeout ?? timeout,
    maxHead: flags.maxHead,
    maxConnections: flags.maxConnections ?? defaults.maxConnections,
    maxMs: flags.maxMs ?? defaults.maxMs,
    maxBytes: flags.maxBytes ?? defaults.maxBytes,
  };
}

/** Such a server can't tell a client's slowness from its own, so by default it has no time limit. */
const isSlowed = ({ pace, step }: ServeFlags): boolean => pace !== undefined || step !== undefined;

/** The limits that are lower because other machines can connect: each as the flag that changes it, with its value. */
export function loweredLimits(flags: ServeFlags, address: string): string[] {
  if (isLoopback(address)) return [];
  const { timeout, headTimeout, idleTimeout, sendTimeout } = flags;
  const isTimeoutChosen = [headTimeout, idleTimeout, sendTimeout].every((each) => each !== undefined);
  const lowered: [flag: string, chosen: boolean, value: number][] = [
    ['--timeout', timeout !== undefined || isSlowed(flags) || isTimeoutChosen, OPEN.timeout],
    ['--max-connections', flags.maxConnections !== undefined, OPEN.maxConnections],
    ['--max-ms', flags.maxMs !== undefined, OPEN.maxMs],
    ['--max-bytes', flags.maxBytes !== undefined, OPEN.maxBytes],
  ];
  return lowered.filter(([, chosen]) => !chosen).map(([flag, , value]) => `${flag} ${value}`);
}
