// `evented-demo mystery`: its flags.

import { Command, Option } from 'commander';
import { CliError, WRONG_USAGE } from '../errors.js';
import { type Example, examplesHelp } from '../examples.js';
import { argument, mysteryNumber, option, seed } from '../option-values.js';
import type { MysteryFlags } from './flags.js';

const EXAMPLES: readonly Example[] = [
  [['serve', '--mystery', '3'], 'the server to look at'],
  [['mystery', '--list'], 'what may be wrong with it'],
  [['mystery', '3', '--answer', 'small-backlog'], 'judge a diagnosis'],
  [['mystery', '3', '--solution'], 'for the teacher'],
];

export function mysteryCommand(): Command {
  return new Command('mystery')
    .summary('judge what is wrong with a server of `serve --mystery`')
    .description('judge what is wrong with a server of `serve --mystery`, and how that was found')
    .addArgument(argument('[number]', 'which mystery', mysteryNumber))
    .addOption(option('--seed <word>', 'the word that was given to serve', seed))
    .addOption(new Option('--list', 'list what may be wrong').conflicts(['answer', 'evidence']))
    .option('--answer <name>', 'what is wrong, by its name in the list')
    .option('--evidence <text>', 'what you have seen; without it you are asked')
    .addOption(
      new Option('--solution', 'for the teacher: what is wrong, and how to find it').conflicts([
        'answer',
        'evidence',
        'list',
      ]),
    )
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (number: number | undefined, flags: MysteryFlags) => {
      refuseMissing(number, flags);
      const run = await import('./run.js');
      process.exitCode = await run.mystery(number, flags);
    });
}

function refuseMissing(number: number | undefined, { seed, answer, evidence, solution }: MysteryFlags): void {
  if (evidence !== undefined && answer === undefined)
    throw new CliError('--evidence is for a diagnosis. Use it with --answer NAME.', WRONG_USAGE);
  if (number !== undefined) return;
  const given = [
    ['--answer', answer],
    ['--solution', solution],
    ['--seed', seed],
  ].find(([, value]) => value !== undefined);
  if (given !== undefined)
    throw new CliError(
      `${given[0]} needs the number of a mystery: the one that you gave to serve --mystery.`,
      WRONG_USAGE,
    );
}
