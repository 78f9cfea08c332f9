// --with of `compare`: the commands of servers that are not ours, their names and their ports.

import { basename } from 'node:path';
import type { OtherCommand } from '../../compare/other-server.js';
import type { Scenario } from '../../compare/scenario.js';
import type { ModelName, ServerName } from '../../models/options.js';
import { freePorts, PORT } from '../../net/free-port.js';
import { CliError, WRONG_USAGE } from '../errors.js';
import type { Reader } from '../option-values.js';

const MOST_OTHERS = 2;

/** A server that is not ours. */
export interface NamedCommand {
  readonly name: ServerName;
  readonly command: string;
}

/** `NAME=COMMAND`; a shell's variable, as in `PORT={port} ./server`, has a name without small letters. */
const NAMED = /^(?=[^=]*[a-z])([A-Za-z][\w.-]{0,19})=(.*)$/s;
/** Programs that run another one, which is the server. */
const RUNS_ANOTHER =
  /^(exec|env|nice|time|timeout|sudo|sh|bash|python[\d.]*|node|nodejs|deno|bun|run|java|ruby|perl|php|go|cargo|npx|uv|pypy3?)$/;
const LONGEST_NAME = 20;

export const withCommand: Reader<NamedCommand> = {
  use: `a command with ${PORT} where its port belongs, such as 'python3 server.py ${PORT}', or NAME=COMMAND`,
  read: (text) => {
    const [, name, command = text] = NAMED.exec(text) ?? [];
    return command.includes(PORT) ? { name: name ?? nameOf(command), command } : undefined;
  },
};

/** `server.py` of `cd server && python3 -u server.py {port}`. */
function nameOf(command: string): ServerName {
  const part = command.split(/[&|;]+/).find((each) => each.includes(PORT))!;
  const words = part.trim().split(/\s+/);
  const plain = words.filter((word) => !/^-|=|^\W+$/.test(word) && word !== PORT);
  const word = plain.find((each) => !RUNS_ANOTHER.test(basename(each))) ?? plain[0] ?? 'server';
  return (
    basename(word)
      .replace(/[^\w.-]/g, '')
      .slice(0, LONGEST_NAME) || 'server'
  );
}

export const namesOf = (modes: readonly ModelName[], others: readonly NamedCommand[]): ServerName[] => [
  ...modes,
  ...others.map(({ name }) => name),
];

/** The servers of --with, each with its port. */
export async function otherCommands(
  { with: asked = [], port = 0 }: { readonly with?: readonly NamedCommand[]; readonly port?: number },
  modes: readonly ModelName[],
  scenario: Scenario | undefined,
): Promise<OtherCommand[]> {
  if (asked.length === 0) return [];
  if (process.platform !== 'linux')
    throw new CliError('--with needs Linux: the server runs under strace. Leave it out.');
  if (asked.length > MOST_OTHERS)
    throw new CliError('--with can be given twice at most. Leave one out.', WRONG_USAGE);
  if (scenario?.kills)
    throw new CliError(
      "This scenario kills a process of each server, and knows only those of this program's models. Leave --with out.",
      WRONG_USAGE,
    );
  const names = namesOf(modes, asked);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new CliError(
      `Two servers would be called ${twice}. Name one: --with 'my-server=COMMAND'.`,
      WRONG_USAGE,
    );
  const first = port === 0 ? await freePorts(asked.length) : port + modes.length;
  if (first === undefined) throw new CliError('No port is free for --with. Choose the first with --port.');
  return asked.map((each, i) => ({ ...each, port: first + i }));
}
