// The program's beginning: reads the command line and runs the command. The one place that turns errors into exit
// statuses.

import { CommanderError } from 'commander';
import { CliError, FAILED, WRONG_USAGE } from './errors.js';
import { createProgram, usageSentence } from './program.js';
import { tell } from './tell.js';

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
