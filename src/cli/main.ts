// The program's beginning: reads the command line and runs the command. The one place that turns errors into exit
// statuses.

import { CommanderError } from 'commander';
import { CliError, FAILED, WRONG_USAGE } from './errors.js';
import { createProgram, introduction } from './program.js';
import { tell } from './tell.js';

process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') return; // whoever read has gone, as `| head` does
  tell(`expected to write to standard output, found ${code}; make room or write elsewhere.`);
  process.once('exit', () => {
    process.exitCode = FAILED; // whatever the command ends with
  });
});

const program = createProgram();
try {
  if (process.argv.length > 2) await program.parseAsync();
  else process.stdout.write(introduction(program));
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : WRONG_USAGE; // --help and --version end this way; what is wrong was told
  }
  if (error instanceof CliError) {
    tell(error.message);
    return error.status;
  }
  const found = error instanceof Error ? error.message : String(error);
  tell(`expected to go on and found an error in the program itself, "${found}"; please report it.`);
  return FAILED;
}
