// `evented-demo grade`: its flags.

import { Command, Option } from 'commander';
import { procUnavailable, systemCallsUnavailable } from '../../posix/platform.js';
import { commandLine } from '../../terminal/command-line.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import { type Example, examplesHelp } from '../examples.js';
import type { GradeFlags } from './flags.js';

const EXAMPLES: readonly Example[] = [
  [['grade', '--', './server', '{port}'], 'all checks'],
  [['grade', '--assignment', 'week1.json', '--', './server', '{port}'], 'a course'],
  [['grade', '--print-assignment'], 'a template'],
];

export function gradeCommand(): Command {
  return new Command('grade')
    .summary('check a TCP server, for a course')
    .description('run a TCP server, in any language, and check what it does with real clients, for points')
    .argument('[command...]', 'the server, as you would start it; put -- before it, and {port} for its port')
    .passThroughOptions()
    .option('--assignment <file>', 'which checks, with which limits, for how many points: JSON')
    .addOption(
      new Option('--print-assignment', 'print an assignment with all checks, to start from').conflicts([
        'assignment',
        'only',
        'json',
        'junit',
        'record',
      ]),
    )
    .option('--only <name>', 'make this check of the assignment alone')
    .option('--json <file>', "write Gradescope's results.json; - is standard output")
    .option('--junit <file>', 'write JUnit XML')
    .option('--record <folder>', 'play each failed check again under strace, and record it')
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (command: readonly string[], flags: GradeFlags) => {
      if (flags.printAssignment) {
        const { assignmentText } = await import('../../grade/assignment.js');
        process.stdout.write(assignmentText());
        return;
      }
      refuse(command);
      const unavailable = systemCallsUnavailable() ?? procUnavailable();
      if (unavailable !== undefined) throw new CliError(`grade ${unavailable}.`);
      const { guarded } = await import('../guard.js');
      process.exitCode = await guarded(async () => (await import('./run.js')).grade(command, flags));
    });
}

function refuse(command: readonly string[]): void {
  const example = `\`${commandLine('grade', '--', './server', '{port}')}\``;
  if (command.length === 0)
    throw new CliError(`There is no server to grade. Write its command behind --: ${example}.`, WRONG_USAGE);
  if (!command.some((word) => word.includes('{port}')))
    throw new CliError(
      `The command does not say where its port goes. Write {port} in its place, as in ${example}.`,
      WRONG_USAGE,
    );
}
