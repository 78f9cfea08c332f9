// The commander program: the commands, and how wrong usage is told.

import { readFileSync } from 'node:fs';
import { Command, type CommanderError } from 'commander';
import { compareCommand } from './compare-command.js';
import { connectCommand } from './connect-command.js';
import { doctorCommand } from './doctor-command.js';
import { inspectCommand } from './inspect-command.js';
import { serveCommand } from './serve-command.js';
import { walkthroughCommand } from './walkthrough-command.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export function createProgram(): Command {
  const program = new Command('evented-demo')
    .description(
      'See how servers work: one small web server, with a thread per connection or with an event loop.',
    )
    .version(version)
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  evented-demo serve --mode blocking    a worker thread for each connection
  evented-demo serve --mode evented     one thread, one loop on epoll
  evented-demo compare silent           the models side by side, with the same clients
  evented-demo connect --count 10       ten clients, and their own side of it
  evented-demo inspect                  what the kernel says of the server that runs
  evented-demo walkthrough              the lessons of a course that runs
  evented-demo doctor                   whether this machine is ready for a class`,
    );
  program.addCommand(serveCommand());
  program.addCommand(connectCommand());
  program.addCommand(inspectCommand());
  program.addCommand(compareCommand());
  program.addCommand(walkthroughCommand());
  program.addCommand(doctorCommand());
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {} }); // main.ts says it, in one sentence
  }
  return program;
}

/** What commander says of wrong usage, as the one sentence that a user of this program is told. */
export function usageSentence({ code, message }: CommanderError): string {
  const found = /'([^']*)'/.exec(message)?.[1] ?? '';
  const near = /\(Did you mean (.*)\?\)/.exec(message)?.[1];
  const next = near === undefined ? 'see `evented-demo --help`.' : `did you mean ${near}?`;
  switch (code) {
    case 'commander.help':
      return 'expected a command, found none; see `evented-demo --help`.';
    case 'commander.unknownCommand':
      return `expected a command, found ${found}; ${next}`;
    case 'commander.unknownOption':
      return `expected an option of this command, found ${found}; ${next}`;
    case 'commander.optionMissingArgument':
      return `expected a value after ${found}, found none; ${next}`;
    case 'commander.excessArguments':
      return `expected options only, found a word more than ${found} takes; ${next}`;
    default:
      return `expected a command line that can be understood, found "${message.replace(/^error: /, '')}"; ${next}`;
  }
}
