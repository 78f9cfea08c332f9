// The program starts here: it reads the command line and runs the command.
// The one place that turns errors into exit statuses.

import { CommanderError } from 'commander';
import { shortageSentence } from '../posix/shortage.js';
import { CliError, FAILED, WRONG_USAGE } from './errors.js';
import { leave } from './leave.js';
import { printError } from './print-error.js';
import { createProgram, introduction } from './program.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return; // the reader has gone, as `| head` does
  printError(
    `Cannot write to standard output. ${shortageSentence(error) ?? `The system says ${error.code}.`}`,
  );
  process.once('exit', () => {
    process.exitCode = FAILED; // whatever the command ends with
  });
});

// An error that no command waits for, such as that of a thread or a process that could not start.
process.on('uncaughtException', (error) => {
  void leave(report(error));
});

try {
  const [, , first] = process.argv;
  const program = await createProgram(first);
  if (first !== undefined) await program.parseAsync();
  else process.stdout.write(introduction(program));
} catch (error) {
  const status = report(error);
  if (error instanceof CommanderError || error instanceof CliError) process.exitCode = status;
  else await leave(status); // what no command foresaw may have left timers and servers
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : WRONG_USAGE; // --help and --version end this way; the error was printed already
  }
  if (error instanceof CliError) {
    printError(error.message);
    return error.status;
  }
  const message = error instanceof Error ? error.message : String(error);
  printError(shortageSentence(error) ?? `Internal error: ${message}. Please report this bug.`);
  return FAILED;
}
