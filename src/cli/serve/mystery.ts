// `serve --mystery`: the flags that follow from its number and seed, and the fault that is hidden in the server.

import type { ServeOptions } from '../../models/options.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import type { ServeFlags } from './flags.js';

type Hidden = Pick<ServeOptions, 'hiddenFault'>;

export async function withMystery(flags: ServeFlags): Promise<{ flags: ServeFlags; hidden: Hidden }> {
  const { mystery: number, seed } = flags;
  if (number === undefined) {
    if (seed === undefined) return { flags, hidden: {} };
    throw new CliError('--seed chooses a mystery. Use it with --mystery N.', WRONG_USAGE);
  }
  const { hiddenFaultOf, mysteryOf } = await import('../../mystery/mystery.js');
  const mystery = mysteryOf(number, seed);
  return { flags: { ...flags, ...mystery.server }, hidden: { hiddenFault: hiddenFaultOf(mystery) } };
}
