// The commander program: the commands, the introduction without one, and the sentences about wrong usage.

import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { commandLine, startedAs } from '../terminal/command-line.js';
import { CliError, WRONG_USAGE } from './errors.js';
import { type Example, examples, examplesHelp, twoColumns } from './examples.js';
import { printError } from './print-error.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** In the order of --help. A command starts faster when only its own files load. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve/command.js')).serveCommand(),
  connect: async () => (await import('./connect/command.js')).connectCommand(),
  inspect: async () => (await import('./inspect/command.js')).inspectCommand(),
  watch: async () => (await import('./watch/command.js')).watchCommand(),
  grade: async () => (await import('./grade/command.js')).gradeCommand(),
  replay: async () => (await import('./replay/command.js')).replayCommand(),
  compare: async () => (await import('./compare/command.js')).compareCommand(),
  mystery: async () => (await import('./mystery/command.js')).mysteryCommand(),
  walkthrough: async () => (await import('./walkthrough/command.js')).walkthroughCommand(),
  doctor: async () => (await import('./doctor/command.js')).doctorCommand(),
};

const FIRST_STEPS: readonly Example[] = [
  [['serve'], 'one server; open the URL it prints'],
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
  [['doctor'], 'is this machine ready?'],
];

/** With the command of that name alone, or with all of them. */
export async function createProgram(name = ''): Promise<Command> {
  const commands = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
  const program = new Command(startedAs())
    .description(
      'See how servers work: one small web server, with a thread per connection or with an event loop.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .enablePositionalOptions()
    .addHelpText('after', examplesHelp(EXAMPLES))
    .hook('preAction', (_, command) => refuseFurtherArguments(command));
  for (const create of commands) program.addCommand(await create());
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Options:'))
      .allowExcessArguments() // refuseFurtherArguments() names them
      .configureOutput({
        outputError: (message) => printError(usageSentence(message, helpOf(command))),
      });
  }
  return program;
}

/** What the program prints when it is started without a command. */
export function introduction(program: Command): string {
  const commands = program.commands.map(
    (command) => [command.name(), command.summary() || command.description()] as const,
  );
  return `${program.description()}

Begin with:
${examples(FIRST_STEPS)}

All commands:
${twoColumns(commands)}

${helpOf(program)}
`;
}

/** commander would accept further arguments, or refuse them without naming them. */
function refuseFurtherArguments(command: Command): void {
  if (command.registeredArguments.at(-1)?.variadic) return;
  const extra = command.args[command.registeredArguments.length];
  if (extra === undefined) return;
  const sentence = `Unexpected argument ${JSON.stringify(extra)}. Leave it out. ${helpOf(command)}`;
  throw new CliError(sentence, WRONG_USAGE);
}

/** commander's message as a sentence of ours, and what to do. */
function usageSentence(message: string, next: string): string {
  const [, first = '', rest = '', question] =
    /^(?:error: )?(.)(.*?)\.?(?:\n\((Did you mean .*)\))?$/s.exec(message.trim()) ?? [];
  return `${first.toUpperCase()}${rest}. ${question ?? next}`;
}

function helpOf(command: Command): string {
  return command.parent === null
    ? `\`${commandLine('--help')}\` lists all commands.`
    : `\`${commandLine(command.name(), '--help')}\` lists all options.`;
}
