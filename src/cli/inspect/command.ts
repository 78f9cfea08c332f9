// `evented-demo inspect`: its flags.

import { Command } from 'commander';
import { type Example, examplesHelp } from '../examples.js';
import { formatOption, numberOption, numberUpTo, option } from '../option-values.js';
import type { InspectFlags } from './flags.js';

/** Seconds between two looks. Nobody could follow a faster one. */
const LEAST_SECONDS = 0.1;
const MOST_SECONDS = 3600;

const seconds = {
  use: `a number of seconds from ${LEAST_SECONDS} to ${MOST_SECONDS}`,
  read: (text: string) => {
    const value = numberUpTo(MOST_SECONDS).read(text);
    return value !== undefined && value >= LEAST_SECONDS ? value : undefined;
  },
};

const EXAMPLES: readonly Example[] = [
  [['inspect'], 'the one server that is running'],
  [['inspect', '--port', '8081'], 'the server on this port'],
  [['inspect', '--watch'], 'again every second, until Ctrl-C'],
];

export function inspectCommand(): Command {
  return new Command('inspect')
    .summary('show what the kernel says about a running server')
    .description('show what the kernel says about a running server: sockets, threads, interest list')
    .addOption(numberOption('--port', 'the server on this port', 1, 65_535))
    .addOption(numberOption('--pid', 'the server in this process', 1, 4_194_304))
    .addOption(
      option(
        '--watch [seconds]',
        'update every second, or at this interval, and mark what has changed',
        seconds,
      ).preset('1'),
    )
    .addOption(formatOption('json'))
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (flags: InspectFlags) => {
      const { inspect } = await import('./run.js');
      process.exitCode = await inspect(flags);
    });
}
