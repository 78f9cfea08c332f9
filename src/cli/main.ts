// The program's beginning: reads the command line and runs the command. The one place that turns errors into exit
// statuses.

import { CommanderError } from 'commander';
import { CliError, FAILED, WRONG_USAGE } from './errors.js';
import { createProgram, usageSentence } from './program.js';
import { tell } from './tell.js';

process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') return; // whoever read has gone, as `| head` does
  tell(`expected to write to standard output, found ${code}; make room or write elsewhere.`);
  process.once('exit', () => {
    process.exitCode = FAILED; // whatever the command ends with
  });
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0; // --help and --version end this way
    tell(usageSentence(error));
    return WRONG_USAGE;
  }
  if (error instanceof CliError) {
    tell(error.message);
    return error.status;
  }
  const found = error instanceof Error ? error.message : String(error);
  tell(`expected to go on and found an error in the program itself, "${found}"; please report it.`);
  return FAILED;
}
