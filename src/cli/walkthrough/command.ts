// `evented-demo walkthrough`: its flags. The rest is loaded when it is needed.

import { Command, Option } from 'commander';
import { numberOption } from '../option-values.js';
import type { WalkthroughFlags } from './flags.js';

export function walkthroughCommand(): Command {
  return new Command('walkthrough')
    .summary('a course of lessons that run the real commands')
    .description('lessons that run the real commands, with questions; without a name it lists them')
    .argument('[name]', "a walkthrough's name or number, or the path of your own file.md")
    .option('--yes', 'never pause and ask nothing')
    .option(
      '--check',
      'verify every expectation, and exit with status 1 if one fails; without a name, check all',
    )
    .option('--write', 'with --check: put the output of this run into the file, for its readers')
    .option('--restart', 'begin with the first step, not where you stopped')
    .addOption(new Option('--type', 'type the commands yourself, with hints').conflicts(['yes', 'check']))
    .addOption(
      numberOption('--port', 'the port to use in place of 8080; 0 takes a free one', 0, 65_520).default(8080),
    )
    .action(async (name: string | undefined, flags: WalkthroughFlags) => {
      const { walkthrough } = await import('./run.js');
      process.exitCode = await walkthrough(name, flags);
    });
}
