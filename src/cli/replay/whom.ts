// Whom `--follow` means: a connection, or the client with a name, whose connections only the whole recording knows.

import { existsSync, statSync } from 'node:fs';
import { ClientNames, type Followed, type IsOther, nameFrom, othersIn } from '../../board/followed.js';
import { CliError } from '../errors.js';
import type { Recording } from './recording.js';

const NOBODY = { clientOf: () => undefined };

/** More names than these are no help. */
const MOST_NAMES = 50;

export interface Whom {
  readonly followed: Followed;
  readonly othersOf: (server: number) => IsOther;
}

/** Reads the recording where a name is `wanted`. Throws where nobody has it. */
export async function whomIn(recording: Recording, wanted: Followed): Promise<Whom> {
  if (typeof wanted !== 'string') return { followed: wanted, othersOf: () => othersIn(NOBODY, wanted) };
  const servers = await clientNames(recording);
  const names = [...new Set(servers.flatMap(({ all }) => all))];
  const followed = nameFrom(wanted, names);
  // What is wrong with a file that has no event at all is said when it is played.
  if (followed === undefined && servers.length > 0) throw nobodyIn(recording, wanted, names);
  return { followed, othersOf: (server) => othersIn(servers[server] ?? NOBODY, followed) };
}

/** Of each server. */
async function clientNames(recording: Recording): Promise<ClientNames[]> {
  const pipe = recording.files.find((file) => existsSync(file) && statSync(file).isFIFO());
  if (pipe !== undefined)
    throw new CliError(`--follow with a name reads a recording twice, but ${pipe} is a pipe. Use a file.`);
  const servers: ClientNames[] = [];
  for await (const lines of recording.read())
    for (const line of lines)
      if (line.kind === 'event') {
        servers[line.server] ??= new ClientNames();
        servers[line.server]!.take(line.event);
      }
  return servers;
}

function nobodyIn({ file }: Recording, wanted: string, names: readonly string[]): CliError {
  const nobody = `There is no client ${JSON.stringify(wanted)} in ${file}.`;
  if (names.length === 0)
    return new CliError(`${nobody} No client gave a name. Use a connection's id, such as --follow 1.`);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return new CliError(`${nobody} The names are: ${names.slice(0, MOST_NAMES).join(', ')}${more}.`);
}
