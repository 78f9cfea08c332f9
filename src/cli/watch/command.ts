// `evented-demo watch`: its flags.

import { Command, Option } from 'commander';
import { commandLine } from '../../terminal/command-line.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { type Example, examplesHelp } from '../examples.js';
import { formatOption, numberOption, pageOption } from '../option-values.js';
import { refuseBoardWithoutTerminal } from '../steered.js';
import type { WatchFlags } from './flags.js';

const EXAMPLES: readonly Example[] = [
  [['watch', '--', './server', '8080'], 'your own server'],
  [['watch', '--board', '--', 'node', 'server.js'], 'as a picture'],
  [['watch', '--pid', '1234'], 'a server that runs already'],
];

export function watchCommand(): Command {
  return new Command('watch')
    .summary('run any TCP server and show what it does')
    .description('run any TCP server, in any language, and show what it does; it runs under strace')
    .argument('[command...]', 'the server, as you would start it; put -- before it')
    .passThroughOptions()
    .addOption(numberOption('--pid', 'watch a process that runs already', 1, 2 ** 31))
    .addOption(formatOption('ndjson'))
    .addOption(
      new Option('--board', 'a picture that stays in place; keys freeze it and turn it back').conflicts(
        'format',
      ),
    )
    .addOption(pageOption())
    .option('--record <file>', 'also write every event to a new file, as NDJSON')
    .option('--until-eof', 'also stop when standard input closes')
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (command: readonly string[], flags: WatchFlags) => {
      const target = targetOf(command, flags);
      if (flags.board) refuseBoardWithoutTerminal();
      if (process.platform !== 'linux')
        throw new CliError('watch needs Linux: it shows the system calls that strace sees there.');
      const { guarded } = await import('../guard.js');
      process.exitCode = await guarded(async () => (await import('./run.js')).watch(target, flags));
    });
}

function targetOf(command: readonly string[], { pid }: WatchFlags) {
  if (pid !== undefined && command.length > 0)
    throw new CliError(
      '--pid watches a process that runs already. Leave out --pid, or the command.',
      WRONG_USAGE,
    );
  if (pid !== undefined) return { pid };
  if (command.length > 0) return { command };
  const example = commandLine('watch', '--', './server', '8080');
  throw new CliError(
    `There is no server to watch. Write its command behind --: \`${example}\`.`,
    WRONG_USAGE,
  );
}
