// The commander program: the commands, and how wrong usage is told.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { serveCommand } from './serve-command.js';

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
  evented-demo serve --mode iterative   one connection at a time`,
    );
  program.addCommand(serveCommand());
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {} }); // main.ts says it, in one sentence
  }
  return program;
}

/** Commander's message as the one sentence that a user of this program is told. */
export function usageSentence(message: string): string {
  const said = message
    .replace(/^error: /, '')
    .replace(/\n\((.*)\)$/, '; $1')
    .replace(/[.?]$/, (end) => (end === '?' ? '?' : ''));
  if (message === '(outputHelp)') return 'expected a command, found none; `evented-demo --help` lists them.';
  return `${said}${said.endsWith('?') ? '' : ';'} \`--help\` lists what is understood.`;
}
