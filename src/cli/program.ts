// The commander program: the commands, what it says when it is started without one, and how wrong usage is reported.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { commandLine, startedAs } from '../terminal/command-line.js';
import { compareCommand } from './compare/command.js';
import { connectCommand } from './connect/command.js';
import { doctorCommand } from './doctor/command.js';
import { CliError, WRONG_USAGE } from './errors.js';
import { inspectCommand } from './inspect/command.js';
import { printError } from './print-error.js';
import { replayCommand } from './replay/command.js';
import { serveCommand } from './serve/command.js';
import { walkthroughCommand } from './walkthrough/command.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** A command line, word by word, and what it does. */
type Example = readonly [words: readonly string[], purpose: string];

const FIRST_STEPS: readonly Example[] = [
  [['serve'], 'one server; open what it prints'],
  [['compare', 'silent'], 'two models side by side'],
  [['walkthrough', '1'], 'the first lesson of the course'],
];

const EXAMPLES: readonly Example[] = [
  [['serve', '--mode', 'blocking'], 'a thread for each connection'],
  [['serve', '--mode', 'evented'], 'one thread with an event loop'],
  [['compare', 'silent'], 'two models side by side'],
  [['connect', '--count', '10'], 'ten clients, and what they see'],
  [['inspect'], 'what the kernel says about it'],
  [['walkthrough'], 'the lessons of the course'],
  [['doctor'], 'is this machine ready for class?'],
];

export function createProgram(): Command {
  const program = new Command(startedAs())
    .description(
      'See how servers work: one small web server, with a thread per connection or with an event loop.',
    )
    .version(version)
    .enablePositionalOptions()
    .addHelpText('after', `\nExamples:\n${examples(EXAMPLES)}`)
    .hook('preAction', (_, command) => refuseFurtherArguments(command));
  program.addCommand(serveCommand());
  program.addCommand(connectCommand());
  program.addCommand(inspectCommand());
  program.addCommand(replayCommand());
  program.addCommand(compareCommand());
  program.addCommand(walkthroughCommand());
  program.addCommand(doctorCommand());
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .allowExcessArguments() // refuseFurtherArguments() names them
      .configureOutput({
        outputError: (message) => printError(usageSentence(message, helpOf(command))),
      });
  }
  return program;
}

/** What the program prints when it is started without a command. */
export function introduction(program: Command): string {
  const commands = program.commands.map((command) => [command.name(), command.summary()] as const);
  return `${program.description()}

Begin with:
${examples(FIRST_STEPS)}

All commands:
${columns(commands)}

${helpOf(program)}
`;
}

const examples = (all: readonly Example[]): string =>
  columns(all.map(([words, purpose]) => [commandLine(...words), purpose]));

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

/** commander takes any further words, or refuses them without their names. */
function refuseFurtherArguments(command: Command): void {
  const extra = command.args[command.registeredArguments.length];
  if (extra === undefined) return;
  const sentence = `Unexpected argument ${JSON.stringify(extra)}. Leave it out. ${helpOf(command)}`;
  throw new CliError(sentence, WRONG_USAGE);
}

/** commander's message as one sentence, and what to do. */
function usageSentence(message: string, next: string): string {
  const [what = '', suggestion = ''] = message.trim().replace('error: ', '').split('\n');
  const sentence = `${what[0]?.toUpperCase()}${what.slice(1)}${what.endsWith('.') ? '' : '.'}`;
  return `${sentence} ${suggestion === '' ? next : suggestion.slice(1, -1)}`; // it stands in parentheses
}

function helpOf(command: Command): string {
  const words = command.parent === null ? ['--help'] : [command.name(), '--help'];
  return `\`${commandLine(...words)}\` shows what there is.`;
}
